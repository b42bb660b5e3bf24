"""Commands about who is on call: who, why and until when; take a shift, give it back; who would hear of an alert."""

import argparse
import getpass
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from monitor.app.deployment import load_all
from monitor.cli.handle import tell, the_one, until
from monitor.config import Config
from monitor.config import load as load_config
from monitor.core.alert import Alert
from monitor.core.events.commands import StaffOverride, StaffRelease
from monitor.core.oncall.escalation import TOLD_ONCE
from monitor.core.oncall.escalation_policy import holds_for
from monitor.core.oncall.on_call import on_call
from monitor.core.roster import Roster
from monitor.core.state.state import State
from monitor.core.timing import in_words
from monitor.core.transitions import Override, OverrideChanged, Transition
from monitor.core.venue.model import Venue
from monitor.errors import ConfigError
from monitor.journal import Journal
from monitor.roster import read_roster
from monitor.roster.feeds import Feeds
from monitor.roster.plan import plan
from monitor.roster.rehearsal import Rehearsal, rehearse
from monitor.rules.read import load

NO_ROSTER = (
    'config.toml: [files] roster: missing, so nobody is paged; write e.g. roster = "roster.toml"'
)


def add(commands: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    """Add the commands of this module."""
    parser = commands.add_parser("oncall", help="say who is on call, why and until when")
    parser.add_argument("--at", metavar="TIME", help="then, not now: 2026-01-01T18:00:00Z, or 2h")
    parser.add_argument("--team", help="only this one")
    parser.set_defaults(run=_oncall)
    parts = parser.add_subparsers(metavar="WHAT")
    parser = parts.add_parser("take", help="take a shift: this person is on call, and nobody else")
    parser.add_argument("team")
    parser.add_argument(
        "--until", required=True, help="a time such as 2026-01-01T06:00:00Z, or 30m, 8h"
    )
    parser.add_argument("--person", default="", help="whose shift it is from now on (who acts)")
    parser.set_defaults(run=_take)
    _signed(parser)
    parser = parts.add_parser("release", help="give a shift back: the plan holds again")
    parser.add_argument("team")
    parser.set_defaults(run=_release)
    _signed(parser)
    parser = parts.add_parser("explain", help="say who would hear of an alert, when and why")
    parser.add_argument("alert", nargs="?", help="an open alert's id, or its beginning")
    parser.add_argument("--rule", help="or an alert of this rule ...")
    parser.add_argument("--zone", default="", help="... in this zone")
    parser.add_argument("--lead", default="", help="... that this agency leads")
    parser.add_argument("--at", metavar="TIME", help="then, not now: 2026-01-01T03:00:00Z, or 2h")
    parser.set_defaults(run=_explain)


def _signed(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--who", default=getpass.getuser(), help="who acts (%(default)s)")
    parser.add_argument("--note", default="", help="why")


def _oncall(given: argparse.Namespace) -> int:
    config, venue = load_all(given.config)
    at, now = _moment(given.at), datetime.now(UTC)
    overrides = _overrides(config)
    roster = _roster(config, venue, at, overrides)
    home = ZoneInfo(venue.congress.timezone)
    teams = [row for row in roster.teams if given.team in (None, row.id)]
    if not teams:
        known = ", ".join(row.id for row in roster.teams)
        raise ConfigError([f'--team: roster.toml has no team "{given.team}"; it has {known}'])
    table = Table("Team", "On call", "Until", "Why")
    for team in teams:
        found = on_call(roster, overrides, team.id, at)
        for one in found:
            name = f"{one.person.id} ({one.person.name})"
            ends = f"{one.until.astimezone(home):%a %d %b %H:%M}"
            table.add_row(team.id, escape(name), ends, escape(one.why))
        if not found:
            table.add_row(team.id, "[bold red]nobody[/]", "", "")
    console = Console(highlight=False)
    console.print(table)
    told = now if given.at is None else at
    console.print(f"At {told.astimezone(home):%a %d %b %Y %H:%M} {venue.congress.timezone}.")
    for trouble in roster.troubles:
        console.print(f"[yellow]{escape(trouble.subject)}[/]: {escape(trouble.reason)}")
    return 0


def _take(given: argparse.Namespace) -> int:
    now = datetime.now(UTC)
    said = StaffOverride(
        at=now,
        id=uuid4().hex,
        who=given.who,
        team=given.team,
        person=given.person,
        until=_end(given, now),
        note=given.note,
    )
    config = load_config(given.config)
    print(tell(config, said, given.team, _became(given.who, given.team)))
    return 0


def _end(given: argparse.Namespace, now: datetime) -> datetime:
    """Return when a shift ends: a time of day is the next one by the clocks of the congress."""
    try:
        clock = datetime.strptime(given.until, "%H:%M").time()  # noqa: DTZ007 - its zone is the congress's
    except ValueError:
        return until(given.until, now)
    _, venue = load_all(given.config)
    here = now.astimezone(ZoneInfo(venue.congress.timezone))
    end = datetime.combine(here.date(), clock, here.tzinfo)
    return end if end > here else datetime.combine(here.date() + timedelta(1), clock, here.tzinfo)


def _release(given: argparse.Namespace) -> int:
    said = StaffRelease(
        at=datetime.now(UTC), id=uuid4().hex, who=given.who, team=given.team, note=given.note
    )
    config = load_config(given.config)
    print(tell(config, said, given.team, _became(given.who, given.team)))
    return 0


def _became(who: str, team: str) -> Callable[[Transition], str | None]:
    def became(written: Transition) -> str | None:
        match written:
            case OverrideChanged(override=row, ended=ended) if (
                row.team == team and written.who == who
            ):
                return (
                    f"{team}: the plan holds again"
                    if ended
                    else f"{team}: {row.person} is on call until {row.until:%d %b %H:%M}Z"
                )
            case _:
                return None

    return became


def _explain(given: argparse.Namespace) -> int:
    config, venue = load_all(given.config)
    at, overrides = _moment(given.at), _overrides(config)
    roster = _roster(config, venue, at, overrides)
    alert = _open(config, given.alert) if given.alert else _made_up(given, config, venue, at)
    found = rehearse(roster, overrides, alert, at)
    print(*_lines(found, roster, alert, at, ZoneInfo(venue.congress.timezone)), sep="\n")
    return 0


def _lines(
    found: Rehearsal, roster: Roster, alert: Alert, at: datetime, home: ZoneInfo
) -> Iterator[str]:
    """Say which ladder takes the alert, and what it does then, page by page."""
    where = " in ".join(filter(None, (f"{alert.severity} {alert.rule}", alert.zone)))
    if found.ladder is None:
        yield f"{where}: no ladder takes it: nobody is paged"
        return
    yield f'{where}: "{found.ladder.id}" takes it, the first [[escalation]] that fits'
    if not found.ladder.steps:
        yield "  it has no step: nobody is paged, and that is meant"
        return
    for page in found.pages:
        after = page.at - at
        moment = f"{page.at.astimezone(home):%a %H:%M:%S}"
        what = "in a digest: " if page.kind in ("digest", "summary") else f"step {page.step}: "
        yield f"  {moment}  +{in_words(after):<9} {page.person:<12} {what}{page.reason}"
    reaches_fallback = any(page.step > len(found.ladder.steps) for page in found.pages)
    if reaches_fallback and alert.severity not in TOLD_ONCE:
        every = in_words(roster.fallback.every)
        yield f"  and so on every {every}, until somebody says «mine»"
    holds = holds_for(found.ladder, alert)
    yield (
        f"«Mine» stops it for {in_words(holds)}; if it is still so then, it climbs on"
        if holds
        else "«Mine» stops it for good"
    )


def _made_up(given: argparse.Namespace, config: Config, venue: Venue, at: datetime) -> Alert:
    """Return an alert of a rule that nobody has raised."""
    rules = {row.id: row for row in load(config.files.rules).rules}
    zones = {row.id: row for row in venue.zones}
    if given.rule not in rules:
        raise ConfigError(
            [f'--rule: no rule is called "{given.rule or ""}"; name one, or an alert']
        )
    if given.zone and given.zone not in zones:
        raise ConfigError([f'--zone: venue.toml has no zone "{given.zone}"'])
    rule = rules[given.rule]
    return Alert(
        id="rehearsal",
        rule=rule.id,
        key=given.zone,
        title=rule.title,
        severity=rule.severity,
        do=rule.do,
        site=zones[given.zone].site if given.zone else "",
        zone=given.zone,
        lead=given.lead,
        silent=rule.silent,
        happened_at=at,
        raised_at=at,
        last_at=at,
    )


def _open(config: Config, beginning: str) -> Alert:
    with Journal(config.journal.path, read_only=True) as journal:
        return the_one(journal.alerts(), beginning)


def _roster(config: Config, venue: Venue, at: datetime, overrides: dict[str, Override]) -> Roster:
    """Return the roster as the files have it, worked out for a time."""
    if config.files.roster is None:
        raise ConfigError([NO_ROSTER])
    read = read_roster(config.files.roster, venue)
    calendars = read.document.calendars
    feeds = Feeds.beside(config.journal.path)
    return plan(read, venue, at, feeds.texts(calendars), overrides)


def _overrides(config: Config) -> dict[str, Override]:
    """Return the shifts that were taken, as the journal has them."""
    if not config.journal.path.exists():
        return {}
    with Journal(config.journal.path, read_only=True) as journal:
        after, found = 0, dict[str, Override]()
        for seq, body in journal.snapshots():
            after, found = seq, dict(msgspec.json.decode(body, type=State).overrides)
            break
        while rows := journal.transitions(after):
            after = rows[-1].seq
            for row in rows:
                if isinstance(row.transition, OverrideChanged):
                    override = row.transition.override
                    found.pop(override.team, None)
                    if not row.transition.ended:
                        found[override.team] = override
    return found


def _moment(text: str | None) -> datetime:
    now = datetime.now(UTC)
    return now if text is None else until(text, now, "--at").astimezone(UTC)
