"""`absence`: an expected event does not follow; with one event for both, silence."""

from datetime import timedelta

import pytest

from monitor.core.events.device import DeviceHeartbeat
from monitor.core.events.door import DoorClosed, DoorOpened
from monitor.core.events.inspection import InspectionScheduled, InspectionSubmitted
from monitor.core.rules.model import Absence, Rule
from tests.support.engine import EngineHarness, at, fact, on, played, rule, rule_set


def answered(**parts: object) -> Rule:
    """A rule that a closing follows an opening within 2 minutes."""
    absence = Absence(after=on("door.opened"), of=on("door.closed"), within="2m")
    return rule(absence=absence, **parts)


def silence(limit: str = "60s") -> Rule:
    """A rule that a heartbeat follows each heartbeat."""
    beat = on("device.heartbeat")
    return rule(by="device", absence=Absence(after=beat, of=beat, within=limit))


def overdue(*, before: float = 0, grace: float = 0) -> Rule:
    """A rule that a form arrives by the scheduled time, or this many seconds before or after it."""
    absence = Absence(
        after=on("inspection.scheduled"),
        of=on("inspection.submitted"),
        until="due_at",
        before=timedelta(seconds=before),
        grace=timedelta(seconds=grace),
    )
    return rule(by="inspection", absence=absence)


def scheduled(seconds: float, due: float) -> InspectionScheduled:
    """An inspection that is due at a time."""
    return InspectionScheduled(at=at(seconds), checklist="check", inspection="i1", due_at=at(due))


def test_it_fires_at_the_deadline_and_ends_with_the_awaited_event() -> None:
    """The alert is raised at the deadline, and cleared by the event that arrives too late."""
    events = ["+10s door.opened point=d1", "+200s door.closed point=d1"]

    assert played(answered(), events=events) == ["+130s raised d1", "+200s cleared d1"]


@pytest.mark.parametrize(("closed", "raised"), [(129.999, False), (130, False), (130.001, True)])
def test_exactly_at_the_deadline_is_in_time(closed: float, raised: bool) -> None:
    """An event exactly at the deadline is in time; a moment later it is too late."""
    events = ["+10s door.opened point=d1", f"+{int(closed * 1000)}ms door.closed point=d1"]

    assert bool(played(answered(), events=events)) is raised


def test_a_repeat_does_not_restart_the_wait() -> None:
    """The wait starts with the first event, and a repeat does not restart it."""
    events = [f"+{n}s door.opened point=d1" for n in (0, 60, 100)]

    assert played(answered(), events=events) == ["+120s raised d1"]


def test_the_next_event_starts_a_new_wait() -> None:
    """After the awaited event the operator waits again."""
    events = [
        "+0s  door.opened point=d1",
        "+60s door.closed point=d1",
        "+70s door.opened point=d1",
    ]

    assert played(answered(), events=events) == ["+190s raised d1"]


def test_silence_is_measured_from_the_last_event() -> None:
    """One event ends the wait and starts the next."""
    events = [f"+{n}s device.heartbeat device=r1" for n in (0, 60, 120, 200)]
    expected = ["+180s raised r1", "+200s cleared r1", "+260s raised r1"]

    assert played(silence(), events=events) == expected


def test_the_limit_may_come_from_the_venue() -> None:
    """Each device has its own limit from the venue."""
    events = ["+0s device.heartbeat device=r1"]

    assert played(silence("device.silence_limit"), events=events) == ["+60s raised r1"]


def test_the_fact_is_checked_twice() -> None:
    """The fact must hold when the wait begins and when it ends."""
    watched = answered(while_=["watched"], unknown="silent")
    seen = fact("watched", "point", set=on("door.locked"), clear=on("door.unlocked"))
    opened, locked = "+10s door.opened point=d1", "+0s door.locked point=d1"

    assert played(watched, seen, events=[opened]) == []
    assert played(watched, seen, events=[locked, opened]) == ["+130s raised d1"]
    assert played(watched, seen, events=[locked, opened, "+99s door.unlocked point=d1"]) == []


def test_an_event_may_carry_the_deadline() -> None:
    """The alert is raised at the time that the event carries, not before."""
    harness = EngineHarness(rule_set(overdue()))
    harness.receive(scheduled(0, 600))
    harness.tick(601)

    assert harness.changes() == []

    harness.tick(603)

    assert harness.changes() == ["raised"]
    assert harness.alerts()[0].happened_at == at(600)


def test_before_and_grace_move_the_deadline() -> None:
    """The deadline moves by exactly that much; the form may still arrive until then."""
    due = "+0s inspection.scheduled checklist=check inspection=i1 due_at=+600s"
    came = "+660s inspection.submitted checklist=check inspection=i1"

    assert played(overdue(before=60), events=[due]) == ["+540s raised i1"]
    assert played(overdue(grace=60), events=[due]) == ["+660s raised i1"]
    assert played(overdue(grace=60), events=[due, came]) == []


def test_a_deadline_may_be_postponed() -> None:
    """A later schedule of the same inspection replaces the one before, not the other way round."""
    harness = EngineHarness(rule_set(overdue()))
    harness.receive(scheduled(0, 600))
    harness.receive(scheduled(500, 1200))
    harness.receive(scheduled(100, 700), seconds=510)
    harness.tick(1199)

    assert harness.changes() == []

    harness.tick(1203)

    assert harness.alerts()[0].happened_at == at(1200)


def test_a_past_deadline_is_due_at_once() -> None:
    """A schedule for yesterday is late now; so is one for the year 1 in another time zone."""
    for due in ("2025-12-31T00:00:00Z", "0001-01-01T00:00:00+14:00"):
        events = [f"+5s inspection.scheduled checklist=check inspection=i1 due_at={due}"]

        assert played(overdue(), events=events) == ["+5s raised i1"]
        assert played(overdue(before=60), events=events) == ["+5s raised i1"]


def test_a_deadline_at_the_end_of_the_calendar_is_never_reached() -> None:
    """Nothing overflows, and nothing fires."""
    due = "9999-12-31T23:59:59-12:00"
    events = [f"+5s inspection.scheduled checklist=check inspection=i1 due_at={due}"]

    assert played(overdue(), events=events) == []
    assert played(overdue(grace=60), events=events) == []


def test_an_earlier_event_does_not_answer() -> None:
    """A form from before the schedule does not count for it."""
    harness = EngineHarness(rule_set(overdue()))
    harness.receive(InspectionSubmitted(at=at(0), checklist="check", inspection="i1"))
    harness.receive(scheduled(10, 600))
    harness.tick(700)

    assert harness.changes() == ["raised"]


def test_an_event_in_time_that_arrives_late_ends_the_alert() -> None:
    """The alert could not be avoided, and ends as soon as the delayed message arrives."""
    harness = EngineHarness(rule_set(answered()))
    harness.receive(DoorOpened(at=at(10), point="d1"))
    harness.tick(140)
    harness.receive(DoorClosed(at=at(20), point="d1"), seconds=140)

    assert harness.changes() == ["raised", "cleared"]


def test_an_hour_of_late_heartbeats_raises_nothing() -> None:
    """A gateway sends the heartbeats of an hour at once: there was no silence."""
    harness = EngineHarness(rule_set(silence()))
    for seconds in (0, 50):
        harness.receive(DeviceHeartbeat(at=at(seconds), device="r1"))
    harness.tick(3600)

    assert harness.changes() == ["raised"]

    for seconds in range(100, 3600, 50):
        harness.receive(DeviceHeartbeat(at=at(seconds), device="r1"), seconds=3600)

    assert harness.changes() == ["raised", "cleared"]

    harness.tick(3605)

    assert harness.changes() == ["raised", "cleared"]
    assert harness.engine.state.rules.keys["rule"]["r1"].due == at(3550) + timedelta(seconds=60)  # type: ignore[union-attr]
