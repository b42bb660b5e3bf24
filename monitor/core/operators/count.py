"""`count` and `distinct`: enough events, or enough different values, in a window ``(t - within, t]``."""

from bisect import insort
from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

from monitor.core.operators.base import Keys, in_role, readers
from monitor.core.operators.protocol import End, Fire, OperatorInput, Signal, TimerFired, Wake
from monitor.core.rules.model import Count, Distinct, Selector
from monitor.core.state.operators import CountState, DistinctState


class CountOperator:
    """Fires when enough events lie in the window ``(t - within, t]``; ends when the window is empty."""

    __slots__ = ("rule",)
    ignores: ClassVar[None] = None
    asks: ClassVar[frozenset[str]] = frozenset()
    latched: ClassVar[bool] = False
    first: ClassVar[frozenset[str]] = frozenset()
    fires: ClassVar[frozenset[str]] = frozenset({"of"})
    guarded: ClassVar[frozenset[str]] = frozenset({"of"})

    def __init__(self, rule: Count) -> None:
        self.rule = rule

    def selectors(self) -> Iterator[tuple[str, Selector]]:
        """Yield the selectors, each with its role."""
        yield from in_role("of", self.rule.of)

    def on_event(self, keys: Keys, key: str, given: OperatorInput) -> Iterator[Signal]:
        """Process one event."""
        timestamped = given.timestamped
        if not timestamped.live or not given.holds(timestamped.event, timestamped.t):
            return
        window = keys.get(key)
        if type(window) is not CountState:
            window = keys[key] = CountState([])
            yield Wake(timestamped.t + self.rule.within)
        insort(window.times, timestamped.t)
        del window.times[: -self.rule.at_least]
        oldest, latest = window.times[0], window.times[-1]
        full = len(window.times) == self.rule.at_least and oldest > latest - self.rule.within
        if full and timestamped.t >= oldest:
            window.raised = True
            yield Fire(timestamped.t, timestamped.event, self.rule.at_least)

    def on_timer(self, keys: Keys, key: str, due: TimerFired) -> Iterator[Signal]:
        """Delete the state of a window that has emptied."""
        window = keys.get(key)
        if type(window) is not CountState:
            return
        empty_at = window.times[-1] + self.rule.within
        if empty_at > due.at:
            yield Wake(empty_at)
            return
        del keys[key]
        if window.raised:
            yield End(empty_at)

    def resume(self, keys: Keys, key: str, last_at: datetime) -> Iterator[Wake]:
        """Start with an empty state under an open alert, so that the alert still ends."""
        keys[key] = CountState([last_at], raised=True)
        yield Wake(last_at + self.rule.within)


class DistinctOperator:
    """Fires when enough different values of a field lie in the window; ends when the window is empty."""

    __slots__ = ("read", "rule")
    ignores: ClassVar[None] = None
    asks: ClassVar[frozenset[str]] = frozenset()
    latched: ClassVar[bool] = False
    first: ClassVar[frozenset[str]] = frozenset()
    fires: ClassVar[frozenset[str]] = frozenset({"of"})
    guarded: ClassVar[frozenset[str]] = frozenset({"of"})

    def __init__(self, rule: Distinct) -> None:
        self.rule = rule
        self.read = readers(rule.of, rule.field)

    def selectors(self) -> Iterator[tuple[str, Selector]]:
        """Yield the selectors, each with its role."""
        yield from in_role("of", self.rule.of)

    def on_event(self, keys: Keys, key: str, given: OperatorInput) -> Iterator[Signal]:
        """Process one event; an event without the value does not count."""
        timestamped = given.timestamped
        value = self.read[type(timestamped.event)](timestamped.event, given.place)
        if value is None or value == "":
            return
        if not timestamped.live or not given.holds(timestamped.event, timestamped.t):
            return
        seen = keys.get(key)
        if type(seen) is not DistinctState:
            seen = keys[key] = DistinctState({})
            yield Wake(timestamped.t + self.rule.within)
        times, name = seen.times, str(value)
        times[name] = max(timestamped.t, times.get(name, timestamped.t))
        if len(times) > self.rule.at_least:
            # Keep only the latest values: an attacker can send any number of others.
            del times[min(times, key=lambda row: (times[row], row))]
        oldest, latest = min(times.values()), max(times.values())
        full = len(times) == self.rule.at_least and oldest > latest - self.rule.within
        if full and timestamped.t >= oldest:
            seen.raised = True
            yield Fire(timestamped.t, timestamped.event, self.rule.at_least)

    def on_timer(self, keys: Keys, key: str, due: TimerFired) -> Iterator[Signal]:
        """Delete the state of a window that has emptied."""
        seen = keys.get(key)
        if type(seen) is not DistinctState:
            return
        empty_at = max(seen.times.values()) + self.rule.within
        if empty_at > due.at:
            yield Wake(empty_at)
            return
        del keys[key]
        if seen.raised:
            yield End(empty_at)

    def resume(self, keys: Keys, key: str, last_at: datetime) -> Iterator[Wake]:
        """Start with an empty state under an open alert, so that the alert still ends."""
        keys[key] = DistinctState({"": last_at}, raised=True)
        yield Wake(last_at + self.rule.within)
