"""When the hours of a schedule begin and end: rules hear it, and are in force inside or outside them."""

from collections.abc import Iterator
from datetime import datetime, tzinfo

from monitor.core.events.derived import ScheduleClosed, ScheduleOpened
from monitor.core.state.state import State, Timer
from monitor.core.venue.calendar import Calendar, spans
from monitor.core.venue.model import Schedule, Venue

Hours = ScheduleOpened | ScheduleClosed


def standing(schedule: Schedule, zone: tzinfo, t: datetime) -> Hours:
    """Return how a schedule stands at a time, and when that ends; at the very instant of an end it is over.

    Where the clock is set forward over the time of opening, the hours begin as much later; where it is set back, the
    first of the two counts.
    """
    begins: datetime | None = None
    for opens, closes in spans(schedule, zone, t):
        if opens <= t < closes:
            return ScheduleOpened(at=t, schedule=schedule.id, ends_at=closes)
        if opens > t and (begins is None or opens < begins):
            begins = opens
    return ScheduleClosed(at=t, schedule=schedule.id, opens_at=begins)


def told(state: State, venue: Venue, t: datetime) -> Iterator[tuple[Hours, Timer | None]]:
    """Yield how each schedule stands, with the timer for its next turn; forget those that are gone."""
    state.edges = {}
    for schedule in venue.schedules:
        yield _armed(state, standing(schedule, Calendar(venue).zone, t))


def turned(state: State, venue: Venue, timer: Timer) -> tuple[Hours, Timer | None] | None:
    """Return what the turn of a schedule brings; ``None`` if the timer is of hours that are no longer in force."""
    schedule = next((row for row in venue.schedules if row.id == timer.of), None)
    if schedule is None or state.edges.get(timer.of) != timer.due:
        return None
    return _armed(state, standing(schedule, Calendar(venue).zone, timer.due))


def _armed(state: State, said: Hours) -> tuple[Hours, Timer | None]:
    edge = said.ends_at if isinstance(said, ScheduleOpened) else said.opens_at
    if edge is None:
        return said, None
    state.edges[said.schedule] = edge
    return said, Timer(edge, "schedule", said.schedule)
