"""The plan: the rules and facts that receive events of each type, each bound to what it remembers.

A compiled rule set is shared by any number of engines; a plan belongs to one of them. It is made once for a rule set,
so that no event has to look up the memory, the facts or the operator of a rule.
"""

from collections.abc import Mapping, Sequence
from functools import partial

from monitor.core.alerts.open_alerts import OpenAlerts
from monitor.core.compile.compiled_rule import CompiledRule
from monitor.core.compile.compiled_rules import (
    CompiledRules,
    FactSetter,
    Subscription,
    Subscriptions,
)
from monitor.core.compile.index import Candidates
from monitor.core.engine.facts import BoundGuard, Conditions, SharedGuards, always
from monitor.core.engine.held import Held
from monitor.core.events import AnyEvent
from monitor.core.operators import HoldOperator
from monitor.core.operators.base import Keys
from monitor.core.operators.protocol import Holds
from monitor.core.state.rules import FactValue, RulesState
from monitor.core.venue.places import Place


class Listener:
    """A subscription of a rule to one type of event, bound to the state of the rule."""

    __slots__ = (
        *("compiled", "guarded", "guards", "here", "holds", "idle", "ignores"),
        *("key_of", "keys", "on_event", "open", "rest", "role", "rule"),
    )

    def __init__(
        self,
        subscription: Subscription,
        keys: Keys,
        alerts: Mapping[str, str],
        guards: Sequence[BoundGuard],
        holds: Holds,
    ) -> None:
        self.compiled = subscription.compiled
        self.rule = subscription.rule
        self.role = subscription.role
        self.idle = subscription.idle
        self.guarded = subscription.guarded
        """Whether the guards have to hold for the operator to receive an event at all."""
        self.here = subscription.here
        self.rest = subscription.rest
        self.key_of = subscription.key_of
        self.keys = keys
        """The memory of the rule."""
        self.open = alerts
        """Its open alerts, by key."""
        self.guards = guards
        """What is asked about the event, once for all listeners that have the same guards."""
        self.holds = holds
        """What the operator itself asks if the guards hold."""
        operator = self.compiled.operator
        self.on_event = operator.on_event
        self.ignores = operator.ignores
        """Returns whether an event changes nothing at all; ``None`` if that takes asking the operator."""


class BoundSetter:
    """A fact that one type of event sets or clears, bound to what is known of it."""

    __slots__ = ("fact", "fits", "followers", "holds", "key_of", "values")

    def __init__(
        self,
        setter: FactSetter,
        values: dict[str, FactValue],
        followers: Sequence[Held],
    ) -> None:
        self.fact, self.holds, self.fits, self.key_of = setter
        self.values = values
        self.followers = followers
        """What the `hold` rules hold whose condition includes it."""


class Listeners:
    """The listeners to one type of event. What a place decides is found out once for each place of the venue.

    Args:
        candidates: looked up by a field of the event or of its place.

    """

    __slots__ = ("_at", "_by_value", "_candidates", "_lists", "_places", "_value_of")

    def __init__(self, candidates: Candidates[Listener]) -> None:
        self._candidates = candidates
        self._value_of = candidates.value_of
        self._at: dict[int, Sequence[Listener]] = {}
        """By the identity of a place, which is faster than its hash."""
        self._by_value: Mapping[str, dict[int, Sequence[Listener]]] = {
            value: {} for value in candidates.values
        }
        """The same for each value by which an event is looked up."""
        self._lists: dict[Sequence[Listener], Sequence[Listener]] = {}
        """Most places share a list with others."""
        self._places: list[Place] = []
        """Keeps the places, so that no other has the identity of one of them."""

    def of(self, event: AnyEvent, place: Place) -> Sequence[Listener]:
        """Return the listeners that an event at its place can fit."""
        at, value_of = self._at, self._value_of
        if value_of is not None:
            at = self._by_value.get(value_of(event), at)
        found = at.get(id(place))
        if found is None:
            rows = self._candidates.of(event, place)
            fitting = tuple([row for row in rows if row.here is None or row.here(event, place)])
            found = at[id(place)] = self._lists.setdefault(fitting, fitting)
            self._places.append(place)
        return found


Table = Mapping[type, Listeners]


class Plan:
    """The rules in force, bound to a state.

    Args:
        rules: the rules.
        state: what they remember. While the plan is in use, the dict of each rule and fact stays the same object.
        alerts: those that are open.

    """

    __slots__ = ("_alerts", "_conditions", "_held", "_keys", "facts", "in_order", "on_arrival")

    def __init__(self, rules: CompiledRules, state: RulesState, alerts: OpenAlerts) -> None:
        self._alerts = alerts
        shared: SharedGuards = {}
        self._conditions = {
            rule: Conditions(compiled, state.facts, rules.place_of, shared)
            for rule, compiled in rules.by_id.items()
        }
        self._keys = {rule: state.keys.setdefault(rule, {}) for rule in rules.by_id}
        self._held = {
            rule: Held(compiled, compiled.operator, self._keys[rule], rules.place_of)
            for rule, compiled in rules.by_id.items()
            if isinstance(compiled.operator, HoldOperator) and compiled.guards
        }
        self.facts: Mapping[type, Sequence[BoundSetter]] = {
            kind: [
                BoundSetter(
                    row,
                    state.facts.setdefault(row.fact, {}),
                    [self._held[each.rule.id] for each in rules.followers.get(row.fact, ())],
                )
                for row in setters
            ]
            for kind, setters in rules.facts.items()
        }
        self.on_arrival: Table = self._bound(rules.on_arrival)
        self.in_order: Sequence[Table] = [self._bound(table) for table in rules.in_order]
        """First the listeners for which an event is an end, then those for which it is a beginning."""

    def holds(self, compiled: CompiledRule) -> Holds:
        """Return the check whether a rule's facts hold."""
        return self._conditions[compiled.rule.id].hold if compiled.guards else always

    def _bound(self, table: Subscriptions) -> Table:
        return {
            kind: Listeners(found.mapped(partial(self._listener, kind)))
            for kind, found in table.items()
        }

    def _listener(self, kind: type, row: Subscription) -> Listener:
        guards = self._conditions[row.rule].of(kind) if row.guarded or row.asks else ()
        # What has been found to hold need not be asked again.
        holds = always if guards else self.holds(row.compiled)
        alerts = self._alerts.of_rule(row.rule)
        found = Listener(row, self._keys[row.rule], alerts, guards, holds)
        if row.rule in self._held:
            found.on_event = self._held[row.rule].on_event
        return found
