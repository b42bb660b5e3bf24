"""Commands about people on call: oncall, oncall take, oncall release, oncall explain."""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import msgspec
from rich.markup import escape

from monitor.app.deployment import load_all
from monitor.cli.arguments import parse_time
from monitor.cli.commands import Commands
from monitor.cli.live_status import warn_if_stale
from monitor.cli.oncall_plan import overrides_of, roster_at, time_of, warn_of_shifts
from monitor.cli.rehearsal import explain
from monitor.cli.screen import EscapingConsole, table_of
from monitor.cli.send import Outcome, add_signature, send, signer
from monitor.cli.words import VenueWords
from monitor.config import Config
from monitor.config import load as load_config
from monitor.core.events.commands import StaffOverride, StaffRelease
from monitor.core.oncall.on_call import on_call
from monitor.core.roster import Roster, Team
from monitor.core.transitions import Override, OverrideChanged, Transition
from monitor.errors import ConfigError
from monitor.texts import plain
from monitor.toml.words import no_such

AT = "then instead of now: 2026-01-01T18:00:00Z, or 2h for in two hours"


def add(commands: Commands) -> None:
    """Add the commands of this module."""
    parser = commands.add_parser("oncall")
    parser.add_argument("--at", metavar="TIME", help=AT)
    parser.add_argument("--team", help="only this team")
    parser.add_argument("--json", action="store_true", help="print JSON Lines")
    parser.set_defaults(run=_oncall)
    parts = parser.add_subparsers(metavar="WHAT")
    parser = parts.add_parser(
        "take", help="take a shift: for this time one person is on call instead of the plan"
    )
    parser.add_argument("team", help="the team's id")
    parser.add_argument(
        "--until",
        required=True,
        help="a time of day such as 06:00, a time such as 2026-01-01T06:00:00Z, or 30m, 8h",
    )
    parser.add_argument(
        "--from", dest="since", default="", help="written likewise (default: from now on)"
    )
    parser.add_argument("--person", default="", help="who takes the shift (default: who acts)")
    parser.set_defaults(run=_take)
    _add_signature(parser)
    parser = parts.add_parser("release", help="give a shift back: the plan applies again")
    parser.add_argument("team", help="the team's id")
    parser.set_defaults(run=_release)
    _add_signature(parser)
    parser = parts.add_parser("explain", help="show who would be paged for an alert, when and why")
    parser.add_argument("alert", nargs="?", help="an open alert's id, or its beginning")
    parser.add_argument("--rule", help="instead: an alert of this rule ...")
    parser.add_argument("--zone", default="", help="... in this zone")
    parser.add_argument("--lead", default="", help="... led by this agency")
    parser.add_argument("--at", metavar="TIME", help=AT)
    parser.add_argument("--json", action="store_true", help="print each page as JSON Lines")
    parser.set_defaults(run=explain)


def _add_signature(parser: argparse.ArgumentParser) -> None:
    add_signature(parser)
    parser.add_argument("--note", default="", help="why")


def _oncall(given: argparse.Namespace) -> int:
    config, venue = load_all(given.config)
    at, now = time_of(given.at), datetime.now(UTC)
    overrides = overrides_of(config)
    roster = roster_at(config, venue, at, overrides)
    home = ZoneInfo(venue.congress.timezone)
    teams = [row for row in roster.teams if given.team in (None, row.id)]
    if not teams:
        known = [row.id for row in roster.teams]
        raise ConfigError([f"--team: roster.toml: {no_such('team', given.team, known)}"])
    if given.json:
        return _print_json(config, roster, overrides, teams, at)
    words = VenueWords(venue)
    table = table_of("Team", "On call", "Until", "Why")
    for team in teams:
        found = on_call(roster, overrides, team.id, at)
        for one in found:
            name = f"{one.person.name} ({one.person.id})"
            ends = f"{one.until.astimezone(home):%a} {words.minute(one.until)}"
            table.add_row(team.id, escape(name), ends, escape(plain(one.why)))
        if not found:
            table.add_row(team.id, "[bold red]no one[/]", "", "")
    console = EscapingConsole(highlight=False)
    console.print(table)
    asked_for = now if given.at is None else at
    console.print(f"At {asked_for.astimezone(home):%a %d %b %Y %H:%M} {venue.congress.timezone}.")
    warn_of_shifts(config)
    for trouble in roster.troubles:
        console.print(f"[yellow]{escape(trouble.subject)}[/]: {escape(plain(trouble.reason))}")
    return 0


def _print_json(
    config: Config,
    roster: Roster,
    overrides: dict[str, Override],
    teams: Sequence[Team],
    at: datetime,
) -> int:
    for team in teams:
        shifts = [
            {
                "person": one.person.id,
                "name": one.person.name,
                "until": one.until,
                "why": plain(one.why),
            }
            for one in on_call(roster, overrides, team.id, at)
        ]
        print(msgspec.json.encode({"team": team.id, "at": at, "on_call": shifts}).decode())
    warn_if_stale(config)
    for trouble in roster.troubles:
        print(f"{trouble.subject}: {plain(trouble.reason)}", file=sys.stderr)
    return 0


def _take(given: argparse.Namespace) -> int:
    now, config = datetime.now(UTC), load_config(given.config)
    if given.person:
        VenueWords.read(config).require_person(given.person)
    command = StaffOverride(
        at=now,
        id=uuid4().hex,
        who=signer(config, given),
        team=given.team,
        person=given.person,
        since=_time(given.since, given, now) if given.since else None,
        until=_time(given.until, given, now),
        note=given.note,
    )
    print(send(config, given, command, given.team, _outcome(config, command.who, given.team)))
    return 0


def _time(text: str, given: argparse.Namespace, now: datetime) -> datetime:
    """Return when a shift begins or ends; a time of day means the next one on the congress's clocks."""
    try:
        clock = datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - in the congress's zone
    except ValueError:
        return parse_time(text, now)
    _, venue = load_all(given.config)
    here = now.astimezone(ZoneInfo(venue.congress.timezone))
    end = datetime.combine(here.date(), clock, here.tzinfo)
    return end if end > here else datetime.combine(here.date() + timedelta(1), clock, here.tzinfo)


def _release(given: argparse.Namespace) -> int:
    config = load_config(given.config)
    command = StaffRelease(
        at=datetime.now(UTC),
        id=uuid4().hex,
        who=signer(config, given),
        team=given.team,
        note=given.note,
    )
    print(send(config, given, command, given.team, _outcome(config, command.who, given.team)))
    return 0


def _outcome(config: Config, who: str, team: str) -> Outcome:
    def outcome(transition: Transition) -> str | None:
        match transition:
            case OverrideChanged(override=row, ended=ended) if (
                row.team == team and transition.who == who
            ):
                if ended:
                    return f"{team}: the plan applies again"
                words = VenueWords.read(config)
                name, until = words.person(row.person), words.minute(row.until)
                if row.since > transition.at:
                    return f"{team}: {name} is on call from {words.minute(row.since)} to {until}"
                return f"{team}: {name} is on call until {until}"
            case _:
                return None

    return outcome
