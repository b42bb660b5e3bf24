"""`level`: a running balance is too high."""

from collections.abc import Iterator

from monitor.core.operators.base import Keys, Number, in_role, readers
from monitor.core.operators.protocol import End, Fire, Signal, Told
from monitor.core.rules.model import Level, Selector
from monitor.core.state.state import Balance


class LevelOperator:
    """Fires when a balance rises above its limit; ends when it has fallen far enough. It waits for nothing."""

    __slots__ = ("above", "clear_at", "read", "rule")
    latched = False
    first = frozenset({"set", "down"})
    fires = frozenset({"set", "up"})

    def __init__(self, rule: Level, above: Number, clear_at: Number) -> None:
        self.rule = rule
        self.above = above
        self.clear_at = clear_at
        self.read = readers(rule.set, rule.value)

    def selectors(self) -> Iterator[tuple[str, Selector]]:
        """Yield what it listens to, each with its role."""
        for role, selectors in (
            ("set", self.rule.set),
            ("down", self.rule.down),
            ("up", self.rule.up),
        ):
            yield from in_role(role, selectors)

    def on_event(self, keys: Keys, key: str, told: Told) -> Iterator[Signal]:
        """Take one event in. The balance is never below 0."""
        moment, balance = told.moment, keys.get(key)
        if not isinstance(balance, Balance):
            balance = Balance()
        above, clear_at = self.above(told.place), self.clear_at(told.place)
        if moment.t < balance.set_at or above is None or not self._move(balance, told):
            return
        if balance.n <= (above if clear_at is None else min(above, clear_at)):
            balance.raised = False
            yield End(moment.t)
        elif not balance.raised and balance.n > above and told.holds(moment.event, moment.t):
            balance.raised = True
            yield Fire(moment.t, moment.event, balance.n)
        if balance.n or balance.raised or told.role == "set":
            keys[key] = balance
        else:
            keys.pop(key, None)

    def _move(self, balance: Balance, told: Told) -> bool:
        """Move the balance; an event that lacks the number to set it to doesn't."""
        match told.role:
            case "up":
                balance.n += 1
            case "down":
                balance.n = max(0, balance.n - 1)
            case _:
                read = self.read.get(type(told.moment.event))
                n = None if read is None else read(told.moment.event, told.place)
                if n is None:
                    return False
                balance.n, balance.set_at = n, told.moment.t
        return True
