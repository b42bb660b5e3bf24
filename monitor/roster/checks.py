"""Finds what is wrong in ``roster.toml`` beyond its types: names that lead nowhere, alerts that nobody gets."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import timedelta
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from monitor.core.oncall.escalation_policy import names_rule
from monitor.core.roster import COORDINATING, LEAD, Fallback, Flood, Ladder, Step, Team
from monitor.core.venue.model import Venue
from monitor.roster.file import (
    Calendar,
    ChannelTable,
    Document,
    Hours,
    PersonTable,
    QuietHours,
    Rotation,
)
from monitor.toml import Keys, Reading, no_such, quoted

Found = Iterator[tuple[str, str]]
"""Keys, with what is wrong there and what to write instead."""

KINDS = ("person", "team", "calendar", "escalation")
"""The tables that have ids."""
SHORTEST = timedelta(seconds=10)
"""Nobody can answer sooner; what climbs faster only makes noise."""
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_NOW = "life safety and critical alerts can't wait; take it out"
_zones = cache(available_timezones)


def check(reading: Reading[Document], venue: Venue | None, rules: Collection[str] | None) -> None:
    """Add the mistakes to the reading; what a venue and rules are needed for, if they are there."""
    people, teams = ids(reading, "person"), ids(reading, "team")
    for kind in KINDS:
        _check_unique(reading, kind)
    for keys, part in reading.parts.items():
        found = [*_CHECKS.get(type(part), _nothing)(part), *_names(part, people, teams)]
        if venue is not None:
            found += _of_venue(part, venue)
        if rules is not None and isinstance(part, Ladder):
            found += _of_rules(part, rules)
        for key, what in found:
            reading.wrong((*keys, key), what)
    _check_ladders(reading)
    _check_fallback(reading)


def ids(reading: Reading[Document], kind: str) -> list[str]:
    """Return the ids of all tables of this kind, those that have mistakes included."""
    found = reading.tables.get(kind)
    rows = found if isinstance(found, list) else []
    return [row["id"] for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)]


def _check_unique(reading: Reading[Document], kind: str) -> None:
    first: dict[str, Keys] = {}
    for place, own in enumerate(ids(reading, kind)):
        keys: Keys = (kind, place)
        if own in first:
            line = reading.line(first[own])
            what = f"{quoted(own)} stands on line {line} already; choose another"
            reading.wrong((*keys, "id"), what)
        first.setdefault(own, keys)


def _check_ladders(reading: Reading[Document]) -> None:
    """Every alert has to find a ladder, and every ladder alerts."""
    ladders = [(keys, part) for keys, part in reading.parts.items() if isinstance(part, Ladder)]
    if len(ladders) < len(ids(reading, "escalation")):
        return  # one has mistakes of its own; it may be the one that would be missed here
    open_to_all: set[bool] = set()
    for keys, ladder in ladders:
        if ladder.silent in open_to_all:
            reading.wrong(
                keys, "no alert gets here: one above takes them all; move that to the end"
            )
        elif not _conditions(ladder):
            open_to_all.add(ladder.silent)
    if False not in open_to_all:
        what = "the last [[escalation]] has to take what no other does: write one with nothing but id and step"
        reading.wrong(("escalation",), what)
    if True not in open_to_all:
        what = "no [[escalation]] takes every silent alert (duress): write one with silent = true"
        reading.wrong(("escalation",), what)


def _check_fallback(reading: Reading[Document]) -> None:
    fallback = reading.tables.get("fallback")
    if not isinstance(fallback, dict) or not fallback.get("tell"):
        reading.wrong(
            ("fallback",),
            'who is told when nobody takes an alert? Write [fallback] with e.g. tell = ["chief"]',
        )


def _conditions(ladder: Ladder) -> bool:
    """Tell whether a ladder takes only some alerts."""
    return bool(ladder.sites or ladder.zones or ladder.rules or ladder.severities or ladder.leads)


def _names(part: object, people: Collection[str], teams: Collection[str]) -> Found:
    """Find the people and teams of a table that there are not."""
    match part:
        case Rotation(team=team):
            yield from _unknown("team", "team", [team], teams)
            yield from _unknown("people", "person", part.people, people)
        case Calendar(team=team):
            yield from _unknown("team", "team", [team], teams)
        case Step(tell=tell) | Fallback(tell=tell):
            at_teams = [name[1:] for name in tell if name.startswith("@")]
            agencies = (LEAD[1:], COORDINATING[1:])
            by_team = [name for name in at_teams if name not in agencies]
            yield from _unknown("tell", "team", by_team, teams)
            for name in tell:
                if name in teams and name not in people:
                    near = quoted(f"@{name}")
                    yield "tell", f"{quoted(name)} is a team; write {near} for who is on call there"
                elif not name.startswith("@"):
                    yield from _unknown("tell", "person", [name], people)
        case _:
            pass


def _of_venue(part: object, venue: Venue) -> Found:
    agencies = [row.id for row in venue.agencies]
    match part:
        case Ladder():
            yield from _unknown("sites", "site", part.sites, [row.id for row in venue.sites])
            yield from _unknown("zones", "zone", part.zones, [row.id for row in venue.zones])
            yield from _unknown("leads", "agency", part.leads, agencies)
        case PersonTable(agency=agency) if agency:
            yield from _unknown("agency", "agency", [agency], agencies)
        case Team(agency=agency) if agency:
            yield from _unknown("agency", "agency", [agency], agencies)
        case _:
            pass


def _of_rules(ladder: Ladder, rules: Collection[str]) -> Found:
    families = sorted({f"{rule.partition('-')[0]}-*" for rule in rules})
    for pattern in ladder.rules:
        if not any(names_rule(pattern, rule) for rule in rules):
            known = families if pattern.endswith("*") else rules
            yield "rules", no_such("rule", pattern, known)


def _unknown(key: str, noun: str, names: Collection[str], known: Collection[str]) -> Found:
    for name in names:
        if name not in known:
            yield key, no_such(noun, name, known)


def _person(person: PersonTable) -> Found:
    for language in person.languages:
        if not _LANGUAGE.fullmatch(language):
            yield "languages", f'{quoted(language)} is no language tag; write e.g. "vi" or "pt-BR"'
    names = [channel.name for channel in person.channels]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield "channel", f"{quoted(name)} is there twice; give each a name of its own"


def _channel(channel: ChannelTable) -> Found:
    if (channel.url is None) == (channel.url_file is None):
        yield "url", "give either url, or url_file with a file that holds it"
    if not channel.timeout:
        yield "timeout", 'it is 0: nothing could arrive; write e.g. "10s"'


def _rotation(rotation: Rotation) -> Found:
    yield from _timezone(rotation.timezone)
    if rotation.shift < timedelta(hours=1):
        yield "shift", 'is under an hour; write e.g. "12h", "24h" or "7d"'


def _calendar(calendar: Calendar) -> Found:
    given = [row for row in (calendar.file, calendar.url, calendar.url_file) if row is not None]
    if len(given) != 1:
        yield "file", "give exactly one of file, url and url_file"
    if calendar.every < timedelta(seconds=10):
        yield "every", 'is too often; write at least "10s"'
    if calendar.stale_after < calendar.every:
        yield "stale_after", "is less than every: it would always be stale"


def _step(step: Step) -> Found:
    if step.wait < SHORTEST:
        yield "wait", 'nobody can answer so soon; write at least "10s"'


def _fallback(fallback: Fallback) -> Found:
    if fallback.every < timedelta(minutes=1):
        yield "every", 'is too often; write at least "1m"'


def _flood(flood: Flood) -> Found:
    for key in ("within", "every"):
        if getattr(flood, key) < SHORTEST:
            yield key, 'is too short; write at least "10s"'


def _ladder(ladder: Ladder) -> Found:
    if ladder.digest and {"life_safety", "critical"} & set(ladder.severities):
        yield "digest", _NOW
    if ladder.digest and not ladder.severities:
        yield "digest", f"say with severities what can wait; {_NOW.partition(';')[0]}"
    for rule in ladder.rules:
        if "*" in rule[:-1]:
            yield "rules", f"{quoted(rule)}: * stands at the end alone"


def _hours(hours: Hours) -> Found:
    if hours.starts == hours.ends:
        yield "to", "is the same as from; leave both out for the whole day"


def _quiet(quiet: QuietHours) -> Found:
    yield from _hours(quiet)
    if {"life_safety", "critical"} & set(quiet.severities):
        yield "severities", "life safety and critical alerts wake people; take them out"


def _timezone(name: str) -> Found:
    if name and name not in _zones():
        yield "timezone", no_such("time zone", name, sorted(_zones()))


def _nothing(_: object) -> Found:
    yield from ()


_CHECKS: Mapping[type, Callable[[Any], Found]] = {
    PersonTable: _person,
    ChannelTable: _channel,
    Rotation: _rotation,
    Calendar: _calendar,
    Ladder: _ladder,
    Step: _step,
    Fallback: _fallback,
    Flood: _flood,
    Hours: _hours,
    QuietHours: _quiet,
}
