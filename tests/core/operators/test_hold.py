"""`hold`: a condition that lasts, alone and together with facts."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from monitor.core.events.door import DoorClosed, DoorModeChanged, DoorOpened
from monitor.core.events.zone import ZoneOpened
from monitor.core.rules.model import Fact, Hold, Rule
from monitor.core.transitions import AlertChanged
from monitor.core.venue.model import Venue
from tests.support.engine import VENUE, Stage, at, book, fact, on, played, rule


def held(limit: str = "30s", **parts: object) -> Rule:
    """A door held open."""
    hold = Hold(start=on("door.opened"), end=on("door.closed"), longer_than=limit)
    return rule(hold=hold, **parts)


def free() -> Fact:
    """A door that is on free mode."""
    return fact(
        "free",
        "point",
        set=on("door.mode", where='mode == "unlocked"'),
        clear=on("door.mode", where='mode == "locked"'),
    )


def test_it_fires_at_the_limit_and_ends_with_the_condition() -> None:
    """Raised at the limit, not when somebody notices."""
    events = ["+0s door.opened point=d1", "+31s door.closed point=d1"]

    assert played(held(), events=events) == ["+30s raised d1", "+31s cleared d1"]


@pytest.mark.parametrize("arrives", [30, 31, 32])
def test_an_end_exactly_at_the_limit_is_in_time(arrives: int) -> None:
    """Whenever within the lateness the message comes."""
    events = ["+0s door.opened point=d1", f"+{arrives}s door.closed point=d1 at=+30s"]

    assert played(held(), events=events) == []


def test_repeated_starts_do_not_arm_it_anew() -> None:
    """The first start counts."""
    events = [f"+{n}s door.opened point=d1" for n in (0, 10, 20, 29)]

    assert played(held(), events=events) == ["+30s raised d1"]


def test_it_is_armed_again_after_its_end() -> None:
    """A second opening has the whole limit."""
    events = ["+0s door.opened point=d1", "+29s door.closed point=d1", "+40s door.opened point=d1"]

    assert played(held(), events=events) == ["+70s raised d1"]


def test_a_limit_of_nothing_fires_at_once() -> None:
    """«Longer than 0s» is the condition itself."""
    events = ["+5s door.opened point=d1", "+6s door.closed point=d1"]

    assert played(held("0s"), events=events) == ["+5s raised d1", "+6s cleared d1"]


def test_the_limit_may_stand_in_the_venue() -> None:
    """Each door has its own; one that the venue doesn't know has the default."""
    events = ["+0s door.opened point=d1", "+1s door.opened point=d99"]

    assert played(held("point.held_open_limit"), events=events) == [
        "+30s raised d1",
        "+31s raised d99",
    ]


def test_the_fact_turns_off_and_on() -> None:
    """Set free: over. Locked again: the limit begins anew, from there."""
    events = [
        "+0s  door.opened point=d1",
        "+40s door.mode point=d1 mode=unlocked",
        "+50s door.mode point=d1 mode=locked",
        "+85s door.closed point=d1",
    ]
    expected = ["+30s raised d1", "+40s cleared d1", "+80s raised d1", "+85s cleared d1"]

    assert played(held(while_=["not free"]), free(), events=events) == expected


def test_the_fact_comes_first_or_the_condition() -> None:
    """It is both together, whichever came first, and lasts from the later one."""
    mode, opened = "door.mode point=d1 mode=unlocked", "door.opened point=d1"
    together = held(while_=["free"], unknown="silent")

    assert played(together, free(), events=[f"+0s {mode}", f"+9s {opened}"]) == ["+39s raised d1"]
    assert played(together, free(), events=[f"+0s {opened}", f"+9s {mode}"]) == ["+39s raised d1"]


def test_a_fact_that_turns_off_before_the_limit_stops_the_clock() -> None:
    """Nothing is raised at the old limit."""
    events = [
        "+0s  door.opened point=d1",
        "+29s door.mode point=d1 mode=unlocked",
        "+90s door.closed point=d1",
    ]

    assert played(held(while_=["not free"]), free(), events=events) == []


def test_a_fact_about_another_door_changes_nothing() -> None:
    """Facts are by key."""
    events = ["+0s door.opened point=d1", "+9s door.mode point=d2 mode=unlocked"]

    assert played(held(while_=["not free"]), free(), events=events) == ["+30s raised d1"]


def test_a_fact_of_the_zone_speaks_of_all_its_doors() -> None:
    """The fact is by zone, the rule by door: each door of the zone begins and ends."""
    zone_open = fact("open", "zone", set=on("zone.opened"), clear=on("zone.closed"))
    by_door = held("0s", while_=["open"], unknown="silent")
    events = [
        "+0s door.opened point=d1",
        "+0s door.opened point=e1",
        "+0s door.opened point=d2",
        "+5s zone.opened zone=hall",
        "+9s zone.closed zone=hall",
    ]
    expected = ["+5s raised d1", "+5s raised e1", "+9s cleared d1", "+9s cleared e1"]

    assert played(by_door, zone_open, events=events) == expected


def test_what_was_late_gets_its_end_in_time() -> None:
    """A gateway was away for an hour: a short opening in what it sends then is no alert; a long one is, and is over."""
    stage = Stage(book(held()))
    stage.tick(3600)
    for short in (DoorOpened(at=at(0), point="d1"), DoorClosed(at=at(10), point="d1")):
        stage.say(short, seconds=3600)
    stage.tick(3700)

    assert stage.changes() == []

    for long in (DoorOpened(at=at(100), point="d1"), DoorClosed(at=at(200), point="d1")):
        stage.say(long, seconds=3700)
    raised = stage.seen[-2]

    assert stage.changes() == ["raised", "cleared"]
    assert isinstance(raised, AlertChanged)
    assert raised.alert.late
    assert raised.alert.happened_at == at(130)


def test_a_late_fact_gets_its_end_in_time() -> None:
    """A mode that comes late doesn't fire before the closing right behind it."""
    stage = Stage(book(held(while_=["free"], unknown="silent"), free()))
    stage.tick(3600)
    stage.say(DoorOpened(at=at(0), point="d1"), seconds=3600)
    stage.say(DoorModeChanged(at=at(5), point="d1", mode="unlocked"), seconds=3600)
    stage.say(DoorClosed(at=at(10), point="d1"), seconds=3600)
    stage.tick(3700)

    assert stage.changes() == []


def test_a_late_fact_counts_from_the_start_of_the_condition() -> None:
    """The fact held long before, but nobody had said so: both together last only since the door is open."""
    stage = Stage(book(held(while_=["free"], unknown="silent"), free()))
    stage.say(DoorOpened(at=at(100), point="d1"))
    stage.tick(110)
    stage.say(DoorModeChanged(at=at(0), point="d1", mode="unlocked"), seconds=110)
    stage.tick(200)

    assert stage.alerts()[0].happened_at == at(130)


def test_an_end_that_happened_before_the_start_ends_nothing() -> None:
    """A closing of before the opening, however late it comes, leaves the door open."""
    stage = Stage(book(held()))
    stage.say(DoorOpened(at=at(10), point="d1"))
    stage.tick(20)
    stage.say(DoorClosed(at=at(9), point="d1"), seconds=20)
    stage.tick(60)

    assert stage.changes() == ["raised"]


def test_of_one_instant_the_end_comes_first() -> None:
    """Closed and opened in the same second: the door may be open, and that is watched."""
    for events in (["door.opened", "door.closed"], ["door.closed", "door.opened"]):
        lines = ["+0s door.opened point=d1", *(f"+5s {kind} point=d1" for kind in events)]

        assert played(held(), events=lines) == ["+35s raised d1"]


def test_facts_of_one_instant_come_before_rules() -> None:
    """Opened and set free in the same second: free."""
    instant = held("0s", while_=["not free"])
    events = ["+5s door.opened point=d1", "+5s door.mode point=d1 mode=unlocked"]

    assert played(instant, free(), events=events) == []


def test_it_waits_for_nothing_when_all_is_over() -> None:
    """Timers of what has ended leave no trace."""
    stage = Stage(book(held(), venue=unchecked()))
    stage.say(DoorOpened(at=at(0), point="d1"))
    stage.say(DoorClosed(at=at(1), point="d1"))
    stage.say(ZoneOpened(at=at(2), zone="hall"))
    stage.tick(100)

    assert stage.engine.deadline is None
    assert stage.engine.state.keys["rule"] == {}
    assert stage.engine.state.now - stage.engine.state.turn == timedelta(seconds=2)


def test_it_may_ask_for_the_fact_of_another() -> None:
    """Held open while the zone on the other side is open: whichever came first, and whoever's zone else is open."""
    opened = fact("open", "zone", set=on("zone.opened"), clear=on("zone.closed"))
    rule = held("0s", while_=["open by outer_zone"], unknown="silent")
    events = [
        "+0s door.opened point=d1",
        "+1s zone.opened zone=hall",
        "+2s zone.opened zone=foyer",
        "+3s zone.closed zone=foyer",
        "+9s door.closed point=d1",
    ]

    assert played(rule, opened, events=events) == ["+2s raised d1", "+3s cleared d1"]


def unchecked() -> Venue:
    """The trial venue, in which nothing expires."""
    return replace(VENUE, checklists=())
