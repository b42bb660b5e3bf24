"""Vendors' time formats. An unreadable time loses no event: the time of arrival is used, with a note."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

from monitor.adapters.words import brief

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND, MILLISECOND = timedelta(seconds=1), timedelta(milliseconds=1)
EARLIEST = datetime(2001, 1, 1, tzinfo=UTC)
"""Clocks that were never set start in 1970 or, with the controllers of uhppoted, in 2000."""


class EventTime(NamedTuple):
    """The time of an event, with a note if the sender's time could not be used."""

    at: datetime
    note: str = ""


def event_time(value: object, read: datetime | None, received_at: datetime) -> EventTime:
    """Return the time read from ``value``, or the time of arrival with a note of the reason."""
    if value is None or value == "":
        return EventTime(received_at, "no time")
    if read is None:
        return EventTime(received_at, f"unreadable time {brief(value, 40)}")
    if read < EARLIEST:
        return EventTime(received_at, f"clock not set, {read:%Y-%m-%d}")
    return EventTime(read)


def from_epoch(value: object, unit: timedelta) -> datetime | None:
    """Read a number of units since 1970 in UTC, with or without fractions."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return EPOCH + value * unit
    except (OverflowError, ValueError):
        return None


def from_iso(text: str, zone: tzinfo) -> datetime | None:
    """Read ISO 8601; without an offset in the text, ``zone`` applies."""
    try:
        read = datetime.fromisoformat(text)
        return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def from_local(text: str, zone: tzinfo) -> datetime | None:
    """Read ``2019-08-09 16:18:55 PDT`` as local time in ``zone``.

    Abbreviations of time zones are ambiguous, so this one decides only which pass is meant of the hour that the end
    of summer time repeats; without it, the first.
    """
    clock, _, abbreviation = text.partition(" ")[2].partition(" ")
    try:
        read = datetime.strptime(f"{text[:10]} {clock}", "%Y-%m-%d %H:%M:%S").replace(tzinfo=zone)
        passes = (read, read.replace(fold=1))
        meant = next((one for one in passes if one.tzname() == abbreviation), read)
        return meant.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
