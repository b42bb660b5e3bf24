"""The tests in the rule files: a list of events on a virtual clock, and everything that must follow."""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from monitor.core.alert import Alert, Change
from monitor.core.compile.mistake import meant
from monitor.core.engine.engine import Engine
from monitor.core.events import EVENT_TYPES, ReceivedEvent
from monitor.core.events.monitor import Noticed
from monitor.core.inputs import Arrival, Input, Notice, RulesChanged, Tick
from monitor.core.rules.fields import fields
from monitor.core.rules.model import RuleSet, fact_query
from monitor.core.state.state import State
from monitor.core.timing import parse_duration
from monitor.core.transitions import AlertChanged, Transition
from monitor.core.venue.accreditation import UNKNOWN, classes_of
from monitor.core.venue.words import Phase
from monitor.texts import ENGLISH

START = datetime(2026, 1, 1, 8, 0, tzinfo=UTC)
LONGEST = timedelta(days=400)
"""How long the clock runs on after the last event, if timers keep it running."""
TOLERANCE = timedelta(seconds=2)
_DATE = re.compile(r"\d{4}-")
_MISSING = re.compile(r"required field `(\w+)`")
_PLACE = re.compile(r"at `\$\.(\w+)")
_ITEMS = "exits-free:pass or cold-store:pass:4:celsius"
_WANTED = {"number": "a number", "yes/no": "true or false", "list": f"e.g. {_ITEMS}"}
"""How to write values, by the type of the field."""


class RuleTest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One ``[[test]]`` of a rule file."""

    rule: str
    name: str
    events: tuple[str, ...]
    """Lines such as ``+31s door.closed point=d1``; ``at=+20s`` gives the device's own time if it differs."""
    expect: tuple[str, ...]
    """Lines such as ``+30s raised d1``: when, what, key; all of them, in order. Empty: nothing happens."""
    lateness: timedelta = timedelta(seconds=2)
    until: timedelta | None = None
    """When the clock stops, after the start; by default it runs until no timer is left."""
    phase: Phase | None = None
    """The phase of the congress; by default that of the venue file."""


class RuleTestError(ValueError):
    """A line of a test is invalid."""


def alone(rule_set: RuleSet, test: RuleTest) -> RuleSet:
    """Return the rule of a test with its facts, in the phase of the test.

    The other rules change nothing, and compiling them for every test would take longer than all tests.
    """
    rules = tuple(rule for rule in rule_set.rules if rule.id == test.rule)
    named = {fact_query(name).fact for rule in rules for name in rule.while_}
    facts = tuple(fact for fact in rule_set.facts if fact.id in named)
    venue = rule_set.venue
    if test.phase not in (None, venue.congress.phase):
        venue = replace(venue, congress=replace(venue.congress, phase=test.phase))
    return replace(rule_set, rules=rules, facts=facts, venue=venue)


def play(rule_set: RuleSet, test: RuleTest) -> list[str]:
    """Return what the rule did, in the form of ``expect``.

    Raises:
        RuleTestError: a line is invalid.

    """
    return [_shown(row) for row in _changes(rule_set, test)]


def alerts_of(rule_set: RuleSet, test: RuleTest) -> list[Alert]:
    """Return the alerts of the rule as each was raised or changed.

    Raises:
        RuleTestError: a line is invalid.

    """
    return [row.alert for row in _changes(rule_set, test)]


def _changes(rule_set: RuleSet, test: RuleTest) -> list[AlertChanged]:
    engine = Engine(State(), lateness=test.lateness, tolerance=TOLERANCE, wording=ENGLISH)
    own = alone(rule_set, test)
    seen = engine.step(RulesChanged(received_at=START, who="trial", rule_set=own))
    classes = classes_of(rule_set.venue)
    for line in test.events:
        given = _input(line, classes)
        if given.received_at < engine.state.time.now:
            raise RuleTestError(
                f'"{line}": not in order of arrival; sort the lines, or give the device\'s own time as at=+20s'
            )
        seen += _until(engine, given.received_at)
        seen += engine.step(given)
    end = engine.state.time.now + LONGEST if test.until is None else START + test.until
    seen += _until(engine, end)
    return [row for row in seen if isinstance(row, AlertChanged) and row.alert.rule == test.rule]


def differences(rule_set: RuleSet, test: RuleTest) -> Iterator[str]:
    """Yield what is wrong with a test: an invalid line, or an outcome that differs from the expected one."""
    try:
        got = play(rule_set, test)
        expected = [_expected(line) for line in test.expect]
    except RuleTestError as error:
        yield str(error)
        return
    if got != expected:
        yield "expected " + _listed(expected)
        yield "     got " + _listed(got)


def _until(engine: Engine, end: datetime) -> list[Transition]:
    """Run the clock, with a tick whenever a timer is due."""
    seen: list[Transition] = []
    while (deadline := engine.deadline) is not None and deadline <= end:
        seen += engine.step(Tick(received_at=max(deadline, engine.state.time.now)))
    return seen


def _input(line: str, classes: tuple[str, ...]) -> Input:
    try:
        offset, kind, *pairs = shlex.split(line, comments=True)
        named = dict(pair.split("=", 1) for pair in pairs)
    except ValueError as error:
        what = 'not an event line; write e.g. "+31s door.closed point=d1"'
        raise RuleTestError(f'"{line}": {what}') from error
    at = _time(offset, line)
    try:
        types = {name: field.type for name, field in fields(kind).items()}
    except KeyError as error:
        hint = meant(kind, EVENT_TYPES)
        raise RuleTestError(f'"{line}": unknown event type "{kind}"{hint}') from error
    given: dict[str, Any] = {"type": kind, "at": at.isoformat()}
    for name, value in named.items():
        if name == "items":
            given[name] = [_item(part, line) for part in value.split(",")]
        else:
            # The decoder would read a plain number as seconds since 1970.
            is_time = types.get(name) == "time" and not _DATE.match(value)
            given[name] = _time(value, line).isoformat() if is_time else value
    unknown = [name for name in named if name not in types or not _is_own(kind, name)]
    if unknown:
        hint = meant(unknown[0], [name for name in types if _is_own(kind, name)])
        raise RuleTestError(f'"{line}": "{kind}" has no field "{unknown[0]}"{hint}')
    if (name := named.get("holder_class", UNKNOWN)) not in classes:
        hint = meant(name, classes) or f"; write one of {', '.join(classes)}"
        raise RuleTestError(f'"{line}": the venue of the tests has no class "{name}"{hint}')
    try:
        event = msgspec.convert(given, EVENT_TYPES[kind], strict=False)
    except msgspec.ValidationError as error:
        raise RuleTestError(f'"{line}": {_explain(str(error), kind, named)}') from error
    if isinstance(event, get_args(Noticed)):
        return Notice(received_at=at, event=event)
    if not isinstance(event, get_args(ReceivedEvent)):
        what = f'"{kind}" is derived by the monitor; write the events from which it follows'
        raise RuleTestError(f'"{line}": {what}')
    return Arrival(received_at=at, source="trial", events=(event,))


def _explain(error: str, kind: str, named: Mapping[str, str]) -> str:
    """Return which field an event lacks, or which value is not allowed, in terms of the line."""
    if missing := _MISSING.search(error):
        return f'"{kind}" needs {missing[1]}; write {missing[1]}=...'
    place = _PLACE.search(error)
    if place is None or place[1] not in named:
        return error
    name = place[1]
    field = fields(kind)[name]
    wanted = ", ".join(filter(None, field.choices)) or _WANTED.get(field.type, error)
    return f'{name}: "{named[name]}" is not allowed; write {wanted}'


def _is_own(kind: str, name: str) -> bool:
    return fields(kind)[name].source == "e"


def _item(part: str, line: str) -> dict[str, object]:
    match part.split(":"):
        case [item, result]:
            return {"item": item, "result": result}
        case [item, result, value, unit]:
            return {"item": item, "result": result, "value": value, "unit": unit}
        case _:
            raise RuleTestError(f'"{line}": "{part}" is not an item; write e.g. {_ITEMS}')


def _time(offset: str, line: str) -> datetime:
    length = parse_duration(offset.removeprefix("+"))
    if length is None or not offset.startswith("+"):
        raise RuleTestError(f'"{line}": "{offset}" is not a time; write e.g. +0s, +90s, +2h')
    return START + length


def _shown(row: AlertChanged) -> str:
    match row.change:
        case Change.RAISED:
            at = row.alert.happened_at
        case Change.RECURRED | Change.RETURNED:
            at = row.alert.last_at
        case Change.CLEARED:
            at = row.alert.cleared_at or row.at
        case _:
            at = row.at
    return f"{_offset(at - START)} {row.change} {row.alert.key}"


def _expected(line: str) -> str:
    offset, _, rest = line.partition(" ")
    return f"{_offset(_time(offset, line) - START)} {' '.join(rest.split())}"


def _offset(length: timedelta) -> str:
    """Return a duration in seconds, or in milliseconds if it is not whole seconds."""
    milliseconds = length // timedelta(milliseconds=1)
    return f"+{milliseconds}ms" if milliseconds % 1000 else f"+{milliseconds // 1000}s"


def _listed(lines: Iterable[str]) -> str:
    shown: Sequence[str] = [f'"{line}"' for line in lines]
    return "[" + ", ".join(shown) + "]"
