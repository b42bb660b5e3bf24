"""`level`: a running balance is too high."""

from collections.abc import Iterator
from typing import ClassVar, final

from monitor.core.operators.base import Keys, Number, ends_at, in_role, readers
from monitor.core.operators.protocol import End, Fire, OperatorInput, Signal
from monitor.core.rules.model import Level, Selector
from monitor.core.state.operators import LevelState


@final
class LevelOperator:
    """Fires when a balance rises above its limit; ends when it has fallen far enough. It needs no timers."""

    __slots__ = ("above", "clear_at", "read", "rule")
    ignores: ClassVar[None] = None
    latched: ClassVar[bool] = False
    first: ClassVar[frozenset[str]] = frozenset({"set", "down"})
    fires: ClassVar[frozenset[str]] = frozenset({"set", "up"})
    guarded: ClassVar[frozenset[str]] = frozenset()
    asks: ClassVar[frozenset[str]] = frozenset({"set", "down", "up"})

    def __init__(self, rule: Level, above: Number, clear_at: Number) -> None:
        self.rule = rule
        self.above = above
        self.clear_at = clear_at
        self.read = readers(rule.set, rule.value)

    def selectors(self) -> Iterator[tuple[str, Selector]]:
        """Yield the selectors, each with its role."""
        for role, selectors in (
            ("set", self.rule.set),
            ("down", self.rule.down),
            ("up", self.rule.up),
        ):
            yield from in_role(role, selectors)

    def on_event(self, keys: Keys, key: str, given: OperatorInput) -> Iterator[Signal]:
        """Process one event. The balance is never below 0."""
        timestamped, balance = given.timestamped, keys.get(key)
        if type(balance) is not LevelState:
            balance = LevelState()
        above, clear_at = self.above(given.place), self.clear_at(given.place)
        if balance.set_at is not None and timestamped.t < balance.set_at:
            return
        if above is None or not self._move(balance, given):
            return
        if balance.n <= (ends_at(above) if clear_at is None else min(above, clear_at)):
            balance.raised = False
            yield End(timestamped.t)
        elif (
            not balance.raised
            and balance.n > above
            and given.holds(timestamped.event, timestamped.t)
        ):
            balance.raised = True
            yield Fire(timestamped.t, timestamped.event, balance.n)
        if balance.n or balance.raised or given.role == "set":
            keys[key] = balance
        else:
            keys.pop(key, None)

    def _move(self, balance: LevelState, given: OperatorInput) -> bool:
        """Change the balance; return false if the event lacks the number to set it to."""
        match given.role:
            case "up":
                balance.n += 1
            case "down":
                balance.n = max(0, balance.n - 1)
            case _:
                read = self.read.get(type(given.timestamped.event))
                n = None if read is None else read(given.timestamped.event, given.place)
                if n is None:
                    return False
                balance.n, balance.set_at = n, given.timestamped.t
        return True
