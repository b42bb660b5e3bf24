"""`absence`: what should follow and doesn't; with one event for both, silence."""

from datetime import timedelta

import pytest

from monitor.core.events.device import DeviceHeartbeat
from monitor.core.events.door import DoorClosed, DoorOpened
from monitor.core.events.inspection import InspectionScheduled, InspectionSubmitted
from monitor.core.rules.model import Absence, Rule
from tests.support.engine import Stage, at, book, fact, on, played, rule


def answered(**parts: object) -> Rule:
    """After an opening comes a closing within 2 minutes."""
    absence = Absence(after=on("door.opened"), of=on("door.closed"), within="2m")
    return rule(absence=absence, **parts)


def silence(limit: str = "60s") -> Rule:
    """After a beat comes the next."""
    beat = on("device.heartbeat")
    return rule(by="device", absence=Absence(after=beat, of=beat, within=limit))


def overdue(*, before: float = 0, grace: float = 0) -> Rule:
    """A form comes until the time that the schedule names, or so many seconds before or after it."""
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


def test_it_fires_at_the_deadline_and_ends_when_the_awaited_comes() -> None:
    """Raised at the deadline, cleared by what comes too late."""
    events = ["+10s door.opened point=d1", "+200s door.closed point=d1"]

    assert played(answered(), events=events) == ["+130s raised d1", "+200s cleared d1"]


@pytest.mark.parametrize(("closed", "raised"), [(129.999, False), (130, False), (130.001, True)])
def test_exactly_at_the_deadline_is_in_time(closed: float, raised: bool) -> None:
    """A moment later is too late."""
    events = ["+10s door.opened point=d1", f"+{int(closed * 1000)}ms door.closed point=d1"]

    assert bool(played(answered(), events=events)) is raised


def test_repeats_do_not_arm_it_anew() -> None:
    """The first one begins the wait."""
    events = [f"+{n}s door.opened point=d1" for n in (0, 60, 100)]

    assert played(answered(), events=events) == ["+120s raised d1"]


def test_it_is_armed_again_after_the_awaited_came() -> None:
    """The next one waits anew."""
    events = [
        "+0s  door.opened point=d1",
        "+60s door.closed point=d1",
        "+70s door.opened point=d1",
    ]

    assert played(answered(), events=events) == ["+190s raised d1"]


def test_silence_is_measured_from_the_last_one() -> None:
    """One event ends the wait and begins the next."""
    events = [f"+{n}s device.heartbeat device=r1" for n in (0, 60, 120, 200)]
    expected = ["+180s raised r1", "+200s cleared r1", "+260s raised r1"]

    assert played(silence(), events=events) == expected


def test_the_limit_may_stand_in_the_venue() -> None:
    """Each device has its own."""
    events = ["+0s device.heartbeat device=r1"]

    assert played(silence("device.silence_limit"), events=events) == ["+60s raised r1"]


def test_the_fact_is_looked_at_twice() -> None:
    """It must hold when the wait begins and when it ends."""
    watched = answered(while_=["watched"], unknown="silent")
    seen = fact("watched", "point", set=on("door.locked"), clear=on("door.unlocked"))
    opened, locked = "+10s door.opened point=d1", "+0s door.locked point=d1"

    assert played(watched, seen, events=[opened]) == []
    assert played(watched, seen, events=[locked, opened]) == ["+130s raised d1"]
    assert played(watched, seen, events=[locked, opened, "+99s door.unlocked point=d1"]) == []


def test_a_deadline_may_be_carried_by_the_event() -> None:
    """At that time, not before."""
    stage = Stage(book(overdue()))
    stage.say(scheduled(0, 600))
    stage.tick(601)

    assert stage.changes() == []

    stage.tick(603)

    assert stage.changes() == ["raised"]
    assert stage.alerts()[0].happened_at == at(600)


def test_before_and_grace_move_it() -> None:
    """Exactly by so much; the form may still come until then."""
    due = "+0s inspection.scheduled checklist=check inspection=i1 due_at=+600s"
    came = "+660s inspection.submitted checklist=check inspection=i1"

    assert played(overdue(before=60), events=[due]) == ["+540s raised i1"]
    assert played(overdue(grace=60), events=[due]) == ["+660s raised i1"]
    assert played(overdue(grace=60), events=[due, came]) == []


def test_a_deadline_may_be_put_off() -> None:
    """A later schedule of the same inspection replaces the one before, not the other way round."""
    stage = Stage(book(overdue()))
    stage.say(scheduled(0, 600))
    stage.say(scheduled(500, 1200))
    stage.say(scheduled(100, 700), seconds=510)
    stage.tick(1199)

    assert stage.changes() == []

    stage.tick(1203)

    assert stage.alerts()[0].happened_at == at(1200)


def test_a_deadline_that_is_past_is_due_at_once() -> None:
    """Whoever schedules for yesterday is late now; the year 1 in another time zone is no other matter."""
    for due in ("2025-12-31T00:00:00Z", "0001-01-01T00:00:00+14:00"):
        events = [f"+5s inspection.scheduled checklist=check inspection=i1 due_at={due}"]

        assert played(overdue(), events=events) == ["+5s raised i1"]
        assert played(overdue(before=60), events=events) == ["+5s raised i1"]


def test_a_deadline_at_the_end_of_the_calendar_is_far_off() -> None:
    """Nothing overflows, and nothing fires."""
    due = "9999-12-31T23:59:59-12:00"
    events = [f"+5s inspection.scheduled checklist=check inspection=i1 due_at={due}"]

    assert played(overdue(), events=events) == []
    assert played(overdue(grace=60), events=events) == []


def test_the_awaited_may_come_before_it_is_asked_for() -> None:
    """A form from before the schedule doesn't answer it."""
    stage = Stage(book(overdue()))
    stage.say(InspectionSubmitted(at=at(0), checklist="check", inspection="i1"))
    stage.say(scheduled(10, 600))
    stage.tick(700)

    assert stage.changes() == ["raised"]


def test_the_awaited_that_was_in_time_but_late_ends_it() -> None:
    """The alert was wrong, nobody could know: it is over as soon as the message comes."""
    stage = Stage(book(answered()))
    stage.say(DoorOpened(at=at(10), point="d1"))
    stage.tick(140)
    stage.say(DoorClosed(at=at(20), point="d1"), seconds=140)

    assert stage.changes() == ["raised", "cleared"]


def test_an_hour_of_late_beats_is_history() -> None:
    """A gateway sends its beats of an hour at once: no silence was there, none is raised."""
    stage = Stage(book(silence()))
    for seconds in (0, 50):
        stage.say(DeviceHeartbeat(at=at(seconds), device="r1"))
    stage.tick(3600)

    assert stage.changes() == ["raised"]

    for seconds in range(100, 3600, 50):
        stage.say(DeviceHeartbeat(at=at(seconds), device="r1"), seconds=3600)

    assert stage.changes() == ["raised", "cleared"]

    stage.tick(3605)

    assert stage.changes() == ["raised", "cleared"]
    assert stage.engine.state.keys["rule"]["r1"].due == at(3550) + timedelta(seconds=60)  # type: ignore[union-attr]
