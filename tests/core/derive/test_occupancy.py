"""How many people are in a zone, and whether it is open."""

from datetime import timedelta
from itertools import pairwise

import pytest

from monitor.core.events.access import AccessGranted, AccessTaken
from monitor.core.events.door import DoorLocked
from monitor.core.events.vocabulary import Direction
from monitor.core.events.zone import ZoneClosed, ZoneCount, ZoneOpened
from monitor.core.rules.model import Hold
from tests.support.engine import Stage, at, book, fact, on, rule


@pytest.fixture
def stage() -> Stage:
    """The trial venue without rules."""
    return Stage(book())


def granted(seconds: float, way: Direction, point: str = "d1") -> AccessGranted:
    """Somebody passes a door that has no passage sensor."""
    return AccessGranted(at=at(seconds), point=point, direction=way)


def count(stage: Stage, zone: str) -> int | None:
    """How many are said to be in a zone."""
    return stage.engine.state.zones[zone].standing.occupancy


def test_nobody_knows_at_first(stage: Stage) -> None:
    """Unknown is not empty."""
    assert count(stage, "hall") is None
    assert stage.engine.state.zones["hall"].standing.open is None


def test_a_passage_leads_from_one_zone_into_the_other(stage: Stage) -> None:
    """In at the hall's door is out of the foyer; nobody is fewer than nobody."""
    stage.say(ZoneCount(at=at(0), zone="foyer", count=0))
    stage.say(granted(1, "in"))
    stage.say(granted(2, "in"))
    stage.say(granted(3, "out"))
    stage.tick(10)

    assert count(stage, "hall") == 1


def test_the_floor_is_nobody(stage: Stage) -> None:
    """Somebody who went out without having come in."""
    stage.say(granted(1, "out"))
    stage.say(granted(2, "in"))
    stage.tick(10)

    assert (count(stage, "hall"), count(stage, "foyer")) == (1, 0)


def test_with_a_passage_sensor_a_grant_is_no_passage(stage: Stage) -> None:
    """The turnstile says itself who went through; the door without a sensor can only say who was let."""
    stage.say(AccessGranted(at=at(1), point="g1", direction="in"))
    stage.say(AccessTaken(at=at(2), point="d1", direction="in"))
    stage.tick(5)

    assert count(stage, "foyer") is None
    assert count(stage, "hall") is None

    stage.say(AccessTaken(at=at(6), point="g1", direction="in"))
    stage.tick(10)

    assert count(stage, "foyer") == 1


def test_without_a_direction_nobody_is_counted(stage: Stage) -> None:
    """It is not guessed."""
    stage.say(granted(1, "unknown"))
    stage.tick(10)

    assert count(stage, "hall") is None


def test_a_count_is_the_truth(stage: Stage) -> None:
    """Where a device counts, passages are not added up any more; elsewhere they are."""
    stage.say(granted(1, "in"))
    stage.say(ZoneCount(at=at(2), zone="hall", count=7))
    stage.say(granted(3, "in"))
    stage.tick(10)

    assert count(stage, "hall") == 7
    assert count(stage, "foyer") == 0


def test_the_latest_count_holds(stage: Stage) -> None:
    """Whenever it arrives."""
    stage.say(ZoneCount(at=at(10), zone="hall", count=7))
    stage.tick(20)
    stage.say(ZoneCount(at=at(9), zone="hall", count=3), seconds=20)

    assert count(stage, "hall") == 7


def test_what_was_kept_sets_and_does_not_add(stage: Stage) -> None:
    """A retained count is the state; a passage from a device's memory happened before anybody counted here."""
    stage.say(ZoneCount(at=at(1), zone="hall", count=7), retained=True)
    stage.say(AccessTaken(at=at(2), point="g1", direction="in", replay=True))
    stage.tick(10)

    assert count(stage, "hall") == 7
    assert count(stage, "foyer") is None


def test_a_zone_is_what_was_said_of_it_last(stage: Stage) -> None:
    """Open, closed, and an older word doesn't turn it back."""
    stage.say(ZoneOpened(at=at(1), zone="hall"))
    stage.tick(5)

    assert stage.engine.state.zones["hall"].standing.open is True

    stage.say(ZoneClosed(at=at(10), zone="hall"))
    stage.tick(15)
    stage.say(ZoneOpened(at=at(9), zone="hall"), seconds=15)

    assert stage.engine.state.zones["hall"].standing.open is False


def test_a_zone_that_nobody_knows_is_not_followed(stage: Stage) -> None:
    """Whoever sends names at random fills no memory with them."""
    for n in range(20):
        stage.say(ZoneCount(at=at(n), zone=f"z{n}", count=1))
        stage.say(ZoneOpened(at=at(n), zone=f"y{n}"))
    stage.tick(60)

    assert stage.engine.state.zones.keys() == {"hall", "foyer"}


def test_zones_are_written_down_at_once_then_once_a_second(stage: Stage) -> None:
    """The first change at once; of many in a second, the last."""
    stage.tick(10)
    stage.seen.clear()
    for n in range(30):
        stage.say(ZoneCount(at=at(20 + n / 10), zone="hall", count=n + 1))
    stage.tick(60)
    seen = [(row.at - at(0), row.standing) for row in stage.standings("hall")]
    counts = [standing.occupancy for _, standing in seen]
    gaps = [later - earlier for (earlier, _), (later, _) in pairwise(seen)]

    assert counts[0] == 1
    assert counts[-1] == 30
    assert len(counts) in (4, 5)
    assert min(gaps) >= timedelta(seconds=1)


def test_what_did_not_change_is_not_written_down(stage: Stage) -> None:
    """The same count again is nothing."""
    stage.tick(10)
    stage.seen.clear()
    for n in range(20, 90, 10):
        stage.say(ZoneCount(at=at(n), zone="hall", count=5))
    stage.tick(100)

    assert len(stage.standings("hall")) == 1


def test_a_standing_says_what_the_venue_knows(stage: Stage) -> None:
    """Site and capacity come from the venue file."""
    first = stage.standings("hall")[0].standing

    assert (first.site, first.capacity, first.occupancy, first.open) == ("centre", 10, None, None)


def test_a_late_passage_counts_as_of_now() -> None:
    """It adds to the present number, so who asks how many are inside learns it now, not in the past."""
    inside = fact("inside", "zone", set=on("zone.occupancy", where="count > 0"))
    locked = Hold(start=on("door.locked"), end=on("door.unlocked"), longer_than="0s")
    stage = Stage(book(rule(hold=locked, while_=["inside"], unknown="silent"), inside))
    stage.say(DoorLocked(at=at(100), point="e1"))
    stage.tick(200)
    stage.say(granted(50, "in"), seconds=200)
    stage.tick(210)
    (alert,) = stage.alerts()

    assert alert.happened_at == at(198)
