"""What a `hold` rule holds, by the facts of its condition: a changed fact mostly concerns few of thousands of keys."""

from collections.abc import Callable, Sequence

from monitor.core.compile.compiled_rule import CompiledRule
from monitor.core.events import AnyEvent
from monitor.core.operators import HoldOperator
from monitor.core.operators.base import Keys
from monitor.core.operators.protocol import OperatorInput, Signal
from monitor.core.state.operators import HoldState, KeyState
from monitor.core.venue.places import Place

ByFact = dict[tuple[str, str], dict[str, None]]
IDLE = 64
"""Changes, beyond one for each key, after which an index that nobody has asked for is dropped."""


class Held:
    """The keys that one `hold` rule holds, looked up by a fact and its key.

    Args:
        compiled: the rule.
        operator: its operator.
        keys: what it holds. While this is in use, nothing but `on_event` adds a key or takes one away.
        place_of: finds the place of an event.

    """

    __slots__ = ("_by_fact", "_unasked", "compiled", "keys", "operator", "place_of")

    def __init__(
        self,
        compiled: CompiledRule,
        operator: HoldOperator,
        keys: Keys,
        place_of: Callable[[AnyEvent], Place],
    ) -> None:
        self.compiled = compiled
        self.operator = operator
        self.keys = keys
        self.place_of = place_of
        self._by_fact: ByFact | None = None
        """The keys by fact and its key, in the order of `keys`; ``None`` while facts seldom change."""
        self._unasked = 0
        """Changes since the last fact changed."""

    def on_event(self, keys: Keys, key: str, given: OperatorInput) -> Sequence[Signal]:
        """Let the rule process an event, and note what it then holds."""
        by_fact = self._by_fact
        if by_fact is None:
            return self.operator.on_event(keys, key, given)
        before = keys.get(key)
        signals = self.operator.on_event(keys, key, given)
        after = keys.get(key)
        if after is not before:
            self._unasked += 1
            if self._unasked > len(keys) + IDLE:
                self._by_fact = None
            else:
                self._forget(by_fact, key, before)
                self._note(by_fact, key, after)
        return signals

    def depending_on(self, fact: str, fact_key: str) -> list[tuple[str, HoldState]]:
        """Return each key whose condition includes a fact for this key of it, in the order in which they began."""
        self._unasked = 0
        if self._by_fact is None:
            self._by_fact = {}
            for key, row in self.keys.items():
                self._note(self._by_fact, key, row)
        rows = ((key, self.keys.get(key)) for key in self._by_fact.get((fact, fact_key), ()))
        return [(key, row) for key, row in rows if isinstance(row, HoldState)]

    def _note(self, by_fact: ByFact, key: str, row: KeyState | None) -> None:
        if isinstance(row, HoldState):
            for name in self._facts_of(row):
                by_fact.setdefault(name, {})[key] = None

    def _forget(self, by_fact: ByFact, key: str, row: KeyState | None) -> None:
        if isinstance(row, HoldState):
            for name in self._facts_of(row):
                found = by_fact.get(name, {})
                found.pop(key, None)
                if not found:
                    by_fact.pop(name, None)

    def _facts_of(self, row: HoldState) -> set[tuple[str, str]]:
        place = self.place_of(row.event)
        return {(guard.fact, guard.whose(row.event, place)) for guard in self.compiled.guards}
