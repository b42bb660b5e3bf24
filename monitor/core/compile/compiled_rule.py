"""One rule, ready to run: its operator, its guards, and the fields of its titles."""

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from monitor.core.compile.key import KeyOf, key_getter
from monitor.core.events import EVENT_TYPES, AnyEvent
from monitor.core.operators import MatchOperator, Operator, build
from monitor.core.rules.fields import fields
from monitor.core.rules.model import Fact, Rule, fact_query
from monitor.core.rules.template import fields_of
from monitor.core.venue.places import Place

HOURS = "schedule hours"
"""The fact that a schedule is open, by schedule. No fact of a rule file can have this name."""
JUDGED_IN_ORDER = frozenset(("inspection.item", "action.verified"))
"""Types of which earlier events decide whether they count: a later finding, or the inspection after a repair."""


class FactGuard(NamedTuple):
    """One entry in a rule's ``while``."""

    fact: str
    wanted: bool
    lasts: timedelta | None
    key_of: Mapping[type, KeyOf]
    """The key of the fact, by event type."""

    def whose(self, event: AnyEvent, place: Place) -> str:
        """Return the key of the fact that an event at its place depends on; empty if it gives none."""
        key_of = self.key_of.get(type(event))
        return "" if key_of is None else key_of(event, place)


class CompiledRule:
    """One rule, ready to run."""

    __slots__ = ("at_once", "guards", "operator", "rule", "title_fields")

    def __init__(self, rule: Rule, operator: Operator, guards: tuple[FactGuard, ...]) -> None:
        self.rule = rule
        self.operator = operator
        self.guards = guards
        self.at_once = (
            isinstance(operator, MatchOperator)
            and not guards
            and JUDGED_IN_ORDER.isdisjoint(
                kind for _, selector in operator.selectors() for kind in selector.on
            )
        )
        """It needs neither order nor state, and receives events on arrival."""
        self.title_fields = title_fields(rule)


def compile_rule(rule: Rule, facts: Mapping[str, Fact]) -> CompiledRule:
    """Make a rule ready to run."""
    operator = build(rule)
    guards = tuple(_guard(name, facts, operator) for name in rule.while_)
    if rule.schedule:
        guards += (_hours(rule.schedule, operator),)
    return CompiledRule(rule, operator, guards)


def title_fields(rule: Rule) -> tuple[str, ...]:
    """Return the fields whose values an alert keeps: those of its titles, and what names an item of a checklist."""
    named = [name for text in (rule.title, *rule.titles.values()) for name in fields_of(text)]
    beside = ("checklist", "zone") if "item" in named else ()
    return tuple(dict.fromkeys((*named, *beside)))


def _guard(name: str, facts: Mapping[str, Fact], operator: Operator) -> FactGuard:
    question = fact_query(name)
    fact = facts[question.fact]
    key = question.by or fact.key
    kinds = {kind for _, selector in operator.selectors() for kind in selector.on}
    getters = {EVENT_TYPES[kind]: key_getter((key,), kind) for kind in kinds if key in fields(kind)}
    return FactGuard(fact.id, question.wanted, fact.lasts, getters)


def _hours(schedule: str, operator: Operator) -> FactGuard:
    """Return the guard of a rule with a schedule, which has the same key for every event."""
    name = schedule.removeprefix("not ")
    kinds = {kind for _, selector in operator.selectors() for kind in selector.on}
    getters: dict[type, KeyOf] = {EVENT_TYPES[kind]: lambda _event, _place: name for kind in kinds}
    return FactGuard(HOURS, name == schedule, None, getters)
