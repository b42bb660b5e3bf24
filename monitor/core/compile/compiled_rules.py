"""The rules of a rule set, ready to run: the subscriptions to every event type, and the facts that events set."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from monitor.core.compile.compiled_rule import HOURS, CompiledRule, compile_rule
from monitor.core.compile.event_places import EventPlaces
from monitor.core.compile.fingerprint import fingerprint, without_limit
from monitor.core.compile.index import Candidates, Needs, any_of, divided, needed
from monitor.core.compile.key import KeyOf, key_getter
from monitor.core.events import EVENT_TYPES
from monitor.core.events.derived import ScheduleClosed, ScheduleOpened
from monitor.core.operators import HoldOperator
from monitor.core.rules.expression import Predicate, compile_expression
from monitor.core.rules.model import Fact, Rule, RuleSet, Selector, each
from monitor.core.rules.names import Names


class Subscription(NamedTuple):
    """The subscription of a rule to one type of event."""

    compiled: CompiledRule
    rule: str
    role: str
    idle: bool
    """The role has no effect on a key that has neither state nor an open alert."""
    guarded: bool
    """The role has no effect unless the facts of the rule hold."""
    asks: bool
    """The role asks whether the facts hold at the event itself, and at no other time."""
    fits: Predicate | None
    here: Predicate | None
    """What the place decides of `fits`."""
    rest: Predicate | None
    """What is left of it where that is true."""
    key_of: KeyOf


Subscriptions = dict[type, Candidates[Subscription]]
_Rows = dict[type, list[tuple[Needs, Subscription]]]


class FactSetter(NamedTuple):
    """A fact that one type of event sets or clears."""

    fact: str
    holds: bool
    fits: Predicate | None
    key_of: KeyOf


class CompiledRules:
    """All rules of a rule set that are in force in the present phase.

    ``on_arrival`` holds the subscriptions that receive events at once: `match` rules without facts. ``in_order`` holds
    those that receive events in order of time, once the watermark has passed: for events of one instant first the
    subscriptions for which they are an end, then those for which they are a beginning.
    """

    __slots__ = (
        "__weakref__",
        "_fingerprints",
        "_state_fingerprints",
        "by_id",
        "event_places",
        "facts",
        "followers",
        "in_order",
        "on_arrival",
        "ordered",
        "place_of",
        "places",
        "rule_set",
    )

    def __init__(
        self,
        rule_set: RuleSet,
        *,
        event_places: EventPlaces | None = None,
        indexed: bool = True,
    ) -> None:
        self.rule_set = rule_set
        self.event_places = event_places or EventPlaces(rule_set.venue)
        self.places = self.event_places.places
        self.place_of = self.event_places.of
        """Returns the place of an event; an attribute of its own because every event asks for it several times."""
        self.by_id: dict[str, CompiledRule] = {}
        self.facts: dict[type, list[FactSetter]] = {}
        self.followers: dict[str, list[CompiledRule]] = {}
        """By fact: the `hold` rules whose condition includes it."""
        facts = {fact.id: fact for fact in rule_set.facts}
        for fact in rule_set.facts:
            self._add_fact(fact)
        if any(rule.schedule for rule in rule_set.rules):
            self._add_hours()
        tables: tuple[_Rows, _Rows, _Rows] = ({}, {}, {})
        for rule in rule_set.rules:
            if rule_set.venue.congress.phase in rule.phase:
                self._add_rule(rule, facts, tables)
        on_arrival, first, then = (_candidates(table, indexed=indexed) for table in tables)
        self.on_arrival: Subscriptions = on_arrival
        self.in_order: tuple[Subscriptions, Subscriptions] = (first, then)
        self.ordered = frozenset(self.facts).union(*self.in_order)
        self._fingerprints: Mapping[str, str] | None = None
        self._state_fingerprints: Mapping[str, str] | None = None

    @property
    def fingerprints(self) -> Mapping[str, str]:
        """By rule; a rule whose fingerprint has changed warms up again."""
        if self._fingerprints is None:  # only a change of rules asks for them
            self._fingerprints = self._fingerprinted(lambda rule: rule)
        return self._fingerprints

    @property
    def state_fingerprints(self) -> Mapping[str, str]:
        """The same without limits; a rule for which it has changed starts with an empty state."""
        if self._state_fingerprints is None:
            self._state_fingerprints = self._fingerprinted(without_limit)
        return self._state_fingerprints

    def _fingerprinted(self, part: Callable[[Rule], Rule]) -> dict[str, str]:
        """Return the fingerprint of a part of each rule, by the id of the rule."""
        rule_set = self.rule_set
        facts = {fact.id: fact for fact in rule_set.facts}
        return {rule.id: fingerprint(part(rule), facts, rule_set.names) for rule in rule_set.rules}

    @property
    def keeps_hours(self) -> bool:
        """Whether a rule has a schedule, or subscribes to the hours of one."""
        subscribed = self.ordered.union(self.on_arrival)
        return not subscribed.isdisjoint((ScheduleOpened, ScheduleClosed))

    def _add_hours(self) -> None:
        """Keep a fact for every schedule: whether it is open, for the rules that have a schedule."""
        for kind, holds in (("schedule.opened", True), ("schedule.closed", False)):
            setter = FactSetter(HOURS, holds, None, key_getter(("schedule",), kind))
            self.facts.setdefault(EVENT_TYPES[kind], []).append(setter)

    def _add_fact(self, fact: Fact) -> None:
        roles = (("set", fact.set), ("clear", fact.clear))
        pairs = [(role, selector) for role, selectors in roles for selector in each(selectors)]
        for (role, kind), wheres in _selected(pairs).items():
            fits = _any(wheres, kind, self.rule_set.names)
            setter = FactSetter(fact.id, role == "set", fits, key_getter((fact.key,), kind))
            self.facts.setdefault(EVENT_TYPES[kind], []).append(setter)

    def _add_rule(
        self, rule: Rule, facts: Mapping[str, Fact], tables: tuple[_Rows, _Rows, _Rows]
    ) -> None:
        compiled = self.by_id[rule.id] = compile_rule(rule, facts)
        operator = compiled.operator
        idle: frozenset[str] = getattr(operator, "idle", frozenset())
        on_arrival, first, then = tables
        if compiled.at_once:
            first, then = on_arrival, on_arrival
        names = self.rule_set.names
        for (role, kind), wheres in _selected(operator.selectors()).items():
            table = first if role in operator.first else then
            fits = _any(wheres, kind, names)
            here, rest = _divided(wheres, kind, names) if len(wheres) == 1 else (None, fits)
            subscription = Subscription(
                compiled,
                rule.id,
                role,
                idle=role in idle,
                guarded=role in operator.guarded and bool(compiled.guards),
                asks=role in operator.asks and bool(compiled.guards),
                fits=fits,
                here=here,
                rest=rest,
                key_of=key_getter(rule.by, kind),
            )
            needs = any_of([needed(where, kind, names) for where in wheres])
            table.setdefault(EVENT_TYPES[kind], []).append((needs, subscription))
        if isinstance(operator, HoldOperator):
            for guard in compiled.guards:
                self.followers.setdefault(guard.fact, []).append(compiled)


def _selected(pairs: Iterable[tuple[str, Selector]]) -> Mapping[tuple[str, str], Sequence[str]]:
    """Return the conditions of the selectors, by role and event type."""
    chosen: dict[tuple[str, str], list[str]] = {}
    for role, selector in pairs:
        for kind in selector.on:
            chosen.setdefault((role, kind), []).append(selector.where)
    return chosen


def _candidates(rows: _Rows, *, indexed: bool) -> Subscriptions:
    return {
        struct: Candidates(str(struct.__struct_config__.tag), row, indexed=indexed)  # type: ignore[attr-defined]
        for struct, row in rows.items()
    }


def _any(wheres: Sequence[str], kind: str, names: Names) -> Predicate | None:
    """Return the predicate of several conditions of which one has to be true; ``None`` if one is always."""
    if "" in wheres:
        return None
    fits = [compile_expression(where, kind, names) for where in wheres]
    return (
        fits[0] if len(fits) == 1 else lambda event, place: any(row(event, place) for row in fits)
    )


def _divided(
    wheres: Sequence[str], kind: str, names: Names
) -> tuple[Predicate | None, Predicate | None]:
    """Return what the place decides of a condition, and the rest."""
    here, rest = divided(wheres[0], kind, names)
    return _any([here], kind, names), _any([rest], kind, names)
