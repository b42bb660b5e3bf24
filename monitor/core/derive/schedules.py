"""The beginning and end of schedules: rules receive both, and may be in force inside or outside the hours."""

from datetime import datetime, tzinfo

from monitor.core.effects import Effects
from monitor.core.events.derived import ScheduleClosed, ScheduleOpened
from monitor.core.state.state import State
from monitor.core.state.timers import ScheduleTimer
from monitor.core.venue.calendar import Calendar, spans
from monitor.core.venue.model import Schedule, Venue

Hours = ScheduleOpened | ScheduleClosed


def hours_at(schedule: Schedule, zone: tzinfo, t: datetime) -> Hours:
    """Return whether the hours of a schedule are running at a time, and when that ends.

    At the instant of their end they are over. If the clock is set forward past the opening time, the hours
    begin that much later; if it is set back, the first of the two times counts.
    """
    begins: datetime | None = None
    for opens, closes in spans(schedule, zone, t):
        if opens <= t < closes:
            return ScheduleOpened(at=t, schedule=schedule.id, ends_at=closes)
        if opens > t and (begins is None or opens < begins):
            begins = opens
    return ScheduleClosed(at=t, schedule=schedule.id, opens_at=begins)


def restart(state: State, venue: Venue, t: datetime, effects: Effects) -> None:
    """Derive the hours of every schedule at a time, and set their timers; forget removed schedules."""
    state.places.schedules = {}
    for schedule in venue.schedules:
        _record(state, hours_at(schedule, Calendar(venue).zone, t), effects)


def on_timer(state: State, venue: Venue, timer: ScheduleTimer, effects: Effects) -> None:
    """Derive the beginning or end of a schedule's hours, unless they have been changed since."""
    schedule = next((row for row in venue.schedules if row.id == timer.schedule), None)
    if schedule is not None and state.places.schedules.get(timer.schedule) == timer.due:
        _record(state, hours_at(schedule, Calendar(venue).zone, timer.due), effects)


def _record(state: State, hours: Hours, effects: Effects) -> None:
    edge = hours.ends_at if isinstance(hours, ScheduleOpened) else hours.opens_at
    if edge is not None:
        state.places.schedules[hours.schedule] = edge
        effects.wake(ScheduleTimer(edge, hours.schedule))
    effects.derive(hours)
