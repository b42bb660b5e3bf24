"""Shifts from an iCalendar: the person named in the title of an event is on call while it lasts."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from typing import Any
from zoneinfo import ZoneInfo

from monitor.core.phrase import Phrase, phrase
from monitor.core.roster import Person, Shift
from monitor.errors import WordedError
from monitor.roster.file import CalendarTable
from monitor.roster.rotation import Span

MOST = 5_000
"""Events in the window; more than one every two minutes is not a plan for people."""
_BETWEEN = re.compile(r"\s*[,;&]\s*")


class CalendarError(WordedError):
    """The text is not a usable iCalendar."""


def shifts(
    calendar: CalendarTable, text: str, people: Mapping[str, Person], zone: ZoneInfo, window: Span
) -> tuple[list[Shift], list[str]]:
    """Return the shifts of a calendar that overlap a window, and the names in it that match no person.

    Raises:
        CalendarError: it is not an iCalendar, or has more events than people can follow.

    """
    by_name = {row.name.casefold(): row.id for row in people.values()}
    by_name |= {row.id: row.id for row in people.values()}
    found: list[Shift] = []
    strangers: dict[str, None] = {}
    for event in _events(text, zone, window):
        starts, ends = _in_utc(event.start, zone), _in_utc(event.end, zone)
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
    """Check that a text is a usable calendar.

    Raises:
        CalendarError: it is not.

    """
    _events(text, ZoneInfo("UTC"), (now - timedelta(days=1), now + timedelta(days=9)))


def _events(text: str, zone: ZoneInfo, window: Span) -> list[Any]:
    # A tenth of a second, only in a deployment with calendars.
    import recurring_ical_events  # noqa: PLC0415
    from icalendar import Calendar as Parsed  # noqa: PLC0415

    try:
        parsed = Parsed.from_ical(text)
        for event in parsed.walk("VEVENT"):
            _check_event(event)
        query = recurring_ical_events.of(parsed)
        near = query.after(window[0] - timedelta(days=1))
        ahead = takewhile(lambda event: _in_utc(event.start, zone) < window[1], near)
        found = [event for event, _ in zip(ahead, range(MOST + 1), strict=False)]
    except CalendarError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError) as error:
        # The parsers raise any error that the broken part causes.
        raise CalendarError(phrase("calendar-not-icalendar", error=str(error))) from error
    if len(found) > MOST:
        raise CalendarError(phrase("calendar-too-many-events", most=MOST))
    return [event for event in found if event.get("STATUS") != "CANCELLED"]


def _check_event(event: Any) -> None:  # noqa: ANN401 - the library has no narrower type for it
    """Refuse an event that takes minutes to expand, or that would give wrong hours."""
    title = str(event.get("SUMMARY") or "")
    name: Phrase | str = title or phrase("calendar-event-unnamed")
    for rule in _all(event, "RRULE"):
        often = {str(row).upper() for row in rule.get("FREQ", ())} & {
            "SECONDLY",
            "MINUTELY",
            "HOURLY",
        }
        if often or any(len(rule.get(key, ())) > 1 for key in ("BYMINUTE", "BYSECOND")):
            raise CalendarError(phrase("calendar-repeats-often", name=name))
    for value in [*_all(event, "DTSTART"), *_all(event, "DTEND")]:
        zone = value.params.get("TZID")
        if zone and isinstance(value.dt, datetime) and value.dt.tzinfo is None:
            raise CalendarError(phrase("calendar-zone-unknown", name=name, zone_name=str(zone)))


def _all(event: Any, key: str) -> Iterator[Any]:  # noqa: ANN401 - the library has no narrower type for it
    found = event.get(key, [])
    yield from found if isinstance(found, list) else [found]


def _in_utc(value: date | datetime, zone: ZoneInfo) -> datetime:
    """Return a time in UTC; a date means its midnight, and a time without a zone is in the congress's."""
    if not isinstance(value, datetime):
        value = datetime.combine(value, time(0))
    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)


def _names(event: Any) -> list[str]:  # noqa: ANN401 - the library has no narrower type for it
    return _BETWEEN.split(str(event.get("SUMMARY", "")).strip())
