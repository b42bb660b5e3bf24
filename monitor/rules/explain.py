"""Replays recorded inputs against one rule, and says of each event what the rule made of it, and why."""

import ast
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from monitor.core.compile.compiled_rules import Condition, Ruleset, Runner, key_getter
from monitor.core.engine.engine import Engine
from monitor.core.engine.signals import When
from monitor.core.events import kind_of
from monitor.core.inputs import Input, RulesChanged, Tick
from monitor.core.rules.expression import compile_expression
from monitor.core.rules.fields import reader
from monitor.core.rules.model import RuleBook, Selector
from monitor.core.rules.names import Names, one_line
from monitor.core.state.state import LONG_AGO, Known, Moment, State
from monitor.core.transitions import AlertChanged, Transition
from monitor.core.venue.places import Place


def explain(
    book: RuleBook, rule: str, inputs: Iterable[Input], *, lateness: timedelta, tolerance: timedelta
) -> Iterator[str]:
    """Yield a line for each event that the rule listens to, sent or concluded, and for each step of its alerts.

    Args:
        book: the rules as they are now; rule changes among the inputs are left out.
        rule: the rule's id.
        inputs: recorded ones, in order.
        lateness: as in ``config.toml``.
        tolerance: as in ``config.toml``.

    """
    runner = Ruleset(book, lambda: LONG_AGO).runners.get(rule)
    if runner is None:
        wanted = next(row.phase for row in book.rules if row.id == rule)
        told = (
            f"it is for {' or '.join(wanted)}, and the congress is in {book.venue.congress.phase}"
        )
        yield f'"{rule}" is not in force: {told}'
        return
    state, verdicts = State(), list[str]()

    def heard(moment: Moment, place: Place, when: When) -> None:
        if when == ("at once" if runner.at_once else "in turn"):
            verdicts.extend(_verdicts(runner, state, moment, place, book.names))

    engine = Engine(state, lateness=lateness, tolerance=tolerance, heard=heard)

    def told_by(given: Input) -> Iterator[str]:
        transitions = engine.step(given)
        yield from verdicts
        verdicts.clear()
        yield from _changes(transitions, rule)

    def told_until(end: datetime) -> Iterator[str]:
        """Let the clock run up to a time, as the monitor's own clock did."""
        while (deadline := engine.deadline) is not None and deadline < end:
            yield from told_by(Tick(received_at=deadline))

    begun = False
    for given in inputs:
        if isinstance(given, RulesChanged):
            continue
        if not begun:
            begun = True
            first = RulesChanged(received_at=given.received_at, who="explain", book=book)
            yield from told_by(first)
        yield from told_until(given.received_at)
        yield from told_by(given)
    yield from told_until(state.now + lateness + 2 * timedelta.resolution)


def _verdicts(
    runner: Runner, state: State, moment: Moment, place: Place, names: Names
) -> Iterator[str]:
    """Yield what the rule makes of an event in each role that the event may have."""
    for role, selector in runner.operator.selectors():
        if kind_of(moment.event) in selector.on:
            yield _verdict(runner, state, moment, _Heard(place, role, selector), names)


class _Heard(NamedTuple):
    place: Place
    role: str
    selector: Selector


def _verdict(runner: Runner, state: State, moment: Moment, heard: _Heard, names: Names) -> str:
    said, (place, role, selector) = moment.event, heard
    conjuncts = _conjuncts(selector.where) if selector.where else []
    kind = kind_of(said)
    not_so = [part for part in conjuncts if not compile_expression(part, kind, names)(said, place)]
    lacking = [name for name in runner.rule.by if not reader(kind, name)(said, place)]
    why = [f"not so: {part}" for part in not_so]
    why += [f"it has no {name}, by which the rule goes" for name in lacking]
    if not moment.news:
        why.append("it is no news: the broker or the device had kept it, or it stood before")
    for condition in runner.conditions if role != "end" else ():
        whose = condition.whose(said, place)
        known = state.facts.get(condition.fact, {}).get(whose)
        why.append(
            f'fact "{condition.fact}" of "{whose}" {_standing(runner, condition, known, moment)}'
        )
    key = key_getter(runner.rule.by, kind)(said, place)
    cooling = state.cooling.get(f"{runner.rule.id} {key}", moment.t)
    if role in runner.operator.fires and cooling > moment.t:
        why.append(f"an alert of it was over shortly before: no new one until {_time(cooling)}")
    shown = msgspec.json.encode(said).decode()
    first = f"{_time(moment.t)} {role}: {'no' if not_so or lacking else 'yes'} {shown}"
    return "\n    ".join([first, *why])


def _standing(runner: Runner, condition: Condition, known: Known | None, moment: Moment) -> str:
    """Say how a fact stands when an event has its turn."""
    if known is None:
        silent = runner.rule.unknown == "silent"
        return f"is unknown, which {'keeps it silent' if silent else 'alerts'}"
    if known.holds and condition.lasts is not None and moment.t - known.at > condition.lasts:
        return f"no longer holds: it lasts {condition.lasts.total_seconds():g} s from {_time(known.at)}"
    return f"{'holds' if known.holds else 'does not hold'} since {_time(known.at)}"


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S.%f}Z"


def _conjuncts(expression: str) -> list[str]:
    """Return the parts of an expression that all have to be so."""
    text = one_line(expression)
    tree = ast.parse(text, mode="eval").body
    parts = tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]
    return [ast.get_source_segment(text, part) or text for part in parts]


def _changes(transitions: Iterable[Transition], rule: str) -> Iterator[str]:
    for row in transitions:
        if isinstance(row, AlertChanged) and row.alert.rule == rule:
            yield f"{_time(row.at)} ==> {row.change} {row.alert.key}: {row.alert.title}"
