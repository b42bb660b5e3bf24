"""How many people are in a zone, and whether it is open."""

from datetime import timedelta
from itertools import pairwise

import pytest

from monitor.core.events.access import AccessGranted, AccessTaken
from monitor.core.events.door import DoorLocked
from monitor.core.events.vocabulary import Direction
from monitor.core.events.zone import ZoneClosed, ZoneCount, ZoneOpened
from monitor.core.rules.model import Hold
from tests.support.engine import EngineHarness, at, fact, on, rule, rule_set


@pytest.fixture
def harness() -> EngineHarness:
    """The trial venue without rules."""
    return EngineHarness(rule_set())


def granted(seconds: float, way: Direction, point: str = "d1") -> AccessGranted:
    """A badge is granted at a door without a passage sensor."""
    return AccessGranted(at=at(seconds), point=point, direction=way)


def count(harness: EngineHarness, zone: str) -> int | None:
    """The occupancy of a zone."""
    return harness.engine.state.places.zones[zone].status.occupancy


def test_occupancy_is_unknown_at_first(harness: EngineHarness) -> None:
    """Occupancy is unknown at first, which is not the same as empty."""
    assert count(harness, "hall") is None
    assert harness.engine.state.places.zones["hall"].status.open is None


def test_a_passage_leads_from_one_zone_into_the_other(harness: EngineHarness) -> None:
    """A passage into the hall leads out of the foyer, and the count never falls below zero."""
    harness.receive(ZoneCount(at=at(0), zone="foyer", count=0))
    harness.receive(granted(1, "in"))
    harness.receive(granted(2, "in"))
    harness.receive(granted(3, "out"))
    harness.tick(10)

    assert count(harness, "hall") == 1


def test_occupancy_is_never_negative(harness: EngineHarness) -> None:
    """A person may leave without having been counted in."""
    harness.receive(granted(1, "out"))
    harness.receive(granted(2, "in"))
    harness.tick(10)

    assert (count(harness, "hall"), count(harness, "foyer")) == (1, 0)


def test_with_a_passage_sensor_a_grant_is_no_passage(harness: EngineHarness) -> None:
    """The turnstile reports each passage itself; a door without a sensor only reports grants."""
    harness.receive(AccessGranted(at=at(1), point="g1", direction="in"))
    harness.receive(AccessTaken(at=at(2), point="d1", direction="in"))
    harness.tick(5)

    assert count(harness, "foyer") is None
    assert count(harness, "hall") is None

    harness.receive(AccessTaken(at=at(6), point="g1", direction="in"))
    harness.tick(10)

    assert count(harness, "foyer") == 1


def test_without_a_direction_no_one_is_counted(harness: EngineHarness) -> None:
    """Without a direction no one is counted, because the direction is not guessed."""
    harness.receive(granted(1, "unknown"))
    harness.tick(10)

    assert count(harness, "hall") is None


def test_a_count_overrides_passages(harness: EngineHarness) -> None:
    """Where a device counts, passages are no longer added up; elsewhere they are."""
    harness.receive(granted(1, "in"))
    harness.receive(ZoneCount(at=at(2), zone="hall", count=7))
    harness.receive(granted(3, "in"))
    harness.tick(10)

    assert count(harness, "hall") == 7
    assert count(harness, "foyer") == 0


def test_the_latest_count_holds(harness: EngineHarness) -> None:
    """The latest count is the one with the latest time, not the latest arrival."""
    harness.receive(ZoneCount(at=at(10), zone="hall", count=7))
    harness.tick(20)
    harness.receive(ZoneCount(at=at(9), zone="hall", count=3), seconds=20)

    assert count(harness, "hall") == 7


def test_a_retained_event_sets_and_does_not_add(harness: EngineHarness) -> None:
    """A retained count is the state; a passage from a device's memory happened before counting began here."""
    harness.receive(ZoneCount(at=at(1), zone="hall", count=7), retained=True)
    harness.receive(AccessTaken(at=at(2), point="g1", direction="in", replay=True))
    harness.tick(10)

    assert count(harness, "hall") == 7
    assert count(harness, "foyer") is None


def test_a_zone_has_its_latest_state(harness: EngineHarness) -> None:
    """A zone is open or closed by its latest event; an older one does not change it."""
    harness.receive(ZoneOpened(at=at(1), zone="hall"))
    harness.tick(5)

    assert harness.engine.state.places.zones["hall"].status.open is True

    harness.receive(ZoneClosed(at=at(10), zone="hall"))
    harness.tick(15)
    harness.receive(ZoneOpened(at=at(9), zone="hall"), seconds=15)

    assert harness.engine.state.places.zones["hall"].status.open is False


def test_an_unknown_zone_is_not_followed(harness: EngineHarness) -> None:
    """Random zone names take no memory."""
    for n in range(20):
        harness.receive(ZoneCount(at=at(n), zone=f"z{n}", count=1))
        harness.receive(ZoneOpened(at=at(n), zone=f"y{n}"))
    harness.tick(60)

    assert harness.engine.state.places.zones.keys() == {"hall", "foyer"}


def test_zone_changes_are_recorded_at_once_then_once_a_second(harness: EngineHarness) -> None:
    """The first change is recorded at once; of several within a second, the last one is."""
    harness.tick(10)
    harness.seen.clear()
    for n in range(30):
        harness.receive(ZoneCount(at=at(20 + n / 10), zone="hall", count=n + 1))
    harness.tick(60)
    seen = [(row.at - at(0), row.status) for row in harness.zone_changes("hall")]
    counts = [state.occupancy for _, state in seen]
    gaps = [later - earlier for (earlier, _), (later, _) in pairwise(seen)]

    assert counts[0] == 1
    assert counts[-1] == 30
    assert len(counts) in (4, 5)
    assert min(gaps) >= timedelta(seconds=1)


def test_an_unchanged_zone_is_not_recorded(harness: EngineHarness) -> None:
    """The same count again records nothing."""
    harness.tick(10)
    harness.seen.clear()
    for n in range(20, 90, 10):
        harness.receive(ZoneCount(at=at(n), zone="hall", count=5))
    harness.tick(100)

    assert len(harness.zone_changes("hall")) == 1


def test_a_zone_change_includes_venue_data(harness: EngineHarness) -> None:
    """Site and capacity come from the venue file."""
    first = harness.zone_changes("hall")[0].status

    assert (first.site, first.capacity, first.occupancy, first.open) == ("centre", 10, None, None)


def test_a_late_passage_counts_as_of_now() -> None:
    """A late passage changes the present number, so it takes effect now and not in the past."""
    inside = fact("inside", "zone", set=on("zone.occupancy", where="count > 0"))
    locked = Hold(start=on("door.locked"), end=on("door.unlocked"), longer_than="0s")
    harness = EngineHarness(
        rule_set(rule(hold=locked, while_=["inside"], unknown="silent"), inside)
    )
    harness.receive(DoorLocked(at=at(100), point="e1"))
    harness.tick(200)
    harness.receive(granted(50, "in"), seconds=200)
    harness.tick(210)
    (alert,) = harness.alerts()

    assert alert.happened_at == at(198)
