"""Moments in UTC, those at the edge of the calendar included."""

from datetime import UTC, datetime, timedelta

_FIRST = datetime(1, 1, 1, tzinfo=UTC)
_LAST = datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)


def utc(at: datetime) -> datetime:
    """Return a moment in UTC; one that lies beyond the edge of the calendar there is at the edge."""
    if at.tzinfo is UTC:
        return at
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return _FIRST if at.year == _FIRST.year else _LAST


def later(at: datetime, by: timedelta) -> datetime:
    """Return the moment in UTC that is so much later, or earlier; beyond the edge of the calendar it is at the edge."""
    try:
        return utc(at) + by
    except OverflowError:
        return _FIRST if by < timedelta(0) else _LAST
