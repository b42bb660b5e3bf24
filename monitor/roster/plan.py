"""Works out who is on call when: rotations and calendars become shifts in UTC, and what is wrong with them is named."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.core.roster import Person, Quiet, Roster, Shift, Trouble
from monitor.core.transitions import Override
from monitor.core.venue.model import Venue
from monitor.roster import calendar, rotation
from monitor.roster.file import CAN_WAIT, Document, RosterFile
from monitor.roster.rotation import DAY, Span

AHEAD = timedelta(hours=24)
"""A gap that is nearer has to be closed now; judgement."""
EVER, NEVER = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)


def window(now: datetime) -> Span:
    """Return what is worked out: the same all day long, so that the plan changes only when somebody changes it."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - DAY, midnight + 9 * DAY


def plan(
    read: RosterFile,
    venue: Venue,
    now: datetime,
    calendars: Mapping[str, str] = {},
    overrides: Mapping[str, Override] = {},
) -> Roster:
    """Return the roster as the core takes it.

    Args:
        read: what ``roster.toml`` says.
        venue: says in which time zone people live.
        now: the plan reaches from yesterday to eight days ahead of it.
        calendars: what stands in each calendar, as far as it could be read.
        overrides: the shifts that somebody took, which may fill a gap.

    """
    document, span = read.document, window(now)
    home = ZoneInfo(venue.congress.timezone)
    shifts: list[Shift] = []
    troubles: list[Trouble] = []
    for turn in document.rotations:
        shifts += rotation.shifts(turn, ZoneInfo(turn.timezone) if turn.timezone else home, span)
    people = {row.id: row for row in read.people}
    for row in document.calendars:
        if row.id not in calendars:
            continue
        try:
            found, strangers = calendar.shifts(row, calendars[row.id], people, home, span)
        except calendar.CalendarError as error:
            troubles.append(Trouble(kind="calendar", subject=row.id, reason=str(error)))
            continue
        shifts += found
        if strangers:
            reason = f"it names {', '.join(strangers[:5])}: no id and no name of a person"
            troubles.append(Trouble(kind="stranger", subject=row.id, reason=reason))
    troubles += _gaps(document, shifts, now, overrides)
    troubles += _unreachable(read.people)
    shifts.sort(key=lambda row: (row.starts, row.team, row.person))
    return Roster(
        people=read.people,
        teams=document.teams,
        shifts=tuple(shifts),
        quiet=tuple(_quiet(document, home, span)),
        quiet_severities=document.quiet.severities if document.quiet else CAN_WAIT,
        ladders=document.ladders,
        flood=document.flood,
        fallback=document.fallback,
        troubles=tuple(sorted(troubles)),
    )


def gaps(shifts: Iterable[Shift], team: str, begin: datetime, end: datetime) -> Iterator[Span]:
    """Yield when nobody is on call in a team between two moments; gaps that begin before or end after, in full."""
    rows = sorted((row.starts, row.ends) for row in shifts if row.team == team)
    covered = EVER
    for starts, ends in [*rows, (NEVER, NEVER)]:
        if starts > covered and starts > begin and covered < end:
            yield covered, starts
        covered = max(covered, ends)


def _gaps(
    document: Document, shifts: Iterable[Shift], now: datetime, overrides: Mapping[str, Override]
) -> Iterator[Trouble]:
    taken = [
        Shift(team=row.team, person=row.person, starts=row.since, ends=row.until)
        for row in overrides.values()
    ]
    known = [*shifts, *taken]
    for team in document.teams:
        for begin, end in gaps(known, team.id, now, now + AHEAD):
            since = "" if begin == EVER else f" from {begin:%d %b %H:%M}Z"
            until = "" if end == NEVER else f" until {end:%d %b %H:%M}Z"
            reason = f"nobody is on call{since}{until}"
            yield Trouble(kind="gap", subject=team.id, reason=reason)
            break


def _unreachable(people: Iterable[Person]) -> Iterator[Trouble]:
    for person in people:
        if not person.channels:
            reason = "has no channel: write a [[person.channel]]"
            yield Trouble(kind="channel", subject=person.id, reason=reason)


def _quiet(document: Document, home: ZoneInfo, span: Span) -> Iterator[Quiet]:
    if document.quiet is not None:
        yield from rotation.quiet(document.quiet, home, span)
    for person in document.people:
        if person.quiet is not None:
            yield from rotation.quiet(person.quiet, home, span, person.id)
