"""Times in UTC, kept within the years 1 to 9999."""

from datetime import UTC, datetime, timedelta

_FIRST = datetime(1, 1, 1, tzinfo=UTC)
_LAST = datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)


def utc(at: datetime) -> datetime:
    """Return a time in UTC; one beyond the range of dates becomes its nearest end."""
    if at.tzinfo is UTC:
        return at
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return _FIRST if at.year == _FIRST.year else _LAST


def later(at: datetime, by: timedelta) -> datetime:
    """Return a time in UTC moved by a duration; one beyond the range of dates becomes its nearest end."""
    try:
        return utc(at) + by
    except OverflowError:
        return _FIRST if by < timedelta(0) else _LAST
