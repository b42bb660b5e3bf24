"""Explaining a rule: recorded inputs are replayed, with the rule's verdict on each event and the reasons."""

import ast
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

import msgspec

from monitor.core.compile.compiled_rule import CompiledRule, FactGuard
from monitor.core.compile.compiled_rules import CompiledRules
from monitor.core.compile.key import key_getter
from monitor.core.engine.context import Lane
from monitor.core.engine.engine import Engine
from monitor.core.events import kind_of
from monitor.core.inputs import Input, RulesChanged, Tick
from monitor.core.rules.expression import compile_expression
from monitor.core.rules.fields import reader
from monitor.core.rules.model import RuleSet, Selector
from monitor.core.rules.names import Names, one_line
from monitor.core.state.rules import FactValue
from monitor.core.state.state import State
from monitor.core.state.time import TimestampedEvent
from monitor.core.transitions import AlertChanged, Transition
from monitor.core.venue.places import Place
from monitor.texts import ENGLISH

Kind = Literal["alerts", "matches", "others"]
"""Whether an explanation is about a change of an alert, an event that the rule matches, or another event."""


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule made of one event, or a change of one of its alerts."""

    kind: Kind
    at: datetime | None
    """``None`` if it is about the rule as a whole."""
    text: str
    """One line or several, for people."""


def explain(
    rule_set: RuleSet,
    rule: str,
    inputs: Iterable[Input],
    *,
    lateness: timedelta,
    tolerance: timedelta,
) -> Iterator[Explanation]:
    """Yield the verdict on each event that the rule subscribes to, received or derived, and each change of its alerts.

    Args:
        rule_set: the present rules; rule changes among the inputs are ignored.
        rule: the id of the rule.
        inputs: recorded inputs, in order.
        lateness: as in ``config.toml``.
        tolerance: as in ``config.toml``.

    """
    compiled = CompiledRules(rule_set).by_id.get(rule)
    if compiled is None:
        phases = " or ".join(next(row.phase for row in rule_set.rules if row.id == rule))
        present = rule_set.venue.congress.phase
        text = f'"{rule}" is not in force: its phase is {phases}, and the congress is in {present}'
        yield Explanation(kind="others", at=None, text=text)
        return
    state, verdicts = State(), list[Explanation]()

    def observe(timestamped: TimestampedEvent, place: Place, lane: Lane) -> None:
        if lane == ("on arrival" if compiled.at_once else "in order"):
            verdicts.extend(_verdicts(compiled, state, timestamped, place, rule_set.names))

    engine = Engine(
        state, lateness=lateness, tolerance=tolerance, wording=ENGLISH, observer=observe
    )

    def lines_of(given: Input) -> Iterator[Explanation]:
        transitions = engine.step(given)
        yield from verdicts
        verdicts.clear()
        yield from _changes(transitions, rule)

    def lines_until(end: datetime) -> Iterator[Explanation]:
        """Run the clock up to a time, as the monitor's own clock ran."""
        while (deadline := engine.deadline) is not None and deadline < end:
            yield from lines_of(Tick(received_at=deadline))

    begun = False
    for given in inputs:
        if isinstance(given, RulesChanged):
            continue
        if not begun:
            begun = True
            first = RulesChanged(received_at=given.received_at, who="explain", rule_set=rule_set)
            yield from lines_of(first)
        yield from lines_until(given.received_at)
        yield from lines_of(given)
    yield from lines_until(state.time.now + lateness + 2 * timedelta.resolution)


def _verdicts(
    compiled: CompiledRule, state: State, timestamped: TimestampedEvent, place: Place, names: Names
) -> Iterator[Explanation]:
    """Yield the rule's verdict on an event, for each role that the event may have."""
    for role, selector in compiled.operator.selectors():
        if kind_of(timestamped.event) in selector.on:
            yield _verdict(compiled, state, timestamped, _Candidate(place, role, selector), names)


class _Candidate(NamedTuple):
    place: Place
    role: str
    selector: Selector


def _verdict(
    compiled: CompiledRule,
    state: State,
    timestamped: TimestampedEvent,
    candidate: _Candidate,
    names: Names,
) -> Explanation:
    event, (place, role, selector) = timestamped.event, candidate
    conjuncts = _conjuncts(selector.where) if selector.where else []
    kind = kind_of(event)
    false = [part for part in conjuncts if not compile_expression(part, kind, names)(event, place)]
    missing = [name for name in compiled.rule.by if not reader(kind, name)(event, place)]
    why = [f"false: {part}" for part in false]
    why += [f"it has no {name}, which is in the rule's by" for name in missing]
    if not timestamped.live:
        why.append("it is replayed: the broker or the device had kept it, or it was known before")
    for guard in compiled.guards if role != "end" else ():
        whose = guard.whose(event, place)
        known = state.rules.facts.get(guard.fact, {}).get(whose)
        why.append(
            f'fact "{guard.fact}" of "{whose}" {_status(compiled, guard, known, timestamped)}'
        )
    key = key_getter(compiled.rule.by, kind)(event, place)
    cooling = state.alerts.cooling.get(f"{compiled.rule.id} {key}", timestamped.t)
    if role in compiled.operator.fires and cooling > timestamped.t:
        why.append(f"its cooldown runs: no new alert until {_time(cooling)}")
    shown = msgspec.json.encode(event).decode()
    first = f"{_time(timestamped.t)} {role}: {'no' if false or missing else 'yes'} {shown}"
    return Explanation(
        kind="others" if false or missing else "matches",
        at=timestamped.t,
        text="\n    ".join([first, *why]),
    )


def _status(
    compiled: CompiledRule, guard: FactGuard, known: FactValue | None, timestamped: TimestampedEvent
) -> str:
    """Return the status of a fact at the time of an event, in words."""
    if known is None:
        silent = compiled.rule.unknown == "silent"
        return f"is unknown, which {'does not alert' if silent else 'alerts'}"
    if known.holds and guard.lasts is not None and timestamped.t - known.at > guard.lasts:
        return f"no longer holds: it lasts {guard.lasts.total_seconds():g} s from {_time(known.at)}"
    return f"{'holds' if known.holds else 'does not hold'} since {_time(known.at)}"


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S.%f}Z"


def _conjuncts(expression: str) -> list[str]:
    """Return the parts of an expression that must all be true."""
    text = one_line(expression)
    tree = ast.parse(text, mode="eval").body
    parts = tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]
    return [ast.get_source_segment(text, part) or text for part in parts]


def _changes(transitions: Iterable[Transition], rule: str) -> Iterator[Explanation]:
    for row in transitions:
        if isinstance(row, AlertChanged) and row.alert.rule == rule:
            text = f"{_time(row.at)} ==> {row.change} {row.alert.key}: {row.alert.title}"
            yield Explanation(kind="alerts", at=row.at, text=text)
