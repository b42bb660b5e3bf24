"""What a `hold` rule holds, by the facts of its condition: a changed fact mostly concerns few of thousands of keys."""

from collections.abc import Callable, Sequence

from monitor.core.compile.compiled_rule import CompiledRule
from monitor.core.events import AnyEvent
from monitor.core.operators import HoldOperator
from monitor.core.operators.base import Keys
from monitor.core.operators.protocol import OperatorInput, Signal
from monitor.core.state.operators import HoldState, KeyState
from monitor.core.venue.places import Place


class Held:
    """The keys that one `hold` rule holds, looked up by a fact and its key.

    Args:
        compiled: the rule.
        operator: its operator.
        keys: what it holds. While this is in use, nothing but `on_event` adds a key or takes one away.
        place_of: finds the place of an event.

    """

    __slots__ = ("_by_fact", "compiled", "keys", "operator", "place_of")

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
        self._by_fact: dict[tuple[str, str], dict[str, None]] | None = None
        """The keys by fact and its key, in the order of `keys`; ``None`` until the first fact changes."""

    def on_event(self, keys: Keys, key: str, given: OperatorInput) -> Sequence[Signal]:
        """Let the rule process an event, and note what it then holds."""
        before = keys.get(key)
        signals = self.operator.on_event(keys, key, given)
        after = keys.get(key)
        if after is not before:
            self._forget(key, before)
            self._note(key, after)
        return signals

    def depending_on(self, fact: str, fact_key: str) -> list[tuple[str, HoldState]]:
        """Return each key whose condition includes a fact for this key of it, in the order in which they began."""
        if self._by_fact is None:
            self._by_fact = {}
            for key, row in self.keys.items():
                self._note(key, row)
        rows = ((key, self.keys.get(key)) for key in self._by_fact.get((fact, fact_key), ()))
        return [(key, row) for key, row in rows if isinstance(row, HoldState)]

    def _note(self, key: str, row: KeyState | None) -> None:
        if self._by_fact is not None and isinstance(row, HoldState):
            for name in self._facts_of(row):
                self._by_fact.setdefault(name, {})[key] = None

    def _forget(self, key: str, row: KeyState | None) -> None:
        if self._by_fact is not None and isinstance(row, HoldState):
            for name in self._facts_of(row):
                found = self._by_fact.get(name, {})
                found.pop(key, None)
                if not found:
                    self._by_fact.pop(name, None)

    def _facts_of(self, row: HoldState) -> set[tuple[str, str]]:
        place = self.place_of(row.event)
        return {(guard.fact, guard.whose(row.event, place)) for guard in self.compiled.guards}
