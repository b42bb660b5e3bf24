"""Works the events of an iCalendar out to shifts: whoever an event is called after is on call while it lasts."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar as Parsed

from monitor.core.roster import Person, Shift
from monitor.roster.file import Calendar
from monitor.roster.rotation import Span

MOST = 5_000
"""Events in the window; more than one every two minutes is no plan for people."""
_BETWEEN = re.compile(r"\s*[,;&]\s*")


class CalendarError(ValueError):
    """It is no iCalendar, or none that can be used."""


def shifts(
    calendar: Calendar, text: str, people: Mapping[str, Person], zone: ZoneInfo, window: Span
) -> tuple[list[Shift], list[str]]:
    """Return the shifts of a calendar that touch a window, and the names in it that are no person's.

    Raises:
        CalendarError: it is no iCalendar, or has more events than people can follow.

    """
    by_name = {row.name.casefold(): row.id for row in people.values()}
    by_name |= {row.id: row.id for row in people.values()}
    found: list[Shift] = []
    strangers: dict[str, None] = {}
    for event in _events(text, zone, window):
        starts, ends = _moment(event.start, zone), _moment(event.end, zone)
        if starts >= ends or ends <= window[0]:
            continue
        for name in _names(event):
            person = by_name.get(name.casefold())
            if person is None:
                strangers[name or "an event without a name"] = None
            else:
                why = f"calendar {calendar.id}"
                one = Shift(team=calendar.team, person=person, starts=starts, ends=ends, why=why)
                found.append(one)
    return found, list(strangers)


def check(text: str, now: datetime) -> None:
    """Look whether a text is a calendar that can be used.

    Raises:
        CalendarError: it is not.

    """
    _events(text, ZoneInfo("UTC"), (now - timedelta(days=1), now + timedelta(days=9)))


def _events(text: str, zone: ZoneInfo, window: Span) -> list[Any]:
    try:
        parsed = Parsed.from_ical(text)
        for event in parsed.walk("VEVENT"):
            _look_over(event)
        query = recurring_ical_events.of(parsed)
        near = query.after(window[0] - timedelta(days=1))
        ahead = takewhile(lambda event: _moment(event.start, zone) < window[1], near)
        found = [event for event, _ in zip(ahead, range(MOST + 1), strict=False)]
    except CalendarError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError) as error:
        # The parsers say so by whatever the broken part runs into.
        raise CalendarError(f"it is no iCalendar that can be read: {error}") from error
    if len(found) > MOST:
        raise CalendarError(f"it has more than {MOST:,} events within ten days")
    return [event for event in found if event.get("STATUS") != "CANCELLED"]


def _look_over(event: Any) -> None:  # noqa: ANN401 - the library has no narrower type for it
    """Refuse what would be worked out for minutes, or to the wrong hour."""
    name = event.get("SUMMARY") or "an event without a name"
    for rule in _all(event, "RRULE"):
        often = {str(row).upper() for row in rule.get("FREQ", ())} & {
            "SECONDLY",
            "MINUTELY",
            "HOURLY",
        }
        if often or any(len(rule.get(key, ())) > 1 for key in ("BYMINUTE", "BYSECOND")):
            raise CalendarError(
                f'"{name}" repeats by the hour or more often: no plan for people; '
                "write FREQ=DAILY or WEEKLY, if need be with BYHOUR, without lists of minutes or seconds"
            )
    for value in [*_all(event, "DTSTART"), *_all(event, "DTEND")]:
        zone = value.params.get("TZID")
        if zone and isinstance(value.dt, datetime) and value.dt.tzinfo is None:
            raise CalendarError(
                f'"{name}" is in the time zone "{zone}", which nobody knows: write an IANA name '
                "such as Asia/Ho_Chi_Minh, or bring its VTIMEZONE along"
            )


def _all(event: Any, key: str) -> Iterator[Any]:  # noqa: ANN401 - the library has no narrower type for it
    found = event.get(key, [])
    yield from found if isinstance(found, list) else [found]


def _moment(value: date | datetime, zone: ZoneInfo) -> datetime:
    """Return a moment in UTC; a day begins at midnight, and a time without a zone is the congress's."""
    if not isinstance(value, datetime):
        value = datetime.combine(value, time(0))
    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)


def _names(event: Any) -> list[str]:  # noqa: ANN401 - the library has no narrower type for it
    return _BETWEEN.split(str(event.get("SUMMARY", "")).strip())
