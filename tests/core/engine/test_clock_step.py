"""A step of our own clock: waits take as long as without it, and senders show which of the two clocks is right."""

from datetime import timedelta

import pytest

from monitor.core.events.device import DeviceHeartbeat
from monitor.core.events.door import DoorClosed, DoorOpened
from monitor.core.events.inspection import InspectionScheduled, InspectionSubmitted
from monitor.core.events.monitor import MonitorCaughtUp, MonitorClockStepped, MonitorStarted
from monitor.core.inputs import Notice
from monitor.core.rules.model import Absence, Hold, Match
from monitor.core.state import snapshot
from monitor.core.transitions import AlertChanged
from tests.support.engine import RULE_SET, EngineHarness, at, on, rule, rule_set

HOUR = 3600
HELD = rule(hold=Hold(start=on("door.opened"), end=on("door.closed"), longer_than="30s"))
SKEW = rule(by="source", id="skew", match=Match(of=on("monitor.clock_skew")))
STEPPED = rule(
    by="host",
    id="stepped",
    match=Match(of=on("monitor.clock_stepped"), end=on("monitor.clock_sound")),
)


def step(harness: EngineHarness, seconds: float, by: float) -> None:
    """The clock is stepped at this time, by the clock before."""
    event = MonitorClockStepped(at=at(seconds + by), host="m1", by_s=by)
    harness.step(Notice(received_at=event.at, event=event))


def harness_of() -> EngineHarness:
    """A harness with the small rules."""
    return EngineHarness(rule_set(HELD, SKEW, STEPPED))


@pytest.mark.parametrize("by", [HOUR, -HOUR, 11, -11])
@pytest.mark.parametrize("opened", [5, 15])
def test_a_door_alert_comes_in_time(by: float, opened: float) -> None:
    """A door opened before or after the step, by a correct clock, raises its alert after 30 s.

    The alert comes neither at once nor in an hour.
    """
    harness = harness_of()
    if opened < 10:
        harness.receive(DoorOpened(at=at(opened), point="d1"))
    step(harness, 10, by)
    harness.notice(MonitorCaughtUp(at=at(13 + by)))
    if opened > 10:
        harness.receive(DoorOpened(at=at(opened), point="d1"), seconds=opened + by)
    harness.tick(opened + 29 + by)

    assert harness.changes() == []

    harness.tick(opened + 33 + by)

    assert harness.changes() == ["raised"]

    harness.receive(DoorClosed(at=at(opened + 40), point="d1"), seconds=opened + 40 + by)
    harness.tick(opened + 43 + by)

    assert harness.changes() == ["raised", "cleared"]
    assert harness.alerts("skew") == []


@pytest.mark.parametrize("by", [HOUR, -HOUR])
def test_no_device_is_silent_because_our_clock_was_stepped(by: float) -> None:
    """With the shipped rules, only a device that sends nothing for its limit is reported, and that in time."""
    harness = EngineHarness(RULE_SET)
    for beat in (0, 50):
        harness.receive(DeviceHeartbeat(at=at(beat), device="r1"))
    step(harness, 60, by)
    for beat in (100, 150):
        harness.receive(DeviceHeartbeat(at=at(beat), device="r1"), seconds=beat + by)
    harness.tick(214 + by)

    assert harness.changes("device-silent") == []

    harness.tick(218 + by)

    assert harness.changes("device-silent") == ["raised"]


def test_a_step_back_to_where_it_was_ends_the_doubt() -> None:
    """The clock is in doubt between the two steps, and the alert says so."""
    harness = harness_of()
    step(harness, 10, HOUR)
    in_doubt = harness.engine.state.time.doubt
    step(harness, 20 + HOUR, -HOUR + 3)
    harness.tick(24)

    assert in_doubt is not None
    assert in_doubt.by == timedelta(hours=1)
    assert harness.engine.state.time.doubt is None
    assert harness.changes("stepped") == ["raised", "recurred", "cleared"]


@pytest.mark.parametrize("stayed", [HOUR - 3, HOUR, HOUR + 3])
def test_a_clock_that_is_set_right_ends_the_alert(stayed: float) -> None:
    """The alert began by the wrong clock, perhaps seconds ahead of the right one; it ends all the same."""
    harness = harness_of()
    step(harness, 10, HOUR)
    step(harness, 10 + HOUR + stayed, -HOUR)
    harness.tick(10 + stayed + 1)

    assert harness.changes("stepped") == ["raised", "recurred", "cleared"]
    assert harness.engine.state.alerts.stepped == {}


@pytest.mark.parametrize("by", [HOUR, -HOUR])
def test_senders_judge_the_clock_sound(by: float) -> None:
    """The doubt ends when ten messages, over a minute at least, agree with the clock after the step.

    In this case the clock was wrong before the step.
    """
    harness = harness_of()
    step(harness, 0, by)
    for n in range(1, 25):
        harness.receive(DeviceHeartbeat(at=at(5 * n + by), device="r1"))

        assert (harness.engine.state.time.doubt is None) is (5 * n >= 60)

    assert harness.changes("stepped") == ["raised", "cleared"]


@pytest.mark.parametrize("by", [HOUR, -HOUR])
def test_senders_that_contradict_keep_the_doubt(by: float) -> None:
    """While the clock is wrong, the doubt stays, however long it takes and although some device always agrees."""
    harness = harness_of()
    step(harness, 0, by)
    for n in range(1, 100):
        harness.receive(DeviceHeartbeat(at=at(5 * n), device="r1"), seconds=5 * n + by)
        harness.receive(DeviceHeartbeat(at=at(5 * n + by), device="r2"))

    assert harness.engine.state.time.doubt is not None
    assert harness.alerts("skew") == []


def test_the_doubt_survives_a_restart() -> None:
    """The doubt is in the snapshot, and a start does not change it."""
    harness = harness_of()
    step(harness, 10, HOUR)
    harness.notice(MonitorStarted(at=at(HOUR + 20), downtime_s=5))
    kept = snapshot.decode(snapshot.encode(harness.engine.state)).time.doubt

    assert kept == harness.engine.state.time.doubt
    assert kept is not None


@pytest.mark.parametrize("ticks", [(), (14,)])
def test_what_was_due_before_a_step_comes_first(ticks: tuple[float, ...]) -> None:
    """The journal keeps no tick without consequences: what follows is the same without it, whatever has a date."""
    until = Absence(after=on("inspection.scheduled"), of=on("inspection.submitted"), until="due_at")
    harness = EngineHarness(rule_set(rule(by="inspection", absence=until)))
    harness.receive(
        InspectionScheduled(at=at(0), checklist="check", inspection="i1", due_at=at(HOUR / 2))
    )
    harness.tick(5)
    harness.receive(InspectionSubmitted(at=at(10), checklist="check", inspection="i1"))
    for seconds in ticks:
        harness.tick(seconds)
    step(harness, 15, HOUR)
    harness.notice(MonitorCaughtUp(at=at(HOUR + 20)))
    harness.tick(HOUR + 30)

    assert harness.changes() == []


@pytest.mark.parametrize("by", [HOUR, -HOUR])
def test_there_and_back_is_as_without(by: float) -> None:
    """Two steps that cancel each other leave devices, the rules' memory and the timers as they were."""
    harness = EngineHarness(RULE_SET)
    for n in range(20):
        harness.receive(DoorOpened(at=at(7 * n), point="d1"))
        harness.receive(DeviceHeartbeat(at=at(7 * n + 1), device="r1"))
    harness.tick(145)
    before = snapshot.encode(harness.engine.state)
    step(harness, 145, by)
    opened = harness.alerts("clock-stepped")
    harness.engine.state.time.catching_up_until = None
    step(harness, 145 + by, -by)
    after = harness.engine.state
    after.time.catching_up_until = None

    assert [alert.severity for alert in opened] == ["critical"]
    assert shape(snapshot.decode(before)) == shape(after)
    assert not any(
        isinstance(row, AlertChanged) and row.alert.rule == "device-silent" for row in harness.seen
    )


def shape(state: object) -> object:
    """The devices, the memory of the rules, and the timers."""
    devices, rules, time = (getattr(state, name) for name in ("devices", "rules", "time"))
    kept = {rule: keys for rule, keys in rules.keys.items() if rule != "clock-stepped" and keys}
    timers = [timer.order for timer in time.timers if "clock-stepped" not in timer.order]
    return devices, kept, rules.facts, sorted(timers)
