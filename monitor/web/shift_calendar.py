"""One's own shifts as an iCalendar (RFC 5545), which the calendar of a phone reads again and again."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from monitor.core.ids import derived_id
from monitor.core.oncall.shift_plan import Stretch, shift_plan
from monitor.texts import Language
from monitor.web.shift_words import AHEAD, roster_of, why_in_words
from monitor.web.source import Source

BEFORE = timedelta(days=1)
"""Shifts that ended before are left out; the plan has no earlier ones."""
READ_EVERY = timedelta(hours=1)
"""How often a calendar is asked to read; many read more seldom."""


class OwnShift(NamedTuple):
    """A shift of one person, whole: also the part before and after what was asked for."""

    team: str
    starts: datetime
    ends: datetime
    why: str


def shift_calendar(source: Source, person: str, language: Language) -> bytes:
    """Return the shifts of a person from yesterday on, as far as they are planned."""
    # A tenth of a second, only where somebody has subscribed.
    from icalendar import Calendar, Event  # noqa: PLC0415

    congress = source.rule_set.venue.congress
    calendar = Calendar()
    calendar.add("prodid", "-//venue-monitor//on call//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    title = f"{language.gettext('On call')}: {congress.name or congress.id}"
    calendar.add("x-wr-calname", title)
    calendar.add("refresh-interval", READ_EVERY, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", READ_EVERY)
    for shift in own_shifts(source, person, language):
        event = Event()
        own = derived_id(congress.id, shift.team, person, shift.starts.isoformat())
        event.add("uid", f"{own}@venue-monitor")
        event.add("dtstamp", source.now().replace(microsecond=0))
        event.add("dtstart", shift.starts)
        event.add("dtend", shift.ends)
        team = source.writer.names.of("team", shift.team)
        event.add("summary", f"{language.gettext('On call')}: {team}")
        event.add("description", shift.why)
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def own_shifts(source: Source, person: str, language: Language) -> Iterator[OwnShift]:
    """Yield the shifts of a person in all teams; what others have taken over is not theirs."""
    roster, overrides, now = roster_of(source), source.state.paging.overrides, source.now()
    begin, end = now - BEFORE, now + AHEAD
    for team in roster.teams:
        for stretch in shift_plan(roster, overrides, team.id, begin, end):
            for one in stretch.on_call:
                if one.person.id == person:
                    starts = stretch.begins
                    if starts == begin:
                        starts = _beginning(source, team.id, stretch, person)
                    yield OwnShift(
                        team.id,
                        starts,
                        one.until if stretch.is_open else stretch.ends,
                        why_in_words(source, one.why, language),
                    )


def _beginning(source: Source, team: str, stretch: Stretch, person: str) -> datetime:
    """Return when a shift began that had begun before the plan was asked for: its id must stay the same."""
    at = stretch.begins
    planned = (
        row.starts
        for row in roster_of(source).shifts
        if row.team == team and row.person == person and row.starts <= at < row.ends
    )
    return min(planned, default=at)
