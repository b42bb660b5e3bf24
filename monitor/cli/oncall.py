"""Commands about people on call: oncall, oncall take, oncall release, oncall explain."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import msgspec
from rich.markup import escape

from monitor.app.deployment import load_all
from monitor.cli.arguments import add_who, find_one, parse_time
from monitor.cli.live_status import warn_if_stale
from monitor.cli.screen import EscapingConsole, table_of
from monitor.cli.send import Outcome, send
from monitor.cli.words import VenueWords
from monitor.config import Config
from monitor.config import load as load_config
from monitor.core.alert import Alert
from monitor.core.events.commands import StaffOverride, StaffRelease
from monitor.core.oncall.escalation import FALLBACK_ONCE
from monitor.core.oncall.escalation_policy import holds_for
from monitor.core.oncall.on_call import on_call
from monitor.core.roster import Roster, Team
from monitor.core.state import snapshot
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
from monitor.texts import in_english, plain
from monitor.toml.words import no_such

NO_ROSTER = (
    'config.toml: [files] roster: missing, so no one is paged; write e.g. roster = "roster.toml"'
)
AT = "then instead of now: 2026-01-01T18:00:00Z, or 2h for in two hours"


def add(commands: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    """Add the commands of this module."""
    parser = commands.add_parser(
        "oncall", help="show who is on call, why and until when; take a shift"
    )
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
    parser.set_defaults(run=_explain)


def _add_signature(parser: argparse.ArgumentParser) -> None:
    add_who(parser)
    parser.add_argument("--note", default="", help="why")


def _oncall(given: argparse.Namespace) -> int:
    config, venue = load_all(given.config)
    at, now = _time(given.at), datetime.now(UTC)
    overrides = _overrides(config)
    roster = _roster(config, venue, at, overrides)
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
    _warn_of_shifts(config)
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


def _warn_of_shifts(config: Config) -> None:
    """Say that shifts taken lately may be missing; who is on call by the plan is known without the monitor."""
    if warn_if_stale(config):
        print("The plan applies without the monitor; shifts taken since then are missing.")


def _take(given: argparse.Namespace) -> int:
    now = datetime.now(UTC)
    command = StaffOverride(
        at=now,
        id=uuid4().hex,
        who=given.who,
        team=given.team,
        person=given.person,
        until=_end(given, now),
        note=given.note,
    )
    config = load_config(given.config)
    if given.person:
        VenueWords.read(config).require_person(given.person)
    print(send(config, command, given.team, _outcome(config, given.who, given.team)))
    return 0


def _end(given: argparse.Namespace, now: datetime) -> datetime:
    """Return the end of a shift; a time of day means the next one on the congress's clocks."""
    try:
        clock = datetime.strptime(given.until, "%H:%M").time()  # noqa: DTZ007 - in the congress's zone
    except ValueError:
        return parse_time(given.until, now)
    _, venue = load_all(given.config)
    here = now.astimezone(ZoneInfo(venue.congress.timezone))
    end = datetime.combine(here.date(), clock, here.tzinfo)
    return end if end > here else datetime.combine(here.date() + timedelta(1), clock, here.tzinfo)


def _release(given: argparse.Namespace) -> int:
    command = StaffRelease(
        at=datetime.now(UTC), id=uuid4().hex, who=given.who, team=given.team, note=given.note
    )
    config = load_config(given.config)
    print(send(config, command, given.team, _outcome(config, given.who, given.team)))
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
                return (
                    f"{team}: {words.person(row.person)} is on call until {words.minute(row.until)}"
                )
            case _:
                return None

    return outcome


def _explain(given: argparse.Namespace) -> int:
    config, venue = load_all(given.config)
    at, overrides = _time(given.at), _overrides(config)
    roster = _roster(config, venue, at, overrides)
    alert = _open(config, given.alert) if given.alert else _hypothetical(given, config, venue, at)
    found = rehearse(roster, overrides, alert, at)
    if given.json:
        warn_if_stale(config)
        for page in found.pages:
            print(msgspec.json.encode(in_english(page)).decode())
        return 0
    _warn_of_shifts(config)
    print(*_lines(found, roster, alert, at, ZoneInfo(venue.congress.timezone)), sep="\n")
    return 0


def _lines(
    found: Rehearsal, roster: Roster, alert: Alert, at: datetime, home: ZoneInfo
) -> Iterator[str]:
    """Yield the escalation policy that applies to the alert, and its pages one by one."""
    where = " in ".join(filter(None, (f"{alert.severity} {alert.rule}", alert.zone)))
    policy = found.policy
    names = {row.id: f"{row.name} ({row.id})" for row in roster.people}
    if policy is None:
        yield f"{where}: no [[escalation]] matches, so no one is paged"
        return
    yield f'{where}: [[escalation]] "{policy.id}", the first that matches'
    if not policy.steps:
        yield "  it has no steps: no one is paged, on purpose"
        return
    for page in found.pages:
        after = page.at - at
        time = f"{page.at.astimezone(home):%a %d %b %Y %H:%M:%S %Z}"
        what = "in a digest: " if page.kind in ("digest", "summary") else f"step {page.step}: "
        yield f"  {time}  +{in_words(after):<9} {names.get(page.person, page.person)}: {what}{plain(page.reason)}"
    reaches_fallback = any(page.step > len(policy.steps) for page in found.pages)
    if reaches_fallback and alert.severity not in FALLBACK_ONCE:
        every = in_words(roster.fallback.every)
        yield f"  and again every {every}, until someone acknowledges the alert"
    holds = holds_for(policy, alert)
    yield (
        f"An acknowledgement holds for {in_words(holds)}; if the alert is still active then, it escalates again"
        if holds
        else "An acknowledgement stops the escalation for good"
    )


def _hypothetical(given: argparse.Namespace, config: Config, venue: Venue, at: datetime) -> Alert:
    """Return an alert as the rule would raise it."""
    rules = {row.id: row for row in load(config.files.rules).rules}
    zones = {row.id: row for row in venue.zones}
    if given.rule not in rules:
        raise ConfigError(
            [f"--rule: {no_such('rule', given.rule, rules)}"]
            if given.rule
            else ["name an open alert, or a rule with --rule"]
        )
    if given.zone and given.zone not in zones:
        raise ConfigError([f"--zone: venue.toml: {no_such('zone', given.zone, zones)}"])
    rule = rules[given.rule]
    return Alert(
        id="rehearsal",
        rule=rule.id,
        key=given.zone,
        title=rule.title,
        severity=rule.severity,
        do=rule.procedure,
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
        return find_one(journal.alerts(), beginning)


def _roster(config: Config, venue: Venue, at: datetime, overrides: dict[str, Override]) -> Roster:
    """Return the roster of the files, planned around a time."""
    if config.files.roster is None:
        raise ConfigError([NO_ROSTER])
    read = read_roster(config.files.roster, venue)
    calendars = read.document.calendars
    feeds = Feeds.beside(config.journal.path)
    return plan(read, venue, at, feeds.texts(calendars), overrides)


def _overrides(config: Config) -> dict[str, Override]:
    """Return the shifts that were taken, by team, from the journal."""
    if not config.journal.path.exists():
        return {}
    with Journal(config.journal.path, read_only=True) as journal:
        after, found = 0, dict[str, Override]()
        for seq, body in journal.snapshots():
            after, found = seq, dict(snapshot.decode(body).paging.overrides)
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


def _time(text: str | None) -> datetime:
    now = datetime.now(UTC)
    return now if text is None else parse_time(text, now, "--at").astimezone(UTC)
