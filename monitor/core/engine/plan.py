"""The plan: the rules and facts that receive events of each type, each bound to what it remembers.

A compiled rule set is shared by any number of engines; a plan belongs to one of them. It is made once for a rule set,
so that no event has to look up the memory, the facts or the operator of a rule.
"""

from collections.abc import Mapping, Sequence
from functools import partial

from monitor.core.compile.compiled_rule import CompiledRule
from monitor.core.compile.compiled_rules import (
    CompiledRules,
    FactSetter,
    Subscription,
    Subscriptions,
)
from monitor.core.compile.index import Candidates
from monitor.core.engine.facts import BoundGuard, Conditions, always
from monitor.core.operators.base import Keys
from monitor.core.operators.protocol import Holds
from monitor.core.state.rules import FactValue, RulesState


class Listener:
    """A subscription of a rule to one type of event, bound to the state of the rule."""

    __slots__ = (
        *("compiled", "fits", "guards", "holds", "idle", "ignores"),
        *("key_of", "keys", "on_event", "role", "rule"),
    )

    def __init__(
        self, subscription: Subscription, keys: Keys, guards: Sequence[BoundGuard], holds: Holds
    ) -> None:
        self.compiled, self.rule, self.role, self.idle, _, self.fits, self.key_of = subscription
        self.keys = keys
        """The memory of the rule."""
        self.guards = guards
        """What has to hold for the operator to receive an event at all."""
        self.holds = holds
        """What the operator itself asks."""
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
        followers: Sequence[CompiledRule],
    ) -> None:
        self.fact, self.holds, self.fits, self.key_of = setter
        self.values = values
        self.followers = followers
        """The `hold` rules whose condition includes it."""


Listeners = Mapping[type, Candidates[Listener]]


class Plan:
    """The rules in force, bound to a state.

    Args:
        rules: the rules.
        state: what they remember. While the plan is in use, the dict of each rule and fact stays the same object.

    """

    __slots__ = ("_conditions", "_keys", "facts", "in_order", "on_arrival")

    def __init__(self, rules: CompiledRules, state: RulesState) -> None:
        self._conditions = {
            rule: Conditions(compiled, state.facts, rules.place_of)
            for rule, compiled in rules.by_id.items()
        }
        self._keys = {rule: state.keys.setdefault(rule, {}) for rule in rules.by_id}
        self.facts: Mapping[type, Sequence[BoundSetter]] = {
            kind: [
                BoundSetter(
                    row,
                    state.facts.setdefault(row.fact, {}),
                    rules.followers.get(row.fact, ()),
                )
                for row in setters
            ]
            for kind, setters in rules.facts.items()
        }
        self.on_arrival: Listeners = self._bound(rules.on_arrival)
        self.in_order: Sequence[Listeners] = [self._bound(table) for table in rules.in_order]
        """First the listeners for which an event is an end, then those for which it is a beginning."""

    def holds(self, compiled: CompiledRule) -> Holds:
        """Return the check whether a rule's facts hold."""
        return self._conditions[compiled.rule.id].hold if compiled.guards else always

    def _bound(self, table: Subscriptions) -> Listeners:
        return {kind: found.mapped(partial(self._listener, kind)) for kind, found in table.items()}

    def _listener(self, kind: type, row: Subscription) -> Listener:
        guards = self._conditions[row.rule].of(kind) if row.guarded else ()
        # What has been found to hold need not be asked again.
        holds = always if guards else self.holds(row.compiled)
        return Listener(row, self._keys[row.rule], guards, holds)
