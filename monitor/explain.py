"""Replays recorded inputs against one rule, and says of each event what the rule made of it, and why."""

import ast
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from monitor.core.event import AnyEvent, kind_of
from monitor.core.expression import compile_expression
from monitor.core.input import Arrival, Input, Notice, RulesChanged, Tick
from monitor.core.names import Names, one_line
from monitor.core.place import Place
from monitor.core.rule import RuleBook, Selector
from monitor.core.ruleset import Ruleset, Runner
from monitor.core.schema import reader
from monitor.core.state import State
from monitor.core.step import Engine
from monitor.core.transition import AlertChanged, Transition


class _Heard(NamedTuple):
    said: AnyEvent
    place: Place
    role: str
    selector: Selector


def explain(
    book: RuleBook, rule: str, inputs: Iterable[Input], *, lateness: timedelta, tolerance: timedelta
) -> Iterator[str]:
    """Yield a line for each event that the rule listens to, and for each step of its alerts.

    Args:
        book: the rules as they are now; rule changes among the inputs are left out.
        rule: the rule's id.
        inputs: recorded ones, in order.
        lateness: as in ``config.toml``.
        tolerance: as in ``config.toml``.

    """
    engine = Engine(State(), lateness=lateness, tolerance=tolerance)
    rules = Ruleset(book, lambda: engine.state.now)
    operator = rules.runners[rule].operator
    selectors = list(operator.selectors())
    begun = False
    for given in inputs:
        if isinstance(given, RulesChanged):
            continue
        if not begun:
            begun = True
            engine.step(RulesChanged(received_at=given.received_at, who="explain", book=book))
        yield from _changes(_until(engine, given), rule)
        for said in _events(given):
            for role, selector in selectors:
                if kind_of(said) in selector.on:
                    told = _Heard(said, rules.place_of(said), role, selector)
                    yield _verdict(rules.runners[rule], engine.state, told, book.names)
        yield from _changes(engine.step(given), rule)


def _until(engine: Engine, given: Input) -> Iterator[Transition]:
    """Let the clock run up to an input, as the monitor's own clock did."""
    while (deadline := engine.deadline) is not None and deadline < given.received_at:
        yield from engine.step(Tick(received_at=deadline))


def _events(given: Input) -> tuple[AnyEvent, ...]:
    match given:
        case Arrival(events=events):
            return events
        case Notice(event=event):
            return (event,)
        case _:
            return ()


def _verdict(runner: Runner, state: State, heard: _Heard, names: Names) -> str:
    said, place, role, selector = heard
    conjuncts = _conjuncts(selector.where) if selector.where else []
    kind = kind_of(said)
    not_so = [part for part in conjuncts if not compile_expression(part, kind, names)(said, place)]
    lacking = [name for name in runner.rule.by if not reader(kind, name)(said, place)]
    why = [f"not so: {part}" for part in not_so]
    why += [f"it has no {name}, by which the rule goes" for name in lacking]
    for condition in runner.conditions if role != "end" else ():
        whose = condition.whose(said, place)
        known = state.facts.get(condition.fact, {}).get(whose)
        if known is None:
            standing = f"is unknown, which {runner.rule.unknown}"
        else:
            standing = f"{'holds' if known.holds else 'does not hold'} since {_time(known.at)}"
        why.append(f'fact "{condition.fact}" of "{whose}" {standing}')
    shown = msgspec.json.encode(said).decode()
    first = f"{_time(said.at)} {role}: {'no' if not_so or lacking else 'yes'} {shown}"
    return "\n    ".join([first, *why])


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
