"""Finds everything that is wrong with a rule book before it is put in force."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from string import Formatter
from typing import NamedTuple, NoReturn

from monitor.core.events import EVENT_TYPES
from monitor.core.operators import build
from monitor.core.rules.expression import ExpressionError, compile_expression, one_line
from monitor.core.rules.fields import fields, subjects
from monitor.core.rules.model import (
    OPERATORS,
    Absence,
    Distinct,
    Fact,
    Level,
    Rule,
    Selector,
    Selectors,
    Sum,
    asked,
    each,
)
from monitor.core.rules.names import NO_NAMES, Names, name_problems
from monitor.core.timing import parse_duration
from monitor.core.venue.parameters import SUBJECTS, ParameterError

HIDDEN_WHEN_SILENT = ("holder", "credential")
COUNTING = ("count", "distinct", "level", "sum")
"""The operators whose alerts have a number to tell."""
_NOTHING = 'no events are chosen; write e.g. { on = "door.opened" }'


class Problem(NamedTuple):
    """One mistake, with the expression and the column it is in, if it is in one."""

    what: str
    """``rule``, ``fact``, ``list`` or ``macro``."""
    id: str
    message: str
    expression: str = ""
    column: int = 0


def problems(
    rules: Iterable[Rule], facts: Iterable[Fact], names: Names = NO_NAMES
) -> Iterator[Problem]:
    """Yield every mistake of a set of rules, facts, lists and macros."""
    for what, name, message in name_problems(names):
        yield Problem(what, name, message)
    facts = tuple(facts)
    known = {fact.id: fact for fact in facts}
    for fact in facts:
        for role, selectors in (("set", fact.set), ("clear", fact.clear)):
            if selectors == ():
                yield Problem("fact", fact.id, f"{role}: {_NOTHING}")
            for selector in each(selectors):
                for found in _selector(role, selector, (fact.key,), names):
                    yield found._replace(what="fact", id=fact.id)
    for rule in rules:
        for found in _rule(rule, known, names):
            yield found._replace(what="rule", id=rule.id)


def _rule(rule: Rule, facts: dict[str, Fact], names: Names) -> Iterator[Problem]:
    given = [name for name in OPERATORS if getattr(rule, name) is not None]
    if len(given) != 1:
        found = ", ".join(given) or "none"
        yield _problem(f"exactly one of {', '.join(OPERATORS)} is needed; found {found}")
        return
    operator_row = getattr(rule, given[0])
    for name in operator_row.__struct_fields__:
        if getattr(operator_row, name) == ():
            yield _problem(f"{given[0]}.{name}: {_NOTHING}")
    yield from _blank(rule)
    yield from _titles(rule, given[0])
    yield from _windows(rule)
    yield from _distinct(rule.distinct)
    yield from _sum(rule.sum)
    yield from _absence(rule.absence)
    yield from _level(rule.level)
    try:
        operator = build(rule, _no_clock)
    except ParameterError as error:
        yield _problem(str(error))
        return
    for role, selector in operator.selectors():
        yield from _selector(f"{given[0]}.{role}", selector, rule.by, names)
        if role in operator.fires:
            yield from _named(rule.title, selector)
            yield from _known(rule, selector)
            for name in rule.while_:
                yield from _while(name, selector, facts)
    if rule.hold is not None:
        yield from _followed(rule, facts)


def _blank(rule: Rule) -> Iterator[Problem]:
    """Find what is there and says nothing."""
    for name in ("title", "why", "do"):
        if not getattr(rule, name).strip():
            yield _problem(f"{name}: it is blank; say it in words")
    if not rule.phase:
        yield _problem('phase: it is in force in none; leave it out for all, or write ["live"]')
    if rule.hold is not None and rule.hold.start == rule.hold.end:
        yield _problem("hold: start and end are the same, so it would end as it begins")


def _windows(rule: Rule) -> Iterator[Problem]:
    for name in ("count", "distinct", "sequence", "sum"):
        operator = getattr(rule, name)
        if operator is not None and not operator.within:
            yield _problem(f'{name}.within: it is 0, and nothing fits in; write e.g. "5m"')


def _distinct(distinct: Distinct | None) -> Iterator[Problem]:
    for kind in _kinds(None if distinct is None else distinct.of):
        usable = [name for name, row in fields(kind).items() if row.type in ("text", "number")]
        if distinct is not None and distinct.field not in usable:
            hint = meant(distinct.field, usable)
            yield _problem(
                f'distinct.field: "{kind}" has no text or number "{distinct.field}"{hint}'
            )


def _sum(row: Sum | None) -> Iterator[Problem]:
    if row is None:
        return
    quantity = (row.of is not None, row.value is not None)
    time = (row.start is not None, row.end is not None)
    if (quantity, time) not in (((True, True), (False, False)), ((False, False), (True, True))):
        yield _problem(
            "sum: give of and value (a number in each event is added up), "
            "or start and end (the time between them is)"
        )
        return
    for kind in _kinds(row.of):
        found = fields(kind).get(row.value or "")
        if found is None or found.type != "number":
            yield _problem(f'sum.value: "{row.value}" is no number of "{kind}"')
    is_number = isinstance(row.above, float)
    is_duration = isinstance(row.above, str) and parse_duration(row.above) is not None
    if row.of is not None and is_duration:
        yield _problem(f'sum.above: "{row.above}" is a duration; {row.value} needs a number')
    if row.start is not None and is_number:
        yield _problem(f'sum.above: {row.above:.10g} is a number; write a duration, e.g. "10h"')
    above = parse_duration(row.above) if isinstance(row.above, str) else None
    if row.start is not None and above is not None and above > row.within:
        yield _problem(f'sum.above: "{row.above}" is longer than within, so it is never reached')


def _absence(absence: Absence | None) -> Iterator[Problem]:
    if absence is None:
        return
    if (absence.within is None) == (absence.until is None):
        yield _problem('absence: give either within = "2m" or until = "<field with a time>"')
    if absence.before and absence.until is None:
        yield _problem("absence.before: it goes with until, the time that it is before")
    if absence.grace and absence.until is None:
        yield _problem("absence.grace: it goes with until, the time after which it is given")
    if absence.before and absence.grace:
        yield _problem("absence: give either before or grace; no time is both")
    of_schedule, _, which = (absence.until or "").partition(".")
    if which and (which not in ("opens", "closes") or not of_schedule):
        yield _problem(
            f'absence.until: "{absence.until}" is no time; write "<schedule>.opens" or "<schedule>.closes"'
        )
    for kind in _kinds(absence.after) if absence.until is not None and not which else ():
        times = [name for name, row in fields(kind).items() if row.type == "time"]
        if absence.until not in times:
            usable = ", ".join(times)
            yield _problem(
                f'absence.until: "{absence.until}" is no time of "{kind}"; usable: {usable}'
            )


def _level(level: Level | None) -> Iterator[Problem]:
    if level is None:
        return
    if level.up is None and level.set is None:
        yield _problem("level: give up (counts one each), or set with value (puts the balance)")
    above, clear_at = level.above, level.clear_at
    if isinstance(above, float) and isinstance(clear_at, float) and clear_at > above:
        yield _problem(
            f"level.clear_at: {clear_at:.10g} lies above {above:.10g}, so it would end as it begins"
        )
    if (level.set is None) != (level.value is None):
        yield _problem(
            'level: set and value go together: set = { on = "zone.count" }, value = "count"'
        )
    elif level.value is not None:
        for kind in _kinds(level.set):
            field = fields(kind).get(level.value)
            if field is None or field.type != "number":
                yield _problem(f'level.value: "{level.value}" is no number of "{kind}"')


def _kinds(selectors: Selectors | None) -> list[str]:
    """Return the event types that there are; `_selector` speaks of the others."""
    return [kind for selector in each(selectors) for kind in selector.on if kind in EVENT_TYPES]


def _selector(
    role: str, selector: Selector, key: tuple[str, ...], names: Names
) -> Iterator[Problem]:
    if not selector.on:
        yield _problem(f'{role}.on: no event type is named; write e.g. on = "door.opened"')
    for kind in selector.on:
        if kind not in EVENT_TYPES:
            yield _problem(f'{role}: no event type is called "{kind}"{meant(kind, EVENT_TYPES)}')
            continue
        texts = [name for name, field in fields(kind).items() if field.type == "text"]
        for name in key:
            if name not in texts:
                yield _problem(
                    f'{role}: "{kind}" has no text field "{name}" to go by{meant(name, texts)}'
                )
        if selector.where:
            try:
                compile_expression(selector.where, kind, names)
            except ExpressionError as error:
                yield Problem("", "", f"{role}: {error}", one_line(selector.where), error.column)


def _titles(rule: Rule, operator: str) -> Iterator[Problem]:
    """Check what can be said of the title, in all languages, without the events."""
    try:
        own = _placeholders(rule.title)
    except ValueError as error:
        yield _problem(f"title: {error}")
        return
    hidden = [name for name in own if name in HIDDEN_WHEN_SILENT]
    if rule.silent and hidden:
        yield _problem(f"silent: the title must not name the {hidden[0]}")
    for language, title in rule.titles.items():
        try:
            foreign = [name for name in _placeholders(title) if name not in own]
        except ValueError as error:
            yield _problem(f"titles.{language}: {error}")
            continue
        if foreign:
            yield _problem(f"titles.{language}: {{{foreign[0]}}} is not in the title itself")
    if "n" in own and operator not in COUNTING:
        yield _problem(
            f"title: {{n}} is always 1 in a {operator}; leave it out, or use {', '.join(COUNTING)}"
        )


def _placeholders(title: str) -> list[str]:
    """Return the fields that a title names.

    Raises:
        ValueError: its braces don't fit, or hold more than a name.

    """
    found = []
    try:
        parts = list(Formatter().parse(title))
    except ValueError as error:
        raise ValueError(
            "a brace has no partner; write a field like {point}, and a brace itself twice"
        ) from error
    for _, name, layout, conversion in parts:
        if layout or conversion:
            raise ValueError(f"write {{{name}}}, and nothing more between the braces")
        if name is not None:
            found.append(name)
    return found


def _named(title: str, selector: Selector) -> Iterator[Problem]:
    try:
        named = _placeholders(title)
    except ValueError:
        return
    for kind in selector.on:
        if kind in EVENT_TYPES:
            for name in named:
                if name != "n" and name not in fields(kind):
                    yield _problem(
                        f'title: "{kind}" has no field "{name}"{meant(name, fields(kind))}'
                    )


def _known(rule: Rule, selector: Selector) -> Iterator[Problem]:
    """Check that the venue can have the rule's parameters for such events at all."""
    hold, absence, level = rule.hold, rule.absence, rule.level
    limits: list[object] = [] if hold is None else [hold.longer_than]
    limits += [] if absence is None else [absence.within]
    limits += [] if level is None else [level.above, level.clear_at]
    limits += [] if rule.sum is None else [rule.sum.above]
    for limit in limits:
        subject = limit.partition(".")[0] if isinstance(limit, str) else ""
        for kind in _kinds(selector):
            if subject in SUBJECTS and subject not in subjects(kind):
                yield _problem(f'"{limit}": "{kind}" speaks of no {subject}')


def _while(name: str, selector: Selector, facts: dict[str, Fact]) -> Iterator[Problem]:
    question = asked(name)
    fact = facts.get(question.fact)
    if fact is None:
        hint = meant(question.fact, facts) or "; write a [[fact]] with this id"
        yield _problem(f'while: no fact is called "{question.fact}"{hint}')
        return
    key = question.by or fact.key
    for kind in _kinds(selector):
        texts = [row for row, field in fields(kind).items() if field.type == "text"]
        if key not in texts:
            hint = meant(key, texts) if question.by else ""
            yield _problem(
                f'while: "{kind}" has no text field "{key}", which says whose fact "{fact.id}" is{hint}'
            )


def _followed(rule: Rule, facts: dict[str, Fact]) -> Iterator[Problem]:
    for name in rule.while_:
        fact = facts.get(asked(name).fact)
        if fact is not None and fact.lasts is not None:
            yield _problem(
                f'while: "{fact.id}" ends by itself, which a hold can\'t follow; clear it by an event'
            )


def meant(name: str, names: Iterable[str]) -> str:
    """Return the question whether the nearest of the names was meant, if one is near."""
    close = get_close_matches(name, list(names), n=1)
    return f'; did you mean "{close[0]}"?' if close else ""


def _problem(message: str) -> Problem:
    return Problem("", "", message)


def _no_clock() -> NoReturn:
    raise AssertionError("nothing runs while a rule is checked")
