"""The command that says whom an alert would page: oncall explain."""

import argparse
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from monitor.app.deployment import load_all
from monitor.cli.arguments import find_one
from monitor.cli.live_status import warn_if_stale
from monitor.cli.oncall_plan import overrides_of, roster_at, time_of, warn_of_shifts
from monitor.config import Config
from monitor.core.alert import Alert
from monitor.core.oncall.escalation import FALLBACK_ONCE
from monitor.core.oncall.escalation_policy import holds_for
from monitor.core.oncall.rehearsal import Rehearsal, hypothetical, rehearse
from monitor.core.roster import Roster
from monitor.core.timing import in_words
from monitor.core.venue.model import Venue
from monitor.errors import ConfigError
from monitor.journal import Journal
from monitor.rules.read import load
from monitor.texts import ENGLISH, in_english, plain
from monitor.toml.words import no_such


def explain(given: argparse.Namespace) -> int:
    """Print whom an open alert, or one of a rule, would page and when."""
    config, venue = load_all(given.config)
    at, overrides = time_of(given.at), overrides_of(config)
    roster = roster_at(config, venue, at, overrides)
    alert = _open(config, given.alert) if given.alert else _hypothetical(given, config, venue, at)
    found = rehearse(roster, overrides, alert, at, ENGLISH)
    if given.json:
        warn_if_stale(config)
        for page in found.pages:
            print(msgspec.json.encode(in_english(page)).decode())
        return 0
    warn_of_shifts(config)
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
    site = zones[given.zone].site if given.zone else ""
    return hypothetical(rules[given.rule], site, given.zone, given.lead, at)


def _open(config: Config, beginning: str) -> Alert:
    with Journal(config.journal.path, read_only=True) as journal:
        return find_one(journal.alerts(), beginning)
