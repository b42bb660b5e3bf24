"""The five stateful kinds of rule: what each remembers for one key, and when it fires and ends.

An operator is told of one event at a time, in the order in which things happened. It answers with signals; what
becomes of them (alerts, timers) is not its business.
"""

from bisect import insort
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from monitor.core.event import AnyEvent
from monitor.core.rule import Absence, Count, Hold, Level, Match, Selector, Selectors, each
from monitor.core.state import Awaited, Balance, Ended, Held, KeyState, Moment, Window
from monitor.core.venue import Place

FORGET_AFTER = timedelta(seconds=30)
"""So long a `match` remembers its end, for a start that comes out of order."""


class Fire(NamedTuple):
    """The condition is there, or is there again."""

    t: datetime
    event: AnyEvent
    n: float = 1


class End(NamedTuple):
    """The condition is over."""

    t: datetime


class Wake(NamedTuple):
    """Call `on_timer` at this time."""

    due: datetime


Signal = Fire | End | Wake
Keys = dict[str, KeyState]
Holds = Callable[[AnyEvent, datetime], bool]
"""Tells whether the facts of ``while`` hold for the place of an event, at a time."""
Number = Callable[[Place], Any]
Clock = Callable[[], datetime]


class MatchOperator:
    """Fires on each event, on arrival; ends at its end event, if it has one."""

    __slots__ = ("rule",)

    def __init__(self, rule: Match) -> None:
        self.rule = rule

    def selectors(self) -> Iterator[tuple[str, Selector]]:
        """Yield what it listens to, each with its role; ends come before starts."""
        yield from _in_role("end", self.rule.end)
        yield from _in_role("of", self.rule.of)

    def on_event(
        self, keys: Keys, key: str, role: str, moment: Moment, place: Place, holds: Holds
    ) -> Iterator[Signal]:
        """Take one event in."""
        ended = keys.get(key)
        if role == "end":
            at = max(moment.t, ended.at) if isinstance(ended, Ended) else moment.t
            keys[key] = Ended(at)
            yield End(moment.t)
            yield Wake(at + FORGET_AFTER)
        elif moment.news and holds(moment.event, moment.t):
            yield Fire(moment.t, moment.event)
            if isinstance(ended, Ended) and moment.t < ended.at:
                yield End(ended.at)

    def on_timer(self, keys: Keys, key: str, at: datetime, holds: Holds) -> Iterator[Signal]:
        """Forget an old end."""
        ended = keys.get(key)
        if isinstance(ended, Ended) and ended.at + FORGET_AFTER <= at:
            del keys[key]
        yield from ()


class CountOperator:
    """Fires when enough events lie in the window ``(t - within, t]``; ends when the window is empty."""

    __slots__ = ("rule",)

    def __init__(self, rule: Count) -> None:
        self.rule = rule

    def selectors(self) -> Iterator[tuple[str, Selector]]:
        """Yield what it listens to."""
        yield from _in_role("of", self.rule.of)

    def on_event(
        self, keys: Keys, key: str, role: str, moment: Moment, place: Place, holds: Holds
    ) -> Iterator[Signal]:
        """Take one event in."""
        if not moment.news or not holds(moment.event, moment.t):
            return
        window = keys.get(key)
        if not isinstance(window, Window):
            window = keys[key] = Window([])
            yield Wake(moment.t + self.rule.within)
        insort(window.times, moment.t)
        del window.times[: -self.rule.at_least]
        full = len(window.times) == self.rule.at_least
        if full and window.times[0] > window.times[-1] - self.rule.within:
            window.raised = True
            yield Fire(moment.t, moment.event, self.rule.at_least)

    def on_timer(self, keys: Keys, key: str, at: datetime, holds: Holds) -> Iterator[Signal]:
        """Forget a window that has emptied."""
        window = keys.get(key)
        if not isinstance(window, Window):
            return
        empty_at = window.times[-1] + self.rule.within
        if empty_at > at:
            yield Wake(empty_at)
            return
        del keys[key]
        if window.raised:
            yield End(empty_at)


class HoldOperator:
    """Fires when a condition has lasted; ends with it. With facts, the condition is all of them together."""

    __slots__ = ("clock", "limit", "rule")

    def __init__(self, rule: Hold, limit: Number, clock: Clock) -> None:
        self.rule = rule
        self.limit = limit
        self.clock = clock

    def selectors(self) -> Iterator[tuple[str, Selector]]:
        """Yield what it listens to; the end comes first."""
        yield from _in_role("end", self.rule.end)
        yield from _in_role("start", self.rule.start)

    def on_event(
        self, keys: Keys, key: str, role: str, moment: Moment, place: Place, holds: Holds
    ) -> Iterator[Signal]:
        """Take one event in. The first start counts, repeats don't."""
        held = keys.get(key)
        if role == "end":
            if isinstance(held, Held):
                if moment.t < held.started:
                    return
                del keys[key]
                if not held.raised and held.due is not None and moment.t > held.due:
                    yield Fire(held.due, held.event)
            yield End(moment.t)
        elif held is None:
            held = keys[key] = Held(moment.event, moment.t)
            if holds(moment.event, moment.t):
                yield from self._arm(held, moment.t, place, late=moment.late)

    def on_fact(self, held: Held, t: datetime, place: Place, *, holds: bool) -> Iterator[Signal]:
        """One of the facts turned, at ``t``."""
        if holds and held.due is None:
            yield from self._arm(held, t, place, late=False)
        elif not holds and held.due is not None:
            held.due = None
            if held.raised:
                held.raised = False
                yield End(t)

    def on_timer(self, keys: Keys, key: str, at: datetime, holds: Holds) -> Iterator[Signal]:
        """Fire, if it still lasts."""
        held = keys.get(key)
        if isinstance(held, Held) and held.due is not None and held.due <= at and not held.raised:
            if holds(held.event, held.due):
                held.raised = True
                yield Fire(held.due, held.event)
            else:
                held.due = None

    def _arm(self, held: Held, t: datetime, place: Place, *, late: bool) -> Iterator[Signal]:
        limit = self.limit(place)
        if limit is not None:
            held.due = t + limit
            # What arrives late may have its end right behind it: it gets the lateness of our clock to come.
            yield Wake(max(held.due, self.clock()) if late else held.due)


class AbsenceOperator:
    """Fires when what should follow has not followed in time; ends when it does."""

    __slots__ = ("clock", "limit", "rule")

    def __init__(self, rule: Absence, limit: Number, clock: Clock) -> None:
        self.rule = rule
        self.limit = limit
        self.clock = clock

    def selectors(self) -> Iterator[tuple[str, Selector]]:
        """Yield what it listens to; what ends the wait comes first, so that one event may end and begin it."""
        yield from _in_role("of", self.rule.of)
        yield from _in_role("after", self.rule.after)

    def on_event(
        self, keys: Keys, key: str, role: str, moment: Moment, place: Place, holds: Holds
    ) -> Iterator[Signal]:
        """Take one event in."""
        awaited = keys.get(key)
        if role == "of":
            if isinstance(awaited, Awaited):
                if moment.t < awaited.since:
                    return
                del keys[key]
                if not awaited.raised and moment.t > awaited.due:
                    yield Fire(awaited.due, awaited.event)
            yield End(moment.t)
            return
        if not holds(moment.event, moment.t):
            return
        due = self._due(moment, place)
        if due is None:
            return
        if isinstance(awaited, Awaited):
            if self.rule.until is None or awaited.raised:
                return
            awaited.event, awaited.due = moment.event, due
        else:
            keys[key] = Awaited(moment.event, moment.t, due)
        yield Wake(max(due, self.clock()) if moment.late else due)

    def on_timer(self, keys: Keys, key: str, at: datetime, holds: Holds) -> Iterator[Signal]:
        """Fire, if it has not come."""
        awaited = keys.get(key)
        if isinstance(awaited, Awaited) and awaited.due <= at and not awaited.raised:
            if holds(awaited.event, awaited.due):
                awaited.raised = True
                yield Fire(awaited.due, awaited.event)
            else:
                del keys[key]

    def _due(self, moment: Moment, place: Place) -> datetime | None:
        if self.rule.until is not None:
            due: datetime | None = getattr(moment.event, self.rule.until, None)
            return due
        within = self.limit(place)
        return None if within is None else moment.t + within


class LevelOperator:
    """Fires when a balance rises above its limit; ends when it has fallen far enough."""

    __slots__ = ("above", "clear_at", "rule")

    def __init__(self, rule: Level, above: Number, clear_at: Number) -> None:
        self.rule = rule
        self.above = above
        self.clear_at = clear_at

    def selectors(self) -> Iterator[tuple[str, Selector]]:
        """Yield what it listens to; what lowers comes before what raises."""
        for role, selectors in (
            ("set", self.rule.set),
            ("down", self.rule.down),
            ("up", self.rule.up),
        ):
            yield from _in_role(role, selectors)

    def on_event(
        self, keys: Keys, key: str, role: str, moment: Moment, place: Place, holds: Holds
    ) -> Iterator[Signal]:
        """Take one event in. The balance is never below 0."""
        balance = keys.get(key)
        if not isinstance(balance, Balance):
            balance = Balance()
        if role == "set":
            if moment.t < balance.set_at:
                return
            balance.n, balance.set_at = getattr(moment.event, self.rule.value or "", 0), moment.t
        elif moment.t < balance.set_at:
            return
        else:
            balance.n = max(0, balance.n + (1 if role == "up" else -1))
        above, clear_at = self.above(place), self.clear_at(place)
        if above is None:
            return
        if not balance.raised and balance.n > above and holds(moment.event, moment.t):
            balance.raised = True
            yield Fire(moment.t, moment.event, balance.n)
        elif balance.n <= clear_at:
            balance.raised = False
            yield End(moment.t)
        if balance.n or balance.raised or role == "set":
            keys[key] = balance
        else:
            keys.pop(key, None)

    def on_timer(self, keys: Keys, key: str, at: datetime, holds: Holds) -> Iterator[Signal]:
        """Levels wait for nothing."""
        yield from ()


def _in_role(role: str, selectors: Selectors | None) -> Iterator[tuple[str, Selector]]:
    for selector in each(selectors):
        yield role, selector


Operator = MatchOperator | CountOperator | HoldOperator | AbsenceOperator | LevelOperator
