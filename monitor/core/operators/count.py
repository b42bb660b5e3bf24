"""`count` and `distinct`: enough events, or enough different values, in a window ``(t - within, t]``."""

from bisect import insort
from collections.abc import Iterator
from datetime import datetime

from monitor.core.operators.base import Keys, in_role, readers
from monitor.core.operators.protocol import Due, End, Fire, Signal, Told, Wake
from monitor.core.rules.model import Count, Distinct, Selector
from monitor.core.state.state import Values, Window


class CountOperator:
    """Fires when enough events lie in the window ``(t - within, t]``; ends when the window is empty."""

    __slots__ = ("rule",)
    latched = False
    first: frozenset[str] = frozenset()
    fires = frozenset({"of"})

    def __init__(self, rule: Count) -> None:
        self.rule = rule

    def selectors(self) -> Iterator[tuple[str, Selector]]:
        """Yield what it listens to."""
        yield from in_role("of", self.rule.of)

    def on_event(self, keys: Keys, key: str, told: Told) -> Iterator[Signal]:
        """Take one event in."""
        moment = told.moment
        if not moment.news or not told.holds(moment.event, moment.t):
            return
        window = keys.get(key)
        if not isinstance(window, Window):
            window = keys[key] = Window([])
            yield Wake(moment.t + self.rule.within)
        insort(window.times, moment.t)
        del window.times[: -self.rule.at_least]
        oldest, latest = window.times[0], window.times[-1]
        full = len(window.times) == self.rule.at_least and oldest > latest - self.rule.within
        if full and moment.t >= oldest:
            window.raised = True
            yield Fire(moment.t, moment.event, self.rule.at_least)

    def on_timer(self, keys: Keys, key: str, due: Due) -> Iterator[Signal]:
        """Forget a window that has emptied."""
        window = keys.get(key)
        if not isinstance(window, Window):
            return
        empty_at = window.times[-1] + self.rule.within
        if empty_at > due.at:
            yield Wake(empty_at)
            return
        del keys[key]
        if window.raised:
            yield End(empty_at)

    def resume(self, last_at: datetime) -> tuple[Window, Wake]:
        """Begin anew under an alert that is open, so that it ends when it should."""
        return Window([last_at], raised=True), Wake(last_at + self.rule.within)


class DistinctOperator:
    """Fires when enough different values of a field lie in the window; ends when the window is empty."""

    __slots__ = ("read", "rule")
    latched = False
    first: frozenset[str] = frozenset()
    fires = frozenset({"of"})

    def __init__(self, rule: Distinct) -> None:
        self.rule = rule
        self.read = readers(rule.of, rule.field)

    def selectors(self) -> Iterator[tuple[str, Selector]]:
        """Yield what it listens to."""
        yield from in_role("of", self.rule.of)

    def on_event(self, keys: Keys, key: str, told: Told) -> Iterator[Signal]:
        """Take one event in. One that lacks the value doesn't count."""
        moment = told.moment
        value = self.read[type(moment.event)](moment.event, told.place)
        if value is None or value == "":
            return
        if not moment.news or not told.holds(moment.event, moment.t):
            return
        seen = keys.get(key)
        if not isinstance(seen, Values):
            seen = keys[key] = Values({})
            yield Wake(moment.t + self.rule.within)
        times, name = seen.times, str(value)
        times[name] = max(moment.t, times.get(name, moment.t))
        if len(times) > self.rule.at_least:
            # The latest ones tell whether there are enough; attackers choose the others.
            del times[min(times, key=lambda row: (times[row], row))]
        oldest, latest = min(times.values()), max(times.values())
        full = len(times) == self.rule.at_least and oldest > latest - self.rule.within
        if full and moment.t >= oldest:
            seen.raised = True
            yield Fire(moment.t, moment.event, self.rule.at_least)

    def on_timer(self, keys: Keys, key: str, due: Due) -> Iterator[Signal]:
        """Forget a window that has emptied."""
        seen = keys.get(key)
        if not isinstance(seen, Values):
            return
        empty_at = max(seen.times.values()) + self.rule.within
        if empty_at > due.at:
            yield Wake(empty_at)
            return
        del keys[key]
        if seen.raised:
            yield End(empty_at)

    def resume(self, last_at: datetime) -> tuple[Values, Wake]:
        """Begin anew under an alert that is open, so that it ends when it should."""
        return Values({"": last_at}, raised=True), Wake(last_at + self.rule.within)
