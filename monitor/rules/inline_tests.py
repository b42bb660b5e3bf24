"""Plays the tests that stand in the rule files: a list of events on a virtual clock, and all that has to follow."""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from monitor.core.alert import Change
from monitor.core.compile.validate import meant
from monitor.core.engine.engine import Engine
from monitor.core.events import EVENT_TYPES, Event
from monitor.core.events.monitor import Noticed
from monitor.core.inputs import Arrival, Input, Notice, RulesChanged, Tick
from monitor.core.rules.fields import fields
from monitor.core.rules.model import RuleBook, asked
from monitor.core.state.state import State
from monitor.core.timing import parse_duration
from monitor.core.transitions import AlertChanged, Transition
from monitor.core.venue.model import Phase

START = datetime(2026, 1, 1, 8, 0, tzinfo=UTC)
LONGEST = timedelta(days=400)
"""The clock runs on for so long after the last event, or until nothing is waited for any more."""
TOLERANCE = timedelta(seconds=2)
_DATE = re.compile(r"\d{4}-")
_LACKING = re.compile(r"required field `(\w+)`")
_PLACE = re.compile(r"at `\$\.(\w+)")
_ITEMS = "exits-free:pass or cold-store:pass:4:celsius"
_WANTED = {"number": "a number", "yes/no": "true or false", "list": f"e.g. {_ITEMS}"}
"""How values are written, by the type of the field."""


class Trial(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One ``[[test]]`` of a rule file."""

    rule: str
    name: str
    events: tuple[str, ...]
    """Lines such as ``+31s door.closed point=d1``; ``at=+20s`` gives the device's own time where it differs."""
    expect: tuple[str, ...]
    """Lines such as ``+30s raised d1``: when, what, whose; all of them, in order. Empty: nothing happens."""
    lateness: timedelta = timedelta(seconds=2)
    until: timedelta | None = None
    """The clock stops so long after the start; left out, it runs on until nothing is waited for."""
    phase: Phase | None = None
    """The congress is in this phase; left out, in that of the venue file."""


class TrialError(ValueError):
    """A line of a test can't be read."""


def play(book: RuleBook, trial: Trial) -> list[str]:
    """Return what the rule did, in the form of ``expect``.

    Raises:
        TrialError: a line can't be read.

    """
    engine = Engine(State(), lateness=trial.lateness, tolerance=TOLERANCE)
    # What other rules say and ask for changes nothing, and to compile it for every test takes longer than all tests.
    rules = tuple(rule for rule in book.rules if rule.id == trial.rule)
    named = {asked(name).fact for rule in rules for name in rule.while_}
    facts = tuple(fact for fact in book.facts if fact.id in named)
    congress = book.venue.congress
    congress = replace(congress, phase=trial.phase or congress.phase)
    alone = replace(book, rules=rules, facts=facts, venue=replace(book.venue, congress=congress))
    seen = engine.step(RulesChanged(received_at=START, who="trial", book=alone))
    for line in trial.events:
        given = _input(line)
        if given.received_at < engine.state.now:
            raise TrialError(
                f'"{line}": lines stand in the order of arrival; at=+20s gives the device\'s own time'
            )
        seen += _until(engine, given.received_at)
        seen += engine.step(given)
    end = engine.state.now + LONGEST if trial.until is None else START + trial.until
    seen += _until(engine, end)
    return [
        _shown(row)
        for row in seen
        if isinstance(row, AlertChanged) and row.alert.rule == trial.rule
    ]


def differences(book: RuleBook, trial: Trial) -> Iterator[str]:
    """Yield what is wrong with a trial: a line that can't be read, or what came out other than expected."""
    try:
        got = play(book, trial)
        expected = [_expected(line) for line in trial.expect]
    except TrialError as error:
        yield str(error)
        return
    if got != expected:
        yield "expected " + _listed(expected)
        yield "     got " + _listed(got)


def _until(engine: Engine, end: datetime) -> list[Transition]:
    """Let the clock run; it ticks whenever something is due."""
    seen: list[Transition] = []
    while (deadline := engine.deadline) is not None and deadline <= end:
        seen += engine.step(Tick(received_at=max(deadline, engine.state.now)))
    return seen


def _input(line: str) -> Input:
    try:
        offset, kind, *pairs = shlex.split(line, comments=True)
        named = dict(pair.split("=", 1) for pair in pairs)
    except ValueError as error:
        raise TrialError(f'"{line}": write it like "+31s door.closed point=d1"') from error
    at = _time(offset, line)
    try:
        types = {name: field.type for name, field in fields(kind).items()}
    except KeyError as error:
        hint = meant(kind, EVENT_TYPES)
        raise TrialError(f'"{line}": no event type is called "{kind}"{hint}') from error
    told: dict[str, Any] = {"type": kind, "at": at.isoformat()}
    for name, value in named.items():
        if name == "items":
            told[name] = [_item(part, line) for part in value.split(",")]
        else:
            # A mere number would be the seconds since 1970.
            is_time = types.get(name) == "time" and not _DATE.match(value)
            told[name] = _time(value, line).isoformat() if is_time else value
    unknown = [name for name in named if name not in types or not _is_own(kind, name)]
    if unknown:
        hint = meant(unknown[0], [name for name in types if _is_own(kind, name)])
        raise TrialError(f'"{line}": "{kind}" has no field "{unknown[0]}"{hint}')
    try:
        said = msgspec.convert(told, EVENT_TYPES[kind], strict=False)
    except msgspec.ValidationError as error:
        raise TrialError(f'"{line}": {_in_words(str(error), kind, named)}') from error
    if isinstance(said, get_args(Noticed)):
        return Notice(received_at=at, event=said)
    if not isinstance(said, get_args(Event)):
        raise TrialError(f'"{line}": "{kind}" is made by the monitor; nobody can send it')
    return Arrival(received_at=at, source="trial", events=(said,))


def _in_words(error: str, kind: str, named: Mapping[str, str]) -> str:
    """Say what an event lacks, or which value it can't have, in the words of the line."""
    if lacking := _LACKING.search(error):
        return f'"{kind}" needs {lacking[1]}; write {lacking[1]}=...'
    place = _PLACE.search(error)
    if place is None or place[1] not in named:
        return error
    name = place[1]
    field = fields(kind)[name]
    wanted = ", ".join(filter(None, field.choices)) or _WANTED.get(field.type, error)
    return f'{name}: "{named[name]}" is not possible; write {wanted}'


def _is_own(kind: str, name: str) -> bool:
    return fields(kind)[name].source == "e"


def _item(part: str, line: str) -> dict[str, object]:
    match part.split(":"):
        case [item, result]:
            return {"item": item, "result": result}
        case [item, result, value, unit]:
            return {"item": item, "result": result, "value": value, "unit": unit}
        case _:
            raise TrialError(f'"{line}": "{part}" is no item; write e.g. {_ITEMS}')


def _time(offset: str, line: str) -> datetime:
    length = parse_duration(offset.removeprefix("+"))
    if length is None or not offset.startswith("+"):
        raise TrialError(f'"{line}": "{offset}" is no time; write e.g. +0s, +90s, +2h')
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
    """Write a duration as seconds, or as milliseconds where it has to be."""
    milliseconds = length // timedelta(milliseconds=1)
    return f"+{milliseconds}ms" if milliseconds % 1000 else f"+{milliseconds // 1000}s"


def _listed(lines: Iterable[str]) -> str:
    shown: Sequence[str] = [f'"{line}"' for line in lines]
    return "[" + ", ".join(shown) + "]"
