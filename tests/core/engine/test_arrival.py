"""The quick way of most events on arrival: it gives what the long way gives, or leaves the event to it."""

import pytest

from monitor.core.engine.context import Context
from monitor.core.engine.engine import Engine
from monitor.core.engine.stages.arrive import arrive, usual
from monitor.core.events import ReceivedEvent
from monitor.core.events.access import AccessGranted
from monitor.core.events.device import DeviceHeartbeat
from monitor.core.events.door import DoorOpened
from monitor.core.events.inspection import InspectionItem
from monitor.core.events.work import ReadingRecorded
from monitor.core.inputs import Tick
from tests.support.engine import RULE_SET, TOLERANCE, EngineHarness, at

HERE = "venue/centre/door/d1"
USUAL = [
    DoorOpened(at=at(60), point="d1"),
    DoorOpened(at=at(58), point="d1"),
    DoorOpened(at=at(62), point="d1"),
    AccessGranted(at=at(60), point="d1", credential="c1", holder_class="staff"),
    AccessGranted(at=at(60), point="d1", holder="h1", direction="in"),
    DeviceHeartbeat(at=at(60), device="r1"),
]
OTHERS = [
    DoorOpened(at=at(57), point="d1"),  # late
    DoorOpened(at=at(63), point="d1"),  # ahead
    DoorOpened(at=at(-400 * 86_400), point="d1"),  # a clock that was lost
    DoorOpened(at=at(60), point="d1", source_seq=7),
    DoorOpened(at=at(60), point="unheard-of"),
    AccessGranted(at=at(60), point="d1", holder_class="unheard-of"),
    InspectionItem(
        at=at(60), checklist="check", inspection="i1", item="a", result="pass", inspector="ann"
    ),
    ReadingRecorded(at=at(60), asset="a", quantity="q", value=1),
]


@pytest.fixture
def engine() -> Engine:
    """An engine after a minute."""
    harness = EngineHarness(RULE_SET)
    harness.step(Tick(received_at=at(60)))
    return harness.engine


def context_of(engine: Engine) -> Context:
    """What its stages share."""
    return engine._context  # noqa: SLF001 - as a step of the engine would call them


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("event", USUAL)
def test_the_quick_way_gives_what_the_long_way_gives(
    engine: Engine, event: ReceivedEvent, live: bool
) -> None:
    """The same event with the same time and number, at the same place."""
    context = context_of(engine)
    numbered = engine.state.time.arrivals
    quick = usual(context, event, HERE, TOLERANCE, live=live)
    engine.state.time.arrivals = numbered
    assert [quick] == list(arrive(context, event, HERE, TOLERANCE, live=live))


@pytest.mark.parametrize("event", OTHERS)
def test_whatever_more_may_follow_from_takes_the_long_way(
    engine: Engine, event: ReceivedEvent
) -> None:
    """Nothing has happened to it then: it has not even been numbered."""
    numbered = engine.state.time.arrivals
    assert usual(context_of(engine), event, HERE, TOLERANCE, live=True) is None
    assert engine.state.time.arrivals == numbered


def test_the_clock_of_a_device_becomes_right_on_the_long_way(engine: Engine) -> None:
    """There it is noticed: of a device whose clock was behind, each heartbeat may tell."""
    engine.state.devices.clocks_behind["r1"] = None
    event = DeviceHeartbeat(at=at(60), device="r1")
    assert usual(context_of(engine), event, HERE, TOLERANCE, live=True) is None


def test_what_comes_by_the_topic_of_another_site_takes_the_long_way(engine: Engine) -> None:
    """There it is refused."""
    event = DoorOpened(at=at(60), point="d1")
    assert usual(context_of(engine), event, "venue/other/door/d1", TOLERANCE, live=True) is None
