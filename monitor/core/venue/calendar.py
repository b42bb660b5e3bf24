"""The congress's calendar: when a class of accreditation may go in, and until when everything has to hold."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from monitor.core.utc import utc
from monitor.core.venue.model import Congress, Schedule, Venue, Weekday

_WEEK = range(-1, 9)
"""Days around a time in which a weekly schedule begins and ends at least once."""
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def spans(schedule: Schedule, zone: tzinfo, t: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield when a schedule opens and closes around a time, at least the one before and the next, in UTC.

    Where the clock is set forward over such a time, it is as much later; where it is set back, the first one counts.
    """
    today = t.astimezone(zone).date()
    for offset in _WEEK:
        day = today + timedelta(days=offset)
        if WEEKDAYS[day.weekday()] in schedule.days:
            opens = datetime.combine(day, schedule.opens, zone)
            closes = datetime.combine(day, schedule.closes, zone)
            yield utc(opens), utc(closes)


class Calendar:
    """The hours of each class, in the congress's time zone."""

    __slots__ = ("ends_at", "hours", "schedules", "zone")

    hours: Mapping[str, Schedule]
    """By class; those that may go in at any time are left out."""

    def __init__(self, venue: Venue) -> None:
        self.schedules = schedules = {row.id: row for row in venue.schedules}
        self.hours = {
            row.id: schedules[row.schedule] for row in venue.classes if row.schedule in schedules
        }
        self.ends_at = venue.congress.ends_at
        name = venue.congress.timezone
        self.zone: tzinfo = UTC if name == "UTC" else ZoneInfo(name)

    def turn(self, of_schedule: str, which: str, t: datetime) -> datetime | None:
        """Return when a schedule next ``opens`` or ``closes`` after a time; ``None`` if it never does."""
        schedule = self.schedules.get(of_schedule)
        if schedule is None:
            return None
        turns = [row[which == "closes"] for row in spans(schedule, self.zone, t)]
        return min((turn for turn in turns if turn > t), default=None)

    def in_hours(self, of_class: str, t: datetime) -> bool:
        """Tell whether a class may go in at a time."""
        schedule = self.hours.get(of_class)
        if schedule is None:
            return True
        local = t.astimezone(self.zone)
        is_day = WEEKDAYS[local.weekday()] in schedule.days
        return is_day and schedule.opens <= local.time() < schedule.closes


NO_CALENDAR = Calendar(Venue(congress=Congress(id="nowhere", name="")))
