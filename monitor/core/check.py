"""Finds everything that is wrong with a rule book before it is put in force."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from difflib import get_close_matches
from string import Formatter
from typing import NamedTuple

from monitor.core.event import EVENT_TYPES
from monitor.core.expression import ExpressionError, compile_expression
from monitor.core.operators import Operator
from monitor.core.parameter import ParameterError, resolve
from monitor.core.rule import OPERATORS, Fact, Rule, Selector, Selectors, each
from monitor.core.ruleset import build
from monitor.core.schema import fields

HIDDEN_WHEN_SILENT = ("holder", "credential")


class Problem(NamedTuple):
    """One mistake, with the expression and the column it is in, if it is in one."""

    what: str
    """``rule`` or ``fact``."""
    id: str
    message: str
    expression: str = ""
    column: int = 0


def problems(rules: Iterable[Rule], facts: Iterable[Fact]) -> Iterator[Problem]:
    """Yield every mistake of a set of rules and facts."""
    rules, facts = tuple(rules), tuple(facts)
    for what, ids in (("rule", [row.id for row in rules]), ("fact", [row.id for row in facts])):
        for name in sorted({name for name in ids if ids.count(name) > 1}):
            yield Problem(what, name, "this id is used twice; ids are unique over all files")
    known = {fact.id: fact for fact in facts}
    for fact in facts:
        for role, selectors in (("set", fact.set), ("clear", fact.clear)):
            for selector in each(selectors):
                for found in _selector(role, selector, (fact.key,)):
                    yield found._replace(what="fact", id=fact.id)
    for rule in rules:
        for found in _rule(rule, known):
            yield found._replace(what="rule", id=rule.id)


def _rule(rule: Rule, facts: dict[str, Fact]) -> Iterator[Problem]:
    given = [name for name in OPERATORS if getattr(rule, name) is not None]
    if len(given) != 1:
        found = ", ".join(given) or "none"
        yield _problem(f"exactly one of {', '.join(OPERATORS)} is needed; found {found}")
        return
    yield from _shape(rule)
    operator = _built(rule)
    if isinstance(operator, Problem):
        yield operator
        return
    for role, selector in operator.selectors():
        yield from _selector(f"{given[0]}.{role}", selector, rule.by)
        starts = role in ("of", "start", "after", "up", "set") and (
            rule.absence is None or role == "after"
        )
        if starts:
            yield from _title(rule, selector)
            for name in rule.while_:
                yield from _while(name, selector, facts)


def _shape(rule: Rule) -> Iterator[Problem]:
    if rule.absence is not None and (rule.absence.within is None) == (rule.absence.until is None):
        yield _problem('absence: give either within = "2m" or until = "<field with a time>"')
    if rule.absence is not None and rule.absence.until is not None:
        for kind in _kinds(rule.absence.after):
            if kind in EVENT_TYPES and fields(kind).get(rule.absence.until, (0, ""))[1] != "time":
                times = ", ".join(name for name, row in fields(kind).items() if row.type == "time")
                yield _problem(
                    f'absence.until: "{rule.absence.until}" is no time of "{kind}"; usable: {times}'
                )
    if (level := rule.level) is not None:
        if level.up is None and level.set is None:
            yield _problem("level: give up (counts one each), or set with value (puts the balance)")
        if (level.set is None) != (level.value is None):
            yield _problem(
                'level: set and value go together: set = { on = "zone.count" }, value = "count"'
            )
        for kind in _kinds(level.set):
            if kind in EVENT_TYPES and fields(kind).get(level.value or "", (0, ""))[1] != "number":
                yield _problem(f'level.value: "{level.value}" is no number of "{kind}"')
    if rule.silent:
        named = [
            name for _, name, _, _ in Formatter().parse(rule.title) if name in HIDDEN_WHEN_SILENT
        ]
        if named:
            yield _problem(f"silent: the title must not name the {named[0]}")


def _built(rule: Rule) -> Operator | Problem:
    try:
        if rule.hold is not None:
            resolve(rule.hold.longer_than, timedelta)
        return build(rule, _no_clock)
    except ParameterError as error:
        return _problem(str(error))


def _kinds(selectors: Selectors | None) -> list[str]:
    return [kind for selector in each(selectors) for kind in selector.on]


def _selector(role: str, selector: Selector, key: tuple[str, ...]) -> Iterator[Problem]:
    for kind in selector.on:
        if kind not in EVENT_TYPES:
            yield _problem(f'{role}: no event type is called "{kind}"{_meant(kind, EVENT_TYPES)}')
            continue
        known = fields(kind)
        for name in key:
            if name not in known or known[name].type != "text":
                yield _problem(
                    f'{role}: "{kind}" has no text field "{name}" to go by{_meant(name, known)}'
                )
        if selector.where:
            try:
                compile_expression(selector.where, kind)
            except ExpressionError as error:
                yield Problem("", "", f"{role}: {error}", selector.where.strip(), error.column)


def _title(rule: Rule, selector: Selector) -> Iterator[Problem]:
    try:
        named = [name for _, name, _, _ in Formatter().parse(rule.title) if name is not None]
    except ValueError as error:
        yield _problem(f"title: {error}")
        return
    for kind in selector.on:
        if kind in EVENT_TYPES:
            for name in named:
                if name != "n" and name not in fields(kind):
                    yield _problem(
                        f'title: "{kind}" has no field "{name}"{_meant(name, fields(kind))}'
                    )


def _while(name: str, selector: Selector, facts: dict[str, Fact]) -> Iterator[Problem]:
    fact = facts.get(name.removeprefix("not "))
    if fact is None:
        yield _problem(f'while: no fact is called "{name}"{_meant(name, facts)}')
        return
    for kind in selector.on:
        if kind in EVENT_TYPES and fact.key not in fields(kind):
            yield _problem(
                f'while: "{kind}" has no field "{fact.key}", which says whose fact "{fact.id}" is'
            )


def _meant(name: str, names: Iterable[str]) -> str:
    close = get_close_matches(name, list(names), n=1)
    return f'; did you mean "{close[0]}"?' if close else ""


def _problem(message: str) -> Problem:
    return Problem("", "", message)


def _no_clock() -> None:
    raise AssertionError("nothing runs while a rule is checked")
