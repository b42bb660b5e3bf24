"""The plan of who is on call when: rotations and calendars as shifts in UTC, with the problems found in them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from zoneinfo import ZoneInfo

from monitor.core.phrase import phrase
from monitor.core.roster import Person, Quiet, Roster, Shift, Trouble
from monitor.core.transitions import Override
from monitor.core.venue.model import Venue
from monitor.roster import calendar, rotation
from monitor.roster.file import CAN_WAIT, Document, RosterFile
from monitor.roster.rotation import DAY, Span

AHEAD = timedelta(hours=24)
"""A gap within this time must be closed now; judgement."""
EVER, NEVER = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)


def window(now: datetime) -> Span:
    """Return the planned period: the same all day, so that the plan changes only when its sources do."""
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
        read: the content of ``roster.toml``.
        venue: the venue, for its time zone.
        now: the plan reaches from the day before to eight days after.
        calendars: the text of each calendar that could be read.
        overrides: shifts that were taken over, which may fill a gap.

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
            troubles.append(Trouble(kind="calendar", subject=row.id, reason=error.why))
            continue
        shifts += found
        if strangers:
            reason = phrase("unknown-in-calendar", names=", ".join(strangers[:5]))
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
        policies=document.policies,
        flood=document.flood,
        flood_by_severity=True,
        verifies_people=True,
        fallback=document.fallback,
        troubles=tuple(sorted(troubles, key=attrgetter("sort_key"))),
        digest_times=tuple(rotation.times(document.daily.at, home, span))
        if document.daily.enabled
        else (),
        digest_to=document.daily.notify or document.fallback.notify,
    )


def gaps(shifts: Iterable[Shift], team: str, begin: datetime, end: datetime) -> Iterator[Span]:
    """Yield when no one is on call in a team between two times; gaps that reach beyond them are given in full."""
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
            since = "" if begin == EVER else begin
            until = "" if end == NEVER else end
            reason = phrase("no-one-on-call", since=since, until=until)
            yield Trouble(kind="gap", subject=team.id, reason=reason)
            break


def _unreachable(people: Iterable[Person]) -> Iterator[Trouble]:
    for person in people:
        if not person.channels:
            reason = phrase("person-no-channel")
            yield Trouble(kind="channel", subject=person.id, reason=reason)


def _quiet(document: Document, home: ZoneInfo, span: Span) -> Iterator[Quiet]:
    if document.quiet is not None:
        yield from rotation.quiet(document.quiet, home, span)
    for person in document.people:
        if person.quiet is not None:
            yield from rotation.quiet(person.quiet, home, span, person.id)
