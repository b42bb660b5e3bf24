"""Checks of ``roster.toml`` beyond the types of its values: undefined names, alerts that reach no one."""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from monitor.core.oncall.escalation_policy import names_rule
from monitor.core.roster import (
    COORDINATING,
    LEAD,
    EscalationPolicy,
    EscalationStep,
    Fallback,
    Flood,
    Team,
)
from monitor.core.venue.model import Venue
from monitor.roster.channel_types import COMMON_SERVICES, is_known_service
from monitor.roster.file import (
    CalendarTable,
    ChannelTable,
    DailyHours,
    DailyTable,
    Document,
    PersonTable,
    QuietHours,
    Rotation,
)
from monitor.toml import KeyMistakes, Keys, ParseResult, no_such, quoted

KINDS = ("person", "team", "calendar", "escalation")
"""The tables whose entries have ids."""
SHORTEST = timedelta(seconds=10)
"""No one can answer sooner; a faster escalation is only noise."""
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_zones = cache(available_timezones)


def check(
    parsed: ParseResult[Document], venue: Venue | None, rules: Collection[str] | None
) -> None:
    """Add the mistakes found to the result; names of the venue and of rules are checked if those are given."""
    people, teams = ids(parsed, "person"), ids(parsed, "team")
    for kind in KINDS:
        _check_unique(parsed, kind)
    for keys, part in parsed.parts.items():
        found = [*_CHECKS.get(type(part), _nothing)(part), *_names(part, people, teams)]
        if venue is not None:
            found += _of_venue(part, venue)
        if rules is not None and isinstance(part, EscalationPolicy):
            found += _of_rules(part, rules)
        for key, what in found:
            parsed.wrong((*keys, key), what)
    _check_policies(parsed)
    _check_fallback(parsed)


def ids(parsed: ParseResult[Document], kind: str) -> list[str]:
    """Return the ids of all tables of this kind, including tables with mistakes."""
    found = parsed.tables.get(kind)
    rows = found if isinstance(found, list) else []
    return [row["id"] for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)]


def _check_unique(parsed: ParseResult[Document], kind: str) -> None:
    first: dict[str, Keys] = {}
    for place, own in enumerate(ids(parsed, kind)):
        keys: Keys = (kind, place)
        if own in first:
            line = parsed.line(first[own])
            what = f"{quoted(own)} is already used on line {line}; choose another"
            parsed.wrong((*keys, "id"), what)
        first.setdefault(own, keys)


def _check_policies(parsed: ParseResult[Document]) -> None:
    """Check that every alert finds a policy, and every policy can receive alerts."""
    policies = [
        (keys, part) for keys, part in parsed.parts.items() if isinstance(part, EscalationPolicy)
    ]
    if len(policies) < len(ids(parsed, "escalation")):
        return  # one has mistakes of its own; it may be the one that seems to be missing
    open_to_all: set[bool] = set()
    for keys, policy in policies:
        if policy.silent in open_to_all:
            parsed.wrong(
                keys, "no alert reaches it: one above takes them all; move that one to the end"
            )
        elif not _is_conditional(policy):
            open_to_all.add(policy.silent)
    if False not in open_to_all:
        what = "some alerts have none; add a last [[escalation]] with nothing but id and step"
        parsed.wrong(("escalation",), what)
    if True not in open_to_all:
        what = "some silent alerts (duress) have none; add an [[escalation]] with only id, silent = true and step"
        parsed.wrong(("escalation",), what)


def _check_fallback(parsed: ParseResult[Document]) -> None:
    fallback = parsed.tables.get("fallback")
    named = isinstance(fallback, dict) and any(map(fallback.get, ("notify", "tell")))
    if not named:
        what = "an alert that no one acknowledges would reach no one else"
        parsed.wrong(("fallback",), f'{what}; write [fallback] with e.g. notify = ["chief"]')


def _is_conditional(policy: EscalationPolicy) -> bool:
    """Return whether a policy takes only some alerts."""
    return bool(policy.sites or policy.zones or policy.rules or policy.severities or policy.leads)


def _names(part: object, people: Collection[str], teams: Collection[str]) -> KeyMistakes:
    """Yield the people and teams that a table names and the file does not define."""
    match part:
        case Rotation(team=team):
            yield from _unknown("team", "team", [team], teams)
            yield from _unknown("people", "person", part.people, people)
        case CalendarTable(team=team):
            yield from _unknown("team", "team", [team], teams)
        case EscalationStep(notify=names) | Fallback(notify=names) | DailyTable(notify=names):
            at_teams = [name[1:] for name in names if name.startswith("@")]
            agencies = (LEAD[1:], COORDINATING[1:])
            by_team = [name for name in at_teams if name not in agencies]
            yield from _unknown("notify", "team", by_team, teams)
            for name in names:
                if name in teams and name not in people:
                    near = quoted(f"@{name}")
                    what = f"{quoted(name)} is a team; write {near} for the person on call in it"
                    yield "notify", what
                elif not name.startswith("@"):
                    yield from _unknown("notify", "person", [name], people)
        case _:
            pass


def _of_venue(part: object, venue: Venue) -> KeyMistakes:
    agencies = [row.id for row in venue.agencies]
    match part:
        case EscalationPolicy():
            yield from _unknown("sites", "site", part.sites, [row.id for row in venue.sites])
            yield from _unknown("zones", "zone", part.zones, [row.id for row in venue.zones])
            yield from _unknown("leads", "agency", part.leads, agencies)
        case PersonTable(agency=agency) if agency:
            yield from _unknown("agency", "agency", [agency], agencies)
        case Team(agency=agency) if agency:
            yield from _unknown("agency", "agency", [agency], agencies)
        case _:
            pass


def _of_rules(policy: EscalationPolicy, rules: Collection[str]) -> KeyMistakes:
    families = sorted({f"{rule.partition('-')[0]}-*" for rule in rules})
    for pattern in policy.rules:
        if not any(names_rule(pattern, rule) for rule in rules):
            known = families if pattern.endswith("*") else rules
            yield "rules", no_such("rule", pattern, known)


def _unknown(key: str, noun: str, names: Collection[str], known: Collection[str]) -> KeyMistakes:
    for name in names:
        if name not in known:
            yield key, no_such(noun, name, known)


def _person(person: PersonTable) -> KeyMistakes:
    for language in person.languages:
        if not _LANGUAGE.fullmatch(language):
            what = f'{quoted(language)} is not a language tag; write e.g. "vi" or "pt-BR"'
            yield "languages", what
    names = [channel.name for channel in person.channels]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield "channel", f"{quoted(name)} is used twice; give each channel a name of its own"


def _channel(channel: ChannelTable) -> KeyMistakes:
    if (channel.url is None) == (channel.url_file is None):
        yield "url", "write either url, or url_file for a file that holds the address"
    url = channel.url or channel.url_file
    scheme = "" if url is None else url.reveal().partition("://")[0].lower()
    if scheme and not is_known_service(scheme):
        yield "url", no_such("kind of address", f"{scheme}://", COMMON_SERVICES)
    if not channel.timeout:
        yield "timeout", 'must be more than 0; write e.g. "10s"'


def _rotation(rotation: Rotation) -> KeyMistakes:
    yield from _timezone(rotation.timezone)
    if rotation.shift < timedelta(hours=1):
        yield "shift", 'is less than an hour; write e.g. "12h", "24h" or "7d"'


def _calendar(calendar: CalendarTable) -> KeyMistakes:
    given = [row for row in (calendar.file, calendar.url, calendar.url_file) if row is not None]
    if len(given) != 1:
        yield "file", "write exactly one of file, url and url_file"
    if calendar.every < timedelta(seconds=10):
        yield "every", 'is too often; write at least "10s"'
    if calendar.stale_after < calendar.every:
        what = 'is less than every, so the copy would always be stale; write e.g. "24h"'
        yield "stale_after", what


def _step(step: EscalationStep) -> KeyMistakes:
    if step.wait < SHORTEST:
        yield "wait", 'is too short for anyone to answer; write at least "10s"'


def _fallback(fallback: Fallback) -> KeyMistakes:
    if fallback.every < timedelta(minutes=1):
        yield "every", 'is too often; write at least "1m"'


def _daily(daily: DailyTable) -> KeyMistakes:
    for name in daily.notify:
        if name in (LEAD, COORDINATING):
            what = f"{quoted(name)} depends on an alert; write a person or a team such as "
            yield "notify", what + quoted("@guards")


def _flood(flood: Flood) -> KeyMistakes:
    for key in ("within", "every"):
        if getattr(flood, key) < SHORTEST:
            yield key, 'is too short; write at least "10s"'


def _policy(policy: EscalationPolicy) -> KeyMistakes:
    if policy.digest and {"life_safety", "critical"} & set(policy.severities):
        yield "digest", "life safety and critical alerts can't wait; leave it out"
    if policy.digest and not policy.severities:
        what = "would delay life safety and critical alerts; write severities that can wait"
        yield "digest", what
    for rule in policy.rules:
        if "*" in rule[:-1]:
            yield "rules", f"{quoted(rule)} has * before the end; write it only at the end"


def _hours(hours: DailyHours) -> KeyMistakes:
    if hours.starts == hours.ends:
        yield "to", "is the same as from; leave both out for the whole day"


def _quiet(quiet: QuietHours) -> KeyMistakes:
    yield from _hours(quiet)
    if {"life_safety", "critical"} & set(quiet.severities):
        yield "severities", "life safety and critical alerts can't wait; leave them out"


def _timezone(name: str) -> KeyMistakes:
    if name and name not in _zones():
        yield "timezone", no_such("time zone", name, sorted(_zones()))


def _nothing(_: object) -> KeyMistakes:
    yield from ()


_CHECKS: Mapping[type, Callable[[Any], KeyMistakes]] = {
    PersonTable: _person,
    ChannelTable: _channel,
    Rotation: _rotation,
    CalendarTable: _calendar,
    EscalationPolicy: _policy,
    EscalationStep: _step,
    Fallback: _fallback,
    Flood: _flood,
    DailyTable: _daily,
    DailyHours: _hours,
    QuietHours: _quiet,
}
