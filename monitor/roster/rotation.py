"""Rotations and quiet hours, which follow local time, as times in UTC."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor.core.roster import Quiet, Shift
from monitor.roster.file import DailyHours, Rotation

Span = tuple[datetime, datetime]
DAY = timedelta(days=1)


def shifts(rotation: Rotation, zone: ZoneInfo, window: Span) -> Iterator[Shift]:
    """Yield the shifts of a rotation that overlap a window."""
    first = _local(window[0], zone) - DAY
    turn = max(0, (first - rotation.starts) // rotation.shift)
    while True:
        starts = rotation.starts + turn * rotation.shift
        if utc(starts, zone) >= window[1]:
            return
        person = rotation.people[turn % len(rotation.people)]
        for begin, end in _within(rotation.hours, starts, starts + rotation.shift):
            if utc(end, zone) > window[0] and utc(begin, zone) < window[1]:
                yield Shift(
                    team=rotation.team,
                    person=person,
                    starts=utc(begin, zone),
                    ends=utc(end, zone),
                    why="rotation",
                )
        turn += 1


def quiet(hours: DailyHours, zone: ZoneInfo, window: Span, person: str = "") -> Iterator[Quiet]:
    """Yield the quiet hours that overlap a window."""
    begin, end = _local(window[0], zone) - DAY, _local(window[1], zone) + DAY
    for starts, ends in _within(hours, begin, end):
        if utc(ends, zone) > window[0] and utc(starts, zone) < window[1]:
            yield Quiet(person=person, starts=utc(starts, zone), ends=utc(ends, zone))


def times(of_day: time, zone: ZoneInfo, window: Span) -> Iterator[datetime]:
    """Yield when a time of day occurs within a window."""
    day = _local(window[0], zone).date() - DAY
    while (at := utc(datetime.combine(day, of_day), zone)) < window[1]:
        if at >= window[0]:
            yield at
        day += DAY


def utc(local: datetime, zone: ZoneInfo) -> datetime:
    """Return a local time in UTC: the first one if it occurs twice, at the old offset if the clock skips it."""
    return local.replace(tzinfo=zone).astimezone(UTC)


def _local(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)


def _within(hours: DailyHours | None, begin: datetime, end: datetime) -> Iterator[Span]:
    """Yield the parts of a span that lie within certain hours of each day."""
    if hours is None:
        yield begin, end
        return
    day: date = begin.date() - DAY
    while day <= end.date():
        midnight = datetime.combine(day, time(0))
        starts = max(begin, midnight + _since_midnight(hours.starts))
        overnight = DAY if hours.ends <= hours.starts else timedelta(0)
        ends = min(end, midnight + _since_midnight(hours.ends) + overnight)
        if starts < ends:
            yield starts, ends
        day += DAY


def _since_midnight(at: time) -> timedelta:
    return timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)
