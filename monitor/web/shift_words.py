"""Who is on call, in the words of a page: names, reasons, and times that are short today."""

from datetime import datetime, timedelta

from msgspec import Struct

from monitor.core.oncall.shift_plan import Stretch, shift_plan
from monitor.core.phrase import Phrase
from monitor.core.roster import NO_ROSTER, Roster
from monitor.texts import Language
from monitor.web.source import Source

AHEAD = timedelta(days=8)
"""How far the plan is known, see `monitor.roster.plan`."""


class ShiftRow(Struct, frozen=True, kw_only=True):
    """A stretch of time in one team, as it is read."""

    team: str
    team_name: str
    begins: str
    """Empty: it has begun."""
    ends: str
    """Empty: beyond what is planned."""
    names: list[str]
    """Who is on call; no one: the plan has a gap."""
    why: str
    is_mine: bool


def roster_of(source: Source) -> Roster:
    """Return the roster in force; an empty one if there is none."""
    return source.state.paging.roster or NO_ROSTER


def stretches(source: Source, team: str) -> list[Stretch]:
    """Return who is on call in a team from now on, as far as it is planned."""
    now = source.now()
    return shift_plan(roster_of(source), source.state.paging.overrides, team, now, now + AHEAD)


def shift_row(
    source: Source, team: str, stretch: Stretch, language: Language, who: str
) -> ShiftRow:
    """Return a stretch of time as a person reads it."""
    now, people = source.now(), stretch.on_call
    reasons = dict.fromkeys(why_in_words(source, one.why, language) for one in people)
    return ShiftRow(
        team=team,
        team_name=source.writer.names.of("team", team),
        begins="" if stretch.begins <= now else moment(source, stretch.begins, language),
        ends="" if stretch.is_open else moment(source, stretch.ends, language),
        names=[one.person.name for one in people],
        why=language.list_of(reasons),
        is_mine=stretch.has(who),
    )


def moment(source: Source, at: datetime, language: Language) -> str:
    """Return a time in the congress's zone, with its date unless that is today's."""
    zone = source.writer.names.timezone
    today = None if zone is None else source.now().astimezone(zone).date()
    return language.time_of_day(at, zone, today)


def offset(source: Source) -> int:
    """Return how far the congress's clocks are ahead of UTC at present, in minutes."""
    ahead = source.now().astimezone(source.writer.names.timezone).utcoffset()
    return 0 if ahead is None else int(ahead.total_seconds() // 60)


def why_in_words(source: Source, why: str | Phrase, language: Language) -> str:
    """Return why somebody is on call: by a rotation, a calendar, or because they took the shift."""
    if isinstance(why, Phrase):
        return source.writer.reason(why, language)
    if why == "rotation":
        return language.gettext("rotation")
    kind, _, own = why.partition(" ")
    if kind == "calendar":
        return language.gettext("calendar {id}").format(id=language.inset(own))
    return language.inset(why)
