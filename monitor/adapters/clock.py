"""Reads the time forms of vendors; a time that can't be read takes no event away, it is marked."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

from monitor.adapters.words import brief

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND, MILLISECOND = timedelta(seconds=1), timedelta(milliseconds=1)
EARLIEST = datetime(2001, 1, 1, tzinfo=UTC)
"""A clock that nobody set starts in 1970 or, with the controllers of uhppoted, in 2000."""


class Stamp(NamedTuple):
    """When it happened, and what was wrong with the sender's word on that."""

    at: datetime
    note: str = ""


def stamp(told: object, read: datetime | None, received_at: datetime) -> Stamp:
    """Return the time that was read, or that of arrival with a note of why."""
    if told is None or told == "":
        return Stamp(received_at, "no time")
    if read is None:
        return Stamp(received_at, f"unreadable time {brief(told, 40)}")
    if read < EARLIEST:
        return Stamp(received_at, f"clock not set, {read:%Y-%m-%d}")
    return Stamp(read)


def from_epoch(told: object, unit: timedelta) -> datetime | None:
    """Read a count of units since 1970 in UTC, with or without fractions."""
    if isinstance(told, bool) or not isinstance(told, int | float):
        return None
    try:
        return EPOCH + told * unit
    except (OverflowError, ValueError):
        return None


def from_iso(text: str, zone: tzinfo) -> datetime | None:
    """Read ISO 8601; ``zone`` holds where the text gives no offset."""
    try:
        read = datetime.fromisoformat(text)
        return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def from_local(text: str, zone: tzinfo) -> datetime | None:
    """Read ``2019-08-09 16:18:55 PDT`` as local time in ``zone``.

    Abbreviations are ambiguous, so this one decides nothing but which of the two passes is meant
    in the hour that the end of summer time repeats; without it, the first.
    """
    clock, _, abbreviation = text.partition(" ")[2].partition(" ")
    try:
        read = datetime.strptime(f"{text[:10]} {clock}", "%Y-%m-%d %H:%M:%S").replace(tzinfo=zone)
        passes = (read, read.replace(fold=1))
        meant = next((one for one in passes if one.tzname() == abbreviation), read)
        return meant.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
