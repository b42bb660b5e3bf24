"""Other rules come into force: what they are told of people, devices and zones that were there before them."""

from collections.abc import Iterator
from datetime import datetime

from msgspec.structs import replace

from monitor.core.alerts import masks
from monitor.core.compile.compiled_rules import Ruleset
from monitor.core.derive import device_liveness as hearing
from monitor.core.derive import fire_alarm as alarm
from monitor.core.derive import occupancy, presence
from monitor.core.engine.signals import Course
from monitor.core.engine.state_migration import begun_anew, succeed
from monitor.core.events import AnyEvent
from monitor.core.events.derived import (
    ChecklistExpected,
    DeviceExpected,
    ZoneInspected,
    ZoneSensing,
)
from monitor.core.events.derived_people import PostExpected
from monitor.core.inputs import RulesChanged
from monitor.core.oncall import on_call as duty
from monitor.core.operators.base import Clock
from monitor.core.readiness import checklists as inspection
from monitor.core.readiness import verdict as readiness
from monitor.core.state.state import Moment, Timer


def change_rules(course: Course, change: RulesChanged, clock: Clock) -> None:
    """Put other rules in force.

    Args:
        course: goes on under them.
        change: has them.
        clock: tells what our clock says now.

    """
    state, desk, before = course.state, course.desk, course.rules
    state.book = change.book
    course.rules = Ruleset(change.book, clock)
    for timer in succeed(state, desk, before, course.rules):
        course.wake(timer)
    if (blank := begun_anew(before, course.rules, clock)) is not None:
        course.remind(blank)
    masks.forget_gone(desk, change.book.venue, {row.id for row in change.book.rules})
    _recount(course)
    for named in duty.channels(state.roster, state.roster, state.now):
        course.notice(named)
    for device in change.book.venue.devices:
        course.notice(DeviceExpected(at=state.now, device=device.id))
    for post in change.book.venue.posts:
        if not state.manned.get(post.id):
            course.notice(PostExpected(at=state.now, post=post.id, zone=post.zone))
    for checklist in change.book.venue.checklists:
        course.notice(ChecklistExpected(at=state.now, checklist=checklist.id))


def _recount(course: Course) -> None:
    """Tell new rules and facts how the zones stand; to those that were there before it is nothing new."""
    state, t = course.state, course.state.turn
    for checklist in state.book.venue.checklists:
        for expires in inspection.expiries(state, checklist):
            course.wake(Timer(max(expires, t), "checklist", checklist.id))
    told = list(_how_it_stands(course, t))
    course.happen([Moment(t, state.arrivals, said, news=False) for said in told])


def _how_it_stands(course: Course, t: datetime) -> Iterator[AnyEvent]:
    """Yield what is known of each zone, of alarms, readiness and hours, by the venue that holds now."""
    state, places = course.state, course.rules.places
    venue = state.book.venue
    for zone in venue.zones:
        record = occupancy.zone_state(state, places, zone.id)
        sensing = hearing.sensing(state, places, zone.id)
        standing = replace(record.standing, site=zone.site, capacity=zone.capacity, sensing=sensing)
        occupancy.touch(state, record, standing)
        course.verdict(zone.id, t)
        now = record.standing
        yield ZoneInspected(at=t, zone=zone.id, state=now.inspected, reason=now.reason)
        sensors = len(places.sensors[zone.id])
        yield ZoneSensing(at=t, zone=zone.id, state=now.sensing, sensors=sensors)
        if now.occupancy is not None:
            yield occupancy.told(record, now.occupancy, t)
        yield presence.told(record, t)
    yield from alarm.told(state, places, t)
    readiness.forget_gone(state, venue)
    course.look({"", *places.zones}, t)
    yield from readiness.told(state, venue, t)
    if course.rules.keeps_hours:
        yield from course.stand_of_hours(t)
