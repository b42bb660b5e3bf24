"""Which devices are heard, which zones are watched, and what a breach does to the number of people."""

from datetime import timedelta

import msgspec
import pytest

from monitor.core.events.access import AccessTaken
from monitor.core.events.device import DeviceHeartbeat, DeviceOffline
from monitor.core.events.door import DoorAlarmChanged, DoorClosed, DoorOpened
from monitor.core.events.vocabulary import DoorAlarm
from monitor.core.events.zone import ZoneCount
from monitor.core.transitions import ZoneStanding
from monitor.core.venue.model import Venue
from tests.support.engine import SHIPPED, Stage, at, book

PLAN = {
    "congress": {"id": "c", "name": "C"},
    "sites": [{"id": "centre", "name": "Centre", "kind": "venue"}],
    "zones": [
        {"id": "hall", "name": "Hall", "site": "centre", "capacity": 99, "area_m2": 99.0},
        {"id": "yard", "name": "Yard", "site": "centre", "capacity": 99, "area_m2": 99.0}
        | {"counted_by": ["camera"]},
        {"id": "attic", "name": "Attic", "site": "centre", "capacity": 9, "area_m2": 9.0},
    ],
    "devices": [
        {"id": "gateway", "silence_limit": timedelta(seconds=100)},
        {"id": "left", "gateway": "gateway", "silence_limit": timedelta(seconds=60)},
        {"id": "right", "gateway": "gateway", "silence_limit": timedelta(seconds=60)},
        {"id": "camera", "silence_limit": timedelta(seconds=60)},
    ],
    "points": [
        {"id": "d1", "name": "D1", "kind": "turnstile", "zone": "hall", "passage_sensor": True}
        | {"devices": ["left", "right"]},
        {"id": "e1", "name": "E1", "kind": "emergency_exit", "zone": "hall", "width_m": 1.5},
    ],
}


@pytest.fixture
def stage() -> Stage:
    """A hall with two readers behind a gateway, a yard with a camera, an attic with nothing."""
    return Stage(book(venue=msgspec.convert(PLAN, Venue)))


def zone(stage: Stage, name: str = "hall") -> ZoneStanding:
    """How a zone stands."""
    return stage.engine.state.zones[name].standing


def beat(stage: Stage, seconds: float, *devices: str) -> None:
    """Devices are heard."""
    stage.say(*(DeviceHeartbeat(at=at(seconds), device=name) for name in devices))


def test_nobody_watches_before_anything_was_heard(stage: Stage) -> None:
    """Not heard yet is not watched."""
    stage.tick(10)

    assert [zone(stage, name).sensing for name in ("hall", "yard", "attic")] == ["unmonitored"] * 3


def test_sensors_have_to_be_heard_all_of_them(stage: Stage) -> None:
    """All of them, some of them, none of them any more; a zone without one is never watched."""
    beat(stage, 0, "gateway", "left")
    stage.tick(10)
    some = zone(stage).sensing
    beat(stage, 20, "right", "camera")
    stage.tick(30)
    all_of_them = zone(stage).sensing
    stage.tick(83)

    assert (some, all_of_them, zone(stage).sensing) == ("partly", "monitored", "unmonitored")
    assert zone(stage, "attic").sensing == "unmonitored"


def test_what_speaks_through_a_dead_gateway_is_not_heard(stage: Stage) -> None:
    """Both readers beat no more when their gateway is gone, and their zone is blind at once, not at their limits."""
    beat(stage, 0, "gateway", "left", "right", "camera")
    stage.say(DeviceOffline(at=at(5), device="gateway"))
    stage.tick(10)

    assert zone(stage).sensing == "unmonitored"
    assert zone(stage, "yard").sensing == "monitored"

    beat(stage, 20, "gateway")
    stage.tick(30)

    assert zone(stage).sensing == "monitored"


def silent(stage: Stage) -> list[str]:
    """What is open of the rule that devices are silent."""
    return [row.key for row in stage.alerts("device-silent")]


@pytest.fixture
def shipped() -> Stage:
    """The same, with the rules that are shipped."""
    return Stage(SHIPPED.book(msgspec.convert(PLAN, Venue)))


def test_a_gateway_that_falls_silent_is_one_alert(shipped: Stage) -> None:
    """What speaks through it is missed first: it is not told before it is known whether the gateway lives."""
    beat(shipped, 0, "gateway", "left")
    beat(shipped, 10, "right")
    beat(shipped, 20, "gateway", "camera")
    shipped.tick(80)
    told = silent(shipped)
    beat(shipped, 80, "camera")
    shipped.tick(135)

    assert (told, zone(shipped).sensing) == ([], "unmonitored")
    assert silent(shipped) == ["gateway"]
    assert shipped.changes("device-silent") == ["raised"]


def test_what_is_silent_behind_a_gateway_that_lives_is_told_when_that_is_heard(
    shipped: Stage,
) -> None:
    """The next word of the gateway decides: it is the reader itself."""
    beat(shipped, 0, "gateway", "left", "right", "camera")
    beat(shipped, 40, "right", "camera")
    shipped.tick(70)
    undecided = silent(shipped)
    beat(shipped, 70, "gateway", "camera")
    shipped.tick(79)

    assert (undecided, silent(shipped)) == ([], ["left"])


def test_on_its_limit_a_device_is_in_time(stage: Stage) -> None:
    """A beat exactly when it would be missed keeps it."""
    beat(stage, 0, "camera")
    beat(stage, 60, "camera")
    stage.tick(65)

    assert zone(stage, "yard").sensing == "monitored"


def come_in(stage: Stage, seconds: float) -> None:
    """Somebody passes the turnstile."""
    stage.say(AccessTaken(at=at(seconds), point="d1", direction="in"))


def numbers(stage: Stage, name: str = "hall") -> tuple[int | None, int | None, int | None]:
    """How many people: the number, and the ends of the range."""
    row = zone(stage, name)
    return row.occupancy, row.at_least, row.at_most


def test_after_a_breach_the_number_is_a_range(stage: Stage) -> None:
    """Open: nobody knows. Closed after 2 s: 82 a minute and metre of 1.5 m are 4.1, so up to five either way."""
    for second in range(7):
        come_in(stage, second)
    stage.say(DoorOpened(at=at(10), point="e1"))
    stage.tick(11.5)
    while_open = numbers(stage)
    stage.say(DoorClosed(at=at(12), point="e1"))
    stage.tick(20)

    assert while_open == (7, 7, 7)
    assert numbers(stage) == (7, 2, 12)

    stage.say(DoorOpened(at=at(30), point="e1"))
    stage.tick(40)

    assert numbers(stage) == (7, 0, None)


def test_a_count_ends_the_doubt(stage: Stage) -> None:
    """Somebody has counted."""
    come_in(stage, 0)
    stage.say(DoorOpened(at=at(10), point="e1"))
    stage.say(ZoneCount(at=at(20), zone="hall", count=12))
    stage.say(DoorClosed(at=at(30), point="e1"))
    stage.tick(40)

    assert numbers(stage) == (12, 12, 12)


@pytest.mark.parametrize(("alarm", "most"), [("forced_open", None), ("held_open", 1)])
def test_a_forced_door_lets_people_pass_uncounted(
    stage: Stage, alarm: DoorAlarm, most: int | None
) -> None:
    """One that is held open is watched by its sensor."""
    come_in(stage, 0)
    stage.say(DoorAlarmChanged(at=at(10), point="d1", alarm=alarm))
    stage.tick(20)

    assert zone(stage).at_most == most
