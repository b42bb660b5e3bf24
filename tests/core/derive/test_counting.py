"""How many people are inside where badges are used again, no one is recorded leaving, or a person counts by hand."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from monitor.core.events.access import AccessGranted, AccessTaken
from monitor.core.events.door import DoorClosed, DoorOpened
from monitor.core.events.vocabulary import Direction
from monitor.core.events.zone import ZoneClosed, ZoneCount, ZoneOpened
from monitor.core.state import snapshot
from monitor.core.venue.model import Counting, Venue
from tests.support.engine import VENUE, EngineHarness, at, rule_set

HOUR = 3_600


def venue(*, exit_reader: bool = False, counting: Counting | None = None) -> Venue:
    """The trial venue, where by default no one is recorded leaving by the door of the hall."""
    points = tuple(
        replace(row, exit_reader=exit_reader) if row.id == "d1" else row for row in VENUE.points
    )
    zones = tuple(
        replace(row, counting=counting, stays=timedelta(hours=2)) if row.id == "hall" else row
        for row in VENUE.zones
    )
    return replace(VENUE, points=points, zones=zones)


def harness(*, exit_reader: bool = False, counting: Counting | None = None) -> EngineHarness:
    """An engine without rules."""
    return EngineHarness(rule_set(venue=venue(exit_reader=exit_reader, counting=counting)))


def granted(seconds: float, holder: str = "ann", way: Direction = "in") -> AccessGranted:
    """A badge is granted at the door of the hall."""
    return AccessGranted(at=at(seconds), point="d1", direction=way, holder=holder)


def inside(found: EngineHarness, zone: str = "hall") -> int | None:
    """The number of people in a zone."""
    return found.engine.state.places.zones[zone].status.occupancy


@pytest.mark.parametrize("exit_reader", [True, False])
def test_a_badge_that_is_granted_many_times_is_one_person(exit_reader: bool) -> None:
    """A person who could not open the door at once, or who left by a button, does not fill the zone."""
    found = harness(exit_reader=exit_reader)
    for n in range(50):
        found.receive(granted(n))
    found.receive(granted(60, "bob"))
    found.tick(70)

    assert inside(found) == 2


@pytest.mark.parametrize("exit_reader", [True, False])
def test_a_badge_stands_for_its_holder(exit_reader: bool) -> None:
    """Most readers report a card and no person: granted many times, it is still one person."""
    found = harness(exit_reader=exit_reader)
    for n in range(50):
        card = "c-1" if n else "c-2"
        found.receive(AccessGranted(at=at(n), point="d1", direction="in", credential=card))
    found.tick(70)

    assert inside(found) == 2


def test_who_leaves_and_enters_again_counts_again() -> None:
    """Where exits are recorded, a person who leaves and enters again is counted again."""
    found = harness(exit_reader=True)
    found.receive(granted(0))
    found.receive(granted(10, way="out"))
    found.receive(granted(20))
    found.tick(30)

    assert inside(found) == 1


def test_a_passage_sensor_counts_everyone() -> None:
    """A second person who enters with a badge that was handed on is counted too."""
    found = harness()
    for n in range(2):
        found.receive(AccessTaken(at=at(n), point="g1", direction="in", holder="ann"))
    found.tick(10)

    assert inside(found, "foyer") == 2


def test_people_count_for_their_longest_stay_where_no_one_is_recorded_leaving() -> None:
    """The longest stay of each person begins with their last entry, even across a restart from a snapshot."""
    found = harness()
    found.receive(granted(0))
    found.receive(granted(60, ""))
    found.receive(granted(HOUR, "bob"))
    found.receive(granted(1.5 * HOUR))
    found.engine.state.places = snapshot.decode(snapshot.encode(found.engine.state)).places
    seen = []
    for hours in (1.9, 2.1, 3.1, 3.6):
        found.tick(hours * HOUR)
        seen.append(inside(found))

    assert seen == [3, 2, 1, 0]


def test_where_exits_are_recorded_people_stay_until_they_leave() -> None:
    """Where exits are recorded, people count until they leave, however long they stay."""
    found = harness(exit_reader=True)
    found.receive(granted(0))
    found.tick(30 * HOUR)

    assert inside(found) == 1


def test_a_zone_may_count_no_passages() -> None:
    """A zone that counts no passages is unknown rather than wrong; counts are still used."""
    found = harness(counting="none")
    found.receive(granted(0))
    found.receive(DoorOpened(at=at(1), point="e1"))
    found.tick(10)
    assert inside(found) is None

    found.receive(ZoneCount(at=at(20), zone="hall", count=4))
    found.tick(30)
    assert inside(found) == 4


def test_passages_are_added_to_a_count_by_hand() -> None:
    """A passage is added to a count by hand even if it arrives late, unless it was before the count."""
    found = harness(exit_reader=True)
    found.receive(granted(0))
    found.receive(ZoneCount(at=at(10), zone="hall", count=7, who="officer"))
    found.receive(granted(11, "bob"))
    found.receive(granted(12, "cid"))
    found.receive(granted(13, "bob", "out"))
    found.tick(20)
    found.receive(granted(9, "dan"), seconds=20)
    found.tick(30)

    assert inside(found) == 8


def test_a_count_by_hand_replaces_those_who_may_have_left() -> None:
    """Where no one is recorded leaving, a count by hand says how many of those who entered are still inside."""
    found = harness()
    for n in range(16):
        found.receive(granted(n, f"h{n}"))
    found.receive(ZoneCount(at=at(60), zone="hall", count=8, who="officer"))
    for n in range(3):
        found.receive(granted(70 + n, "bob"))
    found.tick(80)
    counted = inside(found)
    found.tick(2 * HOUR + 30)
    later = inside(found)
    found.tick(2 * HOUR + 65)

    assert (counted, later, inside(found)) == (9, 9, 1)


def test_people_counted_by_hand_have_left_after_their_longest_stay() -> None:
    """After their longest stay, people counted by hand have left; those who have entered since have not."""
    found = harness()
    found.receive(ZoneCount(at=at(0), zone="hall", count=7, who="officer"))
    found.receive(granted(HOUR))
    found.tick(HOUR + 10)
    before = inside(found)
    found.tick(2 * HOUR + 10)

    assert (before, inside(found)) == (8, 1)


@pytest.mark.parametrize(("device", "hours", "count"), [("", 0.9, 7), ("", 1.1, 8), ("r1", 9, 7)])
def test_a_count_of_a_device_replaces_passages(device: str, hours: float, count: int) -> None:
    """A count that does not say who made it replaces passages for an hour only: it may have been made by hand."""
    found = harness(exit_reader=True)
    found.receive(ZoneCount(at=at(0), zone="hall", count=7, device=device))
    found.receive(granted(hours * HOUR))
    found.tick(hours * HOUR + 10)

    assert inside(found) == count


def limits(found: EngineHarness) -> tuple[int | None, int | None]:
    """The fewest and the most people in the hall."""
    status = found.engine.state.places.zones["hall"].status
    return status.at_least, status.at_most


def exit_was_open(found: EngineHarness) -> None:
    """One person is inside when the emergency exit is open for some seconds."""
    found.receive(granted(0))
    found.receive(DoorOpened(at=at(10), point="e1"))
    found.receive(DoorClosed(at=at(13), point="e1"))
    found.tick(20)


def test_a_doubt_lasts_as_long_as_people_may_stay() -> None:
    """An exit that was open for some seconds makes no zone uncertain for ever."""
    found = harness(exit_reader=True)
    exit_was_open(found)
    assert limits(found) == (0, 6)

    found.tick(2 * HOUR + 20)
    assert limits(found) == (1, 1)


def test_a_night_ends_a_doubt() -> None:
    """A doubt ends when the zone opens again after it has been closed for four hours."""
    found = EngineHarness(rule_set())
    exit_was_open(found)
    found.receive(ZoneClosed(at=at(60), zone="hall"))
    found.receive(ZoneOpened(at=at(5 * HOUR), zone="hall"))
    found.tick(5 * HOUR + 10)

    assert limits(found) == (1, 1)
