"""The checks of rules, facts, lists and macros before they are put in force."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from monitor.core.compile.mistake import DefinitionMistake, Fault, known_kinds, meant
from monitor.core.compile.validate_operators import hold_faults, operator_faults, parameter_faults
from monitor.core.compile.validate_titles import placeholder_faults, procedure_faults, title_faults
from monitor.core.events import EVENT_TYPES
from monitor.core.operators import build
from monitor.core.rules.expression import NO_CHOICES, Choices, expression_mistakes, one_line
from monitor.core.rules.fields import fields
from monitor.core.rules.model import (
    OPERATORS,
    Fact,
    Rule,
    Selector,
    each,
    fact_query,
)
from monitor.core.rules.names import NO_NAMES, Names, name_mistakes
from monitor.core.venue.parameters import ParameterError

_NOTHING = 'is empty; write e.g. { on = "door.opened" }'


def definition_mistakes(
    rules: Iterable[Rule],
    facts: Iterable[Fact],
    names: Names = NO_NAMES,
    choices: Choices = NO_CHOICES,
) -> Iterator[DefinitionMistake]:
    """Yield every mistake of a set of rules, facts, lists and macros.

    Args:
        rules: the rules of all files.
        facts: the facts of all files.
        names: the lists and macros of all files.
        choices: the values that the venue allows in a field, by field; any where it says nothing.

    """
    for kind, name, message in name_mistakes(names):
        yield DefinitionMistake(kind, name, Fault(message))
    facts = tuple(facts)
    known = {fact.id: fact for fact in facts}
    for fact in facts:
        for role, selectors in (("set", fact.set), ("clear", fact.clear)):
            if selectors == ():
                yield DefinitionMistake("fact", fact.id, Fault(f"{role}: {_NOTHING}"))
            for selector in each(selectors):
                for found in _selector(role, selector, (fact.key,), names, choices):
                    yield DefinitionMistake("fact", fact.id, found)
    rules = tuple(rules)
    ids = [rule.id for rule in rules]
    for rule in rules:
        # Several event types with one condition have the same mistakes in it.
        for found in dict.fromkeys((*_rule(rule, known, names, choices), *_silence(rule, ids))):
            yield DefinitionMistake("rule", rule.id, found)


def _rule(rule: Rule, facts: dict[str, Fact], names: Names, choices: Choices) -> Iterator[Fault]:
    given = [name for name in OPERATORS if getattr(rule, name) is not None]
    if len(given) != 1:
        found = " and ".join(given) or "no operator"
        yield Fault(f"has {found}; write exactly one of {', '.join(OPERATORS)}")
    yield from _blank(rule)
    yield from title_faults(rule, given)
    yield from procedure_faults(rule)
    yield from operator_faults(rule)
    operator = None
    if len(given) == 1:
        try:
            operator = build(rule)
        except ParameterError as error:
            yield Fault(str(error))
    for name in given:
        row = getattr(rule, name)
        selectors = _selectors(row) if operator is None else operator.selectors()
        yield from _empty(name, row)
        for role, selector in selectors:
            yield from _selector(f"{name}.{role}", selector, rule.by, names, choices)
            if operator is not None and role in operator.fires:
                yield from placeholder_faults(rule.title, selector)
                yield from parameter_faults(rule, selector)
                for fact in rule.while_:
                    yield from _while(fact, selector, facts)
    if rule.hold is not None:
        yield from hold_faults(rule, facts)


def _selectors(row: Struct) -> Iterator[tuple[str, Selector]]:
    """Yield the selectors of an operator that can't be built, with the names of their fields."""
    for name in row.__struct_fields__:
        value = getattr(row, name)
        for selector in value if isinstance(value, tuple) else (value,):
            if isinstance(selector, Selector):
                yield name, selector


def _empty(operator: str, row: Struct) -> Iterator[Fault]:
    for name in row.__struct_fields__:
        if getattr(row, name) == ():
            yield Fault(f"{operator}.{name}: {_NOTHING}")


def _blank(rule: Rule) -> Iterator[Fault]:
    """Find fields that are blank or have no effect."""
    for name in ("title", "why"):
        if not getattr(rule, name).strip():
            yield Fault(f"{name}: it is blank; write a text")
    for tag, text in rule.whys.items():
        if not text.strip():
            yield Fault(f"whys.{tag}: it is blank; write the text of why in this language")
    if not rule.phase:
        yield Fault('phase: is empty; leave it out for all phases, or write e.g. ["live"]')
    if rule.hold is not None and rule.hold.start == rule.hold.end:
        yield Fault("hold: start and end are the same; write other events for end")


def _silence(rule: Rule, ids: list[str]) -> Iterator[Fault]:
    """Find rules for silence that don't exist, and a reason for having none beside some."""
    for name in rule.silence_rules:
        if name not in ids:
            unknown = f'silence_rules: unknown rule "{name}"{meant(name, ids)}'
            yield Fault(unknown, refers_to=name)
    if rule.silence_rules and rule.silence_why:
        yield Fault("silence_why: says why no rule fires on silence; leave it or silence_rules out")


def _selector(
    role: str, selector: Selector, key: tuple[str, ...], names: Names, choices: Choices
) -> Iterator[Fault]:
    if not selector.on:
        yield Fault(f'{role}.on: is empty; write e.g. on = "door.opened"')
    for kind in selector.on:
        if kind not in EVENT_TYPES:
            yield Fault(f'{role}: unknown event type "{kind}"{meant(kind, EVENT_TYPES)}')
            continue
        texts = [name for name, field in fields(kind).items() if field.type == "text"]
        for name in key:
            if name not in texts:
                yield Fault(
                    f'{role}: "{kind}" has no text field "{name}" to use as key{meant(name, texts)}'
                )
        if selector.where:
            for error in expression_mistakes(selector.where, kind, names, choices):
                text = one_line(selector.where)
                yield Fault(f"{role}: {error}", text, error.column, error.refers_to)


def _while(name: str, selector: Selector, facts: dict[str, Fact]) -> Iterator[Fault]:
    question = fact_query(name)
    fact = facts.get(question.fact)
    if fact is None:
        hint = meant(question.fact, facts) or "; add a [[fact]] with this id"
        message = f'while: unknown fact "{question.fact}"{hint}'
        yield Fault(message, refers_to=question.fact)
        return
    key = question.by or fact.key
    for kind in known_kinds(selector):
        texts = [row for row, field in fields(kind).items() if field.type == "text"]
        if key not in texts:
            hint = meant(key, texts) if question.by else ""
            yield Fault(
                f'while: "{kind}" has no text field "{key}" to use as key of fact "{fact.id}"{hint}'
            )
