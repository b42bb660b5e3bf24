"""The opening hours of schedules and accreditation classes, and the end of the congress."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from monitor.core.utc import utc
from monitor.core.venue.model import Congress, Schedule, Venue, Weekday

_WEEK = range(-1, 9)
"""Days around a time in which a weekly schedule opens and closes at least once."""
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def spans(schedule: Schedule, zone: tzinfo, t: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield when a schedule opens and closes around a time, in UTC; at least the last and the next time of each.

    A time that the clock skips when it is set forward moves as far; of a time that occurs twice, the first counts.
    """
    today = t.astimezone(zone).date()
    for offset in _WEEK:
        day = today + timedelta(days=offset)
        if WEEKDAYS[day.weekday()] in schedule.days:
            opens = datetime.combine(day, schedule.opens, zone)
            closes = datetime.combine(day, schedule.closes, zone)
            yield utc(opens), utc(closes)


class Calendar:
    """The schedules and the hours of each class, in the congress's time zone."""

    __slots__ = ("ends_at", "hours", "schedules", "zone")

    hours: Mapping[str, Schedule]
    """By class; classes that may enter at any time are left out."""

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
        times = [row[which == "closes"] for row in spans(schedule, self.zone, t)]
        return min((time for time in times if time > t), default=None)

    def in_hours(self, of_class: str, t: datetime) -> bool:
        """Return whether a class may enter at a time."""
        schedule = self.hours.get(of_class)
        if schedule is None:
            return True
        local = t.astimezone(self.zone)
        is_day = WEEKDAYS[local.weekday()] in schedule.days
        return is_day and schedule.opens <= local.time() < schedule.closes


NO_CALENDAR = Calendar(Venue(congress=Congress(id="nowhere", name="")))
