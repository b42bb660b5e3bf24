"""`hold`: a condition that lasts, alone and together with facts."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from monitor.core.events.door import (
    DoorClosed,
    DoorLocked,
    DoorModeChanged,
    DoorOpened,
    DoorUnlocked,
)
from monitor.core.events.zone import ZoneCount, ZoneOpened
from monitor.core.rules.model import Fact, Hold, Rule
from monitor.core.transitions import AlertChanged
from monitor.core.venue.model import Venue
from tests.support.engine import VENUE, EngineHarness, at, fact, on, played, rule, rule_set


def held(limit: str = "30s", **parts: object) -> Rule:
    """A door held open."""
    hold = Hold(start=on("door.opened"), end=on("door.closed"), longer_than=limit)
    return rule(hold=hold, **parts)


def free() -> Fact:
    """A door in free mode."""
    return fact(
        "free",
        "point",
        set=on("door.mode", where='mode == "unlocked"'),
        clear=on("door.mode", where='mode == "locked"'),
    )


def test_it_fires_at_the_limit_and_ends_with_the_condition() -> None:
    """The alert is raised at the limit, whenever the message arrives."""
    events = ["+0s door.opened point=d1", "+31s door.closed point=d1"]

    assert played(held(), events=events) == ["+30s raised d1", "+31s cleared d1"]


@pytest.mark.parametrize("arrives", [30, 31, 32])
def test_an_end_exactly_at_the_limit_is_in_time(arrives: int) -> None:
    """An end exactly at the limit is in time, whenever its message arrives within the lateness."""
    events = ["+0s door.opened point=d1", f"+{arrives}s door.closed point=d1 at=+30s"]

    assert played(held(), events=events) == []


def test_a_repeated_start_does_not_restart_it() -> None:
    """When the start is repeated, the limit counts from the first one."""
    events = [f"+{n}s door.opened point=d1" for n in (0, 10, 20, 29)]

    assert played(held(), events=events) == ["+30s raised d1"]


def test_it_starts_again_after_its_end() -> None:
    """A second opening gets the whole limit again."""
    events = ["+0s door.opened point=d1", "+29s door.closed point=d1", "+40s door.opened point=d1"]

    assert played(held(), events=events) == ["+70s raised d1"]


def test_a_limit_of_zero_fires_at_once() -> None:
    """With a limit of 0s the alert is raised as soon as the condition holds."""
    events = ["+5s door.opened point=d1", "+6s door.closed point=d1"]

    assert played(held("0s"), events=events) == ["+5s raised d1", "+6s cleared d1"]


def test_the_limit_may_come_from_the_venue() -> None:
    """Each door has its own limit; a door that is not in the venue file has the default."""
    events = ["+0s door.opened point=d1", "+1s door.opened point=d99"]

    assert played(held("point.held_open_limit"), events=events) == [
        "+30s raised d1",
        "+31s raised d99",
    ]


def test_the_fact_ends_and_restarts_it() -> None:
    """Free mode ends the alert. When the door is locked again, the limit starts anew from there."""
    events = [
        "+0s  door.opened point=d1",
        "+40s door.mode point=d1 mode=unlocked",
        "+50s door.mode point=d1 mode=locked",
        "+85s door.closed point=d1",
    ]
    expected = ["+30s raised d1", "+40s cleared d1", "+80s raised d1", "+85s cleared d1"]

    assert played(held(while_=["not free"]), free(), events=events) == expected


def test_fact_and_condition_in_either_order() -> None:
    """The hold needs both the fact and the condition, and counts from the later one."""
    mode, opened = "door.mode point=d1 mode=unlocked", "door.opened point=d1"
    together = held(while_=["free"], unknown="silent")

    assert played(together, free(), events=[f"+0s {mode}", f"+9s {opened}"]) == ["+39s raised d1"]
    assert played(together, free(), events=[f"+0s {opened}", f"+9s {mode}"]) == ["+39s raised d1"]


def test_a_fact_that_turns_off_before_the_limit_stops_the_clock() -> None:
    """If the fact turns off before the limit, nothing is raised at the old limit."""
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


def test_a_fact_of_the_zone_applies_to_all_its_doors() -> None:
    """The fact is by zone and the rule by door: the alerts of all doors in the zone are raised and cleared with it."""
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


def test_a_late_start_gets_its_end_in_time() -> None:
    """After a gateway was away for an hour, a short opening raises nothing; a long one raises an alert that is over."""
    harness = EngineHarness(rule_set(held()))
    harness.tick(3600)
    for short in (DoorOpened(at=at(0), point="d1"), DoorClosed(at=at(10), point="d1")):
        harness.receive(short, seconds=3600)
    harness.tick(3700)

    assert harness.changes() == []

    for long in (DoorOpened(at=at(100), point="d1"), DoorClosed(at=at(200), point="d1")):
        harness.receive(long, seconds=3700)
    raised = harness.seen[-2]

    assert harness.changes() == ["raised", "cleared"]
    assert isinstance(raised, AlertChanged)
    assert raised.alert.late
    assert raised.alert.happened_at == at(130)


def test_a_late_fact_gets_its_end_in_time() -> None:
    """A mode that arrives late does not raise an alert just before the closing that follows."""
    harness = EngineHarness(rule_set(held(while_=["free"], unknown="silent"), free()))
    harness.tick(3600)
    harness.receive(DoorOpened(at=at(0), point="d1"), seconds=3600)
    harness.receive(DoorModeChanged(at=at(5), point="d1", mode="unlocked"), seconds=3600)
    harness.receive(DoorClosed(at=at(10), point="d1"), seconds=3600)
    harness.tick(3700)

    assert harness.changes() == []


def test_a_late_fact_counts_from_the_start_of_the_condition() -> None:
    """The fact held long before it was reported; both together hold only since the door opened."""
    harness = EngineHarness(rule_set(held(while_=["free"], unknown="silent"), free()))
    harness.receive(DoorOpened(at=at(100), point="d1"))
    harness.tick(110)
    harness.receive(DoorModeChanged(at=at(0), point="d1", mode="unlocked"), seconds=110)
    harness.tick(200)

    assert harness.alerts()[0].happened_at == at(130)


def shut(limit: str) -> Rule:
    """An exit that is shut while people are inside: both are derived from what is received."""
    return rule(
        hold=Hold(
            start=on("door.standing", where="shut"),
            end=on("door.standing", where="not shut"),
            longer_than=limit,
        ),
        while_=["occupied"],
        unknown="silent",
    )


def occupied() -> Fact:
    """A zone with people in it."""
    return fact(
        "occupied",
        "zone",
        set=on("zone.presence", where='state == "occupied"'),
        clear=on("zone.presence", where='state == "empty"'),
    )


def late_harness(limit: str) -> EngineHarness:
    """Return an engine whose gateway has been away for an hour."""
    harness = EngineHarness(rule_set(shut(limit), occupied()))
    harness.tick(3600)
    return harness


@pytest.mark.parametrize(("limit", "raised"), [("0s", True), ("50s", True), ("70s", False)])
@pytest.mark.parametrize("apart", [0, 0.5])
def test_a_derived_condition_that_came_late_is_as_long_as_it_was(
    limit: str, raised: bool, apart: float
) -> None:
    """An exit was locked for a minute with people inside, and both messages came together an hour later."""
    harness = late_harness(limit)
    harness.receive(ZoneCount(at=at(0), zone="hall", count=3), seconds=3600)
    harness.receive(DoorLocked(at=at(10), point="e1"), seconds=3600)
    harness.receive(DoorUnlocked(at=at(70), point="e1"), seconds=3600 + apart)
    harness.tick(4000)

    assert harness.changes() == (["raised", "cleared"] if raised else [])


@pytest.mark.parametrize(("limit", "raised"), [("0s", True), ("50s", True), ("70s", False)])
def test_a_derived_fact_that_came_late_lasted_as_long_as_it_did(limit: str, raised: bool) -> None:
    """People were behind a locked exit for a minute, and all messages came together an hour later."""
    harness = late_harness(limit)
    harness.receive(DoorLocked(at=at(0), point="e1"), seconds=3600)
    harness.receive(ZoneCount(at=at(10), zone="hall", count=3), seconds=3600)
    harness.receive(ZoneCount(at=at(70), zone="hall", count=0), seconds=3600)
    harness.tick(4000)

    assert harness.changes() == (["raised", "cleared"] if raised else [])


def test_an_end_before_the_start_ends_nothing() -> None:
    """A closing from before the opening, however late it arrives, leaves the door open."""
    harness = EngineHarness(rule_set(held()))
    harness.receive(DoorOpened(at=at(10), point="d1"))
    harness.tick(20)
    harness.receive(DoorClosed(at=at(9), point="d1"), seconds=20)
    harness.tick(60)

    assert harness.changes() == ["raised"]


def test_at_one_instant_the_end_comes_first() -> None:
    """A door closed and opened in the same second may be open, so it is watched."""
    for events in (["door.opened", "door.closed"], ["door.closed", "door.opened"]):
        lines = ["+0s door.opened point=d1", *(f"+5s {kind} point=d1" for kind in events)]

        assert played(held(), events=lines) == ["+35s raised d1"]


def test_at_one_instant_facts_come_before_rules() -> None:
    """A door opened and set to free mode in the same second is free."""
    instant = held("0s", while_=["not free"])
    events = ["+5s door.opened point=d1", "+5s door.mode point=d1 mode=unlocked"]

    assert played(instant, free(), events=events) == []


def test_nothing_is_left_when_all_is_over() -> None:
    """Timers of ended conditions leave no trace."""
    harness = EngineHarness(rule_set(held(), venue=unchecked()))
    harness.receive(DoorOpened(at=at(0), point="d1"))
    harness.receive(DoorClosed(at=at(1), point="d1"))
    harness.receive(ZoneOpened(at=at(2), zone="hall"))
    harness.tick(100)

    assert harness.engine.deadline is None
    assert harness.engine.state.rules.keys["rule"] == {}
    assert harness.engine.state.time.now - harness.engine.state.time.watermark == timedelta(
        seconds=2
    )


def test_it_may_use_the_fact_of_another_zone() -> None:
    """A door held open while the zone on the other side is open raises, in either order, whatever other zones do."""
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
