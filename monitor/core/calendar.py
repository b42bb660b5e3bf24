"""The congress's calendar: when a class of accreditation may go in, and until when everything has to hold."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from monitor.core.venue import Congress, Schedule, Venue, Weekday

WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Calendar:
    """The hours of each class, in the congress's time zone."""

    __slots__ = ("ends_at", "hours", "zone")

    hours: Mapping[str, Schedule]
    """By class; those that may go in at any time are left out."""

    def __init__(self, venue: Venue) -> None:
        schedules = {row.id: row for row in venue.schedules}
        self.hours = {
            row.id: schedules[row.schedule] for row in venue.classes if row.schedule in schedules
        }
        self.ends_at = venue.congress.ends_at
        name = venue.congress.timezone
        self.zone: tzinfo = UTC if name == "UTC" else ZoneInfo(name)

    def in_hours(self, of_class: str, t: datetime) -> bool:
        """Tell whether a class may go in at a time."""
        schedule = self.hours.get(of_class)
        if schedule is None:
            return True
        local = t.astimezone(self.zone)
        is_day = WEEKDAYS[local.weekday()] in schedule.days
        return is_day and schedule.opens <= local.time() < schedule.closes


NO_CALENDAR = Calendar(Venue(congress=Congress(id="nowhere", name="")))
