"""The rule book made ready to run: every expression compiled, every event type with its list of who listens to it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from operator import attrgetter
from string import Formatter
from typing import NamedTuple

import msgspec

from monitor.core.compile.fingerprint import signature, without_limit
from monitor.core.compile.index import Candidates, Needs, any_of, needed
from monitor.core.events import EVENT_TYPES, AnyEvent
from monitor.core.events.derived import ScheduleClosed, ScheduleOpened
from monitor.core.events.inspection import InspectionItem
from monitor.core.events.zone import EmergencyFire, EmergencyManual
from monitor.core.operators import HoldOperator, MatchOperator, Operator, build
from monitor.core.rules.expression import Predicate, compile_expression
from monitor.core.rules.fields import fields, named_by, reader
from monitor.core.rules.model import Fact, Rule, RuleBook, Selector, asked, each
from monitor.core.rules.names import Names
from monitor.core.venue.places import Place, Places

KeyOf = Callable[[AnyEvent, Place], str]
HOURS = "schedule hours"
"""The fact that the hours of a schedule are running, by schedule. No fact of a rule file can be called so."""
_BELIEVED = (EmergencyFire, EmergencyManual)
SEPARATOR = " / "
"""Between the parts of a key. The venue's names can't contain it."""


class Condition(NamedTuple):
    """One name in a rule's ``while``."""

    fact: str
    wanted: bool
    lasts: timedelta | None
    key_of: Mapping[type, KeyOf]
    """How an event of each type says whose fact is meant."""

    def whose(self, said: AnyEvent, place: Place) -> str:
        """Return the key of the fact that an event at its place asks for; empty if it doesn't say."""
        key_of = self.key_of.get(type(said))
        return "" if key_of is None else key_of(said, place)


class Runner:
    """One rule, ready to run."""

    __slots__ = ("at_once", "conditions", "holds", "idle", "operator", "rule", "title_fields")

    def __init__(self, rule: Rule, operator: Operator, conditions: tuple[Condition, ...]) -> None:
        self.rule = rule
        self.operator = operator
        self.conditions = conditions
        self.at_once = isinstance(operator, MatchOperator) and not conditions
        """It needs neither order nor memory, and is told of events when they arrive."""
        self.holds: Callable[[AnyEvent, datetime], bool] | None = None
        """Tells whether its facts hold, once somebody has asked."""
        self.idle: frozenset[str] = getattr(operator, "idle", frozenset())
        """Roles that mean nothing for a key of which nothing is remembered and no alert is open."""
        self.title_fields = tuple(name for _, name, _, _ in Formatter().parse(rule.title) if name)


class Listener(NamedTuple):
    """A rule that listens to one type of event."""

    runner: Runner
    role: str
    fits: Predicate | None
    key_of: KeyOf


Listeners = dict[type, Candidates[Listener]]
_Rows = dict[type, list[tuple[Needs, Listener]]]


class FactSetter(NamedTuple):
    """A fact that one type of event sets or clears."""

    fact: str
    holds: bool
    fits: Predicate | None
    key_of: KeyOf


class Ruleset:
    """All rules of a book that are in force in the present phase.

    ``on_arrival`` lists who is told of an event at once: `match` rules without facts. ``in_order`` lists who is told
    of events in the order in which they happened, once no earlier one can come: of the events of one instant first
    those to whom they are an end, then those to whom they are a beginning.
    """

    __slots__ = (
        "_named_by",
        "_sites",
        "book",
        "facts",
        "followers",
        "in_order",
        "memories",
        "on_arrival",
        "ordered",
        "places",
        "runners",
        "signatures",
    )

    def __init__(
        self, book: RuleBook, clock: Callable[[], datetime], *, indexed: bool = True
    ) -> None:
        self.book = book
        self.places = Places(book.venue)
        self._sites = frozenset(site.id for site in book.venue.sites)
        self._named_by: dict[type, tuple[Mapping[str, Place], Callable[[AnyEvent], str]]] = {
            struct: (getattr(self.places, f"{name}s"), attrgetter(name))
            for struct, name in _NAMED_BY.items()
        }
        self.runners: dict[str, Runner] = {}
        self.facts: dict[type, list[FactSetter]] = {}
        self.followers: dict[str, list[Runner]] = {}
        facts = {fact.id: fact for fact in book.facts}
        for fact in book.facts:
            self._hear(fact)
        if any(rule.schedule for rule in book.rules):
            self._hear_hours()
        tables: tuple[_Rows, _Rows, _Rows] = ({}, {}, {})
        for rule in book.rules:
            if book.venue.congress.phase in rule.phase:
                self._enlist(rule, facts, clock, tables)
        on_arrival, first, then = (_candidates(table, indexed=indexed) for table in tables)
        self.on_arrival: Listeners = on_arrival
        self.in_order: tuple[Listeners, Listeners] = (first, then)
        self.ordered = frozenset(self.facts).union(*self.in_order)
        self.signatures = {rule.id: signature(rule, facts, book.names) for rule in book.rules}
        self.memories = {
            rule.id: signature(without_limit(rule), facts, book.names) for rule in book.rules
        }

    def place_of(self, said: AnyEvent) -> Place:
        """Return where an event belongs; an unknown name belongs nowhere."""
        named = self._named_by.get(type(said))
        if named is None:
            return self.places.nowhere
        known, name_of = named
        place = known.get(name_of(said), self.places.nowhere)
        return _of_item(place, said.item) if type(said) is InspectionItem else place

    def unknown_name(self, said: AnyEvent) -> tuple[str, str] | None:
        """Return kind and name of what the event speaks of, if the venue doesn't know it."""
        named = self._named_by.get(type(said))
        if named is None:
            return None
        known, name_of = named
        name = name_of(said)
        return None if not name or name in known else (_NAMED_BY[type(said)], name)

    def elsewhere(self, said: AnyEvent, zone: str, topic: str) -> str:
        """Return the site of what an event speaks of, if it came by the topic of another one; empty otherwise.

        Who may write below which site is what the broker's access list says. An alarm is believed whoever gives it.

        Args:
            said: the event.
            zone: where what it speaks of is by what was said before; empty where that isn't known.
            topic: by which it came.

        """
        here = self.place_of(said).site
        known = self.places.zones.get(zone, self.places.nowhere).site if zone else here
        if known in ("", here) and (not here or topic.startswith(f"venue/{here}/")):
            return ""
        match topic.split("/", 2):
            case ["venue", named, _] if named in self._sites and not isinstance(said, _BELIEVED):
                return next((site for site in (here, known) if site not in ("", named)), "")
            case _:
                return ""

    @property
    def keeps_hours(self) -> bool:
        """A rule has a schedule, or listens to the hours of one."""
        heard = self.ordered.union(self.on_arrival)
        return not heard.isdisjoint((ScheduleOpened, ScheduleClosed))

    def _hear_hours(self) -> None:
        """Learn of every schedule whether its hours are running: rules with a schedule ask for that like for a fact."""
        for kind, holds in (("schedule.opened", True), ("schedule.closed", False)):
            setter = FactSetter(HOURS, holds, None, key_getter(("schedule",), kind))
            self.facts.setdefault(EVENT_TYPES[kind], []).append(setter)

    def _hear(self, fact: Fact) -> None:
        roles = (("set", fact.set), ("clear", fact.clear))
        pairs = [(role, selector) for role, selectors in roles for selector in each(selectors)]
        for (role, kind), fits, _ in _listening(pairs, self.book.names):
            setter = FactSetter(fact.id, role == "set", fits, key_getter((fact.key,), kind))
            self.facts.setdefault(EVENT_TYPES[kind], []).append(setter)

    def _enlist(
        self,
        rule: Rule,
        facts: Mapping[str, Fact],
        clock: Callable[[], datetime],
        tables: tuple[_Rows, _Rows, _Rows],
    ) -> None:
        operator = build(rule, clock)
        conditions = tuple(_condition(name, facts, operator) for name in rule.while_)
        if rule.schedule:
            conditions += (_hours(rule.schedule, operator),)
        runner = self.runners[rule.id] = Runner(rule, operator, conditions)
        on_arrival, first, then = tables
        if runner.at_once:
            first, then = on_arrival, on_arrival
        for (role, kind), fits, needs in _listening(operator.selectors(), self.book.names):
            table = first if role in operator.first else then
            listener = Listener(runner, role, fits, key_getter(rule.by, kind))
            table.setdefault(EVENT_TYPES[kind], []).append((needs, listener))
        if isinstance(operator, HoldOperator):
            for condition in conditions:
                self.followers.setdefault(condition.fact, []).append(runner)


def key_getter(names: Iterable[str], kind: str) -> KeyOf:
    """Return what reads a key off an event of this kind: empty if one of its fields is missing."""
    names = tuple(names)
    readers = [reader(kind, name) for name in names]
    if len(readers) == 1 and fields(kind)[names[0]].source == "e":
        get = attrgetter(names[0])
        return lambda said, _place: get(said) or ""
    if len(readers) == 1:
        (read,) = readers
        return lambda said, place: read(said, place) or ""

    def join(said: AnyEvent, place: Place) -> str:
        parts = [read(said, place) for read in readers]
        return SEPARATOR.join(parts) if all(parts) else ""

    return join


def _listening(
    pairs: Iterable[tuple[str, Selector]], names: Names
) -> Iterator[tuple[tuple[str, str], Predicate | None, Needs]]:
    """Yield each role and event type once, with what chooses the events, any of the selectors, and what that needs."""
    chosen: dict[tuple[str, str], list[str]] = {}
    for role, selector in pairs:
        for kind in selector.on:
            chosen.setdefault((role, kind), []).append(selector.where)
    for (role, kind), wheres in chosen.items():
        fits = (
            None if "" in wheres else _any([compile_expression(row, kind, names) for row in wheres])
        )
        yield (role, kind), fits, any_of([needed(row, kind, names) for row in wheres])


def _candidates(rows: _Rows, *, indexed: bool) -> Listeners:
    return {
        struct: Candidates(str(struct.__struct_config__.tag), row, indexed=indexed)  # type: ignore[attr-defined]
        for struct, row in rows.items()
    }


def _any(fits: list[Predicate]) -> Predicate:
    if len(fits) == 1:
        return fits[0]
    return lambda said, place: any(row(said, place) for row in fits)


def _condition(name: str, facts: Mapping[str, Fact], operator: Operator) -> Condition:
    question = asked(name)
    fact = facts[question.fact]
    key = question.by or fact.key
    kinds = {kind for _, selector in operator.selectors() for kind in selector.on}
    getters = {EVENT_TYPES[kind]: key_getter((key,), kind) for kind in kinds if key in fields(kind)}
    return Condition(fact.id, question.wanted, fact.lasts, getters)


def _hours(schedule: str, operator: Operator) -> Condition:
    """Return the condition that a rule is in force: whatever happens, it asks for the same schedule."""
    name = schedule.removeprefix("not ")
    kinds = {kind for _, selector in operator.selectors() for kind in selector.on}
    getters: dict[type, KeyOf] = {EVENT_TYPES[kind]: lambda _said, _place: name for kind in kinds}
    return Condition(HOURS, name == schedule, None, getters)


def _of_item(place: Place, item: str) -> Place:
    if place.of_checklist is None:
        return place
    line = next((row for row in place.of_checklist.items if row.id == item), None)
    if line is None:
        return place
    return msgspec.structs.replace(place, criticality=line.criticality, exits=line.exits)


_NAMED_BY: dict[type, str] = {
    struct: name for kind, struct in EVENT_TYPES.items() if (name := named_by(kind))
}
"""By which field to look for the place of an event: among the points, zones, devices or checklists."""
