"""The five stateful kinds of rule: what each remembers for one key, and when it fires and ends.

An operator is told of one event at a time, in the order in which things happened. It answers with signals; what
becomes of them (alerts, timers) is not its business.
"""

from bisect import insort
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from monitor.core.rule import Absence, Count, Hold, Level, Match, Selector, Selectors, each
from monitor.core.signal import Due, End, Fire, Holds, Signal, Told, Wake
from monitor.core.state import Awaited, Balance, Ended, Held, KeyState, Moment, Window
from monitor.core.utc import utc
from monitor.core.venue import Place

FORGET_AFTER = timedelta(seconds=30)
"""So long a `match` remembers its end, for a start that comes out of order."""


Keys = dict[str, KeyState]
Number = Callable[[Place], Any]
Clock = Callable[[], datetime]


class MatchOperator:
    """Fires on each event, on arrival; ends at its end event, if it has one."""

    __slots__ = ("rule",)
    first = frozenset({"end"})
    fires = frozenset({"of"})

    def __init__(self, rule: Match) -> None:
        self.rule = rule

    @property
    def latched(self) -> bool:
        """It has no end: a person closes its alerts."""
        return self.rule.end is None

    def selectors(self) -> Iterator[tuple[str, Selector]]:
        """Yield what it listens to, each with its role."""
        yield from _in_role("end", self.rule.end)
        yield from _in_role("of", self.rule.of)

    def on_event(self, keys: Keys, key: str, told: Told) -> Iterator[Signal]:
        """Take one event in. It may come before one that happened earlier."""
        moment, ended = told.moment, keys.get(key)
        if told.role == "end":
            at = max(moment.t, ended.at) if isinstance(ended, Ended) else moment.t
            keys[key] = Ended(at)
            yield End(moment.t, later_stays=True)
            yield Wake(at + FORGET_AFTER)
        elif moment.news and told.holds(moment.event, moment.t):
            yield Fire(moment.t, moment.event)
            if isinstance(ended, Ended) and moment.t < ended.at:
                yield End(ended.at, later_stays=True)

    def on_timer(self, keys: Keys, key: str, due: Due) -> Iterator[Signal]:
        """Forget an old end."""
        ended = keys.get(key)
        if isinstance(ended, Ended) and ended.at + FORGET_AFTER <= due.at:
            del keys[key]
        yield from ()


class CountOperator:
    """Fires when enough events lie in the window ``(t - within, t]``; ends when the window is empty."""

    __slots__ = ("rule",)
    first: frozenset[str] = frozenset()
    fires = frozenset({"of"})

    def __init__(self, rule: Count) -> None:
        self.rule = rule

    def selectors(self) -> Iterator[tuple[str, Selector]]:
        """Yield what it listens to."""
        yield from _in_role("of", self.rule.of)

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


class HoldOperator:
    """Fires when a condition has lasted; ends with it. With facts, the condition is all of them together."""

    __slots__ = ("clock", "limit", "rule")
    first = frozenset({"end"})
    fires = frozenset({"start"})

    def __init__(self, rule: Hold, limit: Number, clock: Clock) -> None:
        self.rule = rule
        self.limit = limit
        self.clock = clock

    def selectors(self) -> Iterator[tuple[str, Selector]]:
        """Yield what it listens to, each with its role."""
        yield from _in_role("end", self.rule.end)
        yield from _in_role("start", self.rule.start)

    def on_event(self, keys: Keys, key: str, told: Told) -> Iterator[Signal]:
        """Take one event in. The first start counts, repeats don't."""
        moment, held = told.moment, keys.get(key)
        if told.role == "end":
            if isinstance(held, Held):
                if moment.t < held.started:
                    return
                del keys[key]
                yield from _overlooked(held, moment.t, told.holds)
            yield End(moment.t)
        elif not isinstance(held, Held):
            held = keys[key] = Held(moment.event, moment.t)
            if told.holds(moment.event, moment.t):
                yield from self._arm(held, moment.t, told.place, late=moment.late)

    def on_fact(self, held: Held, moment: Moment, place: Place, *, holds: bool) -> Iterator[Signal]:
        """One of the facts turned, at that moment."""
        if holds and held.due is None:
            yield from self._arm(held, max(moment.t, held.started), place, late=moment.late)
        elif not holds and held.due is not None:
            held.due = None
            if held.raised:
                held.raised = False
                yield End(moment.t)

    def on_timer(self, keys: Keys, key: str, due: Due) -> Iterator[Signal]:
        """Fire, if it still lasts."""
        held = keys.get(key)
        if (
            isinstance(held, Held)
            and held.due is not None
            and held.due <= due.at
            and not held.raised
        ):
            if due.holds(held.event, held.due):
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
    first = frozenset({"of"})
    fires = frozenset({"after"})

    def __init__(self, rule: Absence, limit: Number, clock: Clock) -> None:
        self.rule = rule
        self.limit = limit
        self.clock = clock

    def selectors(self) -> Iterator[tuple[str, Selector]]:
        """Yield what it listens to, each with its role; one event may end a wait and begin the next."""
        yield from _in_role("of", self.rule.of)
        yield from _in_role("after", self.rule.after)

    def on_event(self, keys: Keys, key: str, told: Told) -> Iterator[Signal]:
        """Take one event in."""
        moment, awaited = told.moment, keys.get(key)
        if told.role == "of":
            if isinstance(awaited, Awaited):
                if moment.t < awaited.since:
                    return
                del keys[key]
                yield from _overlooked(awaited, moment.t, told.holds)
            yield End(moment.t)
            return
        if not told.holds(moment.event, moment.t):
            return
        due = self._due(moment, told.place)
        if due is None:
            return
        if not isinstance(awaited, Awaited):
            keys[key] = Awaited(moment.event, moment.t, due)
        elif self.rule.until is None or awaited.raised or moment.event.at < awaited.event.at:
            return
        else:
            awaited.event, awaited.due = moment.event, due
        yield Wake(max(due, self.clock()) if moment.late else due)

    def on_timer(self, keys: Keys, key: str, due: Due) -> Iterator[Signal]:
        """Fire, if it has not come."""
        awaited = keys.get(key)
        if isinstance(awaited, Awaited) and awaited.due <= due.at and not awaited.raised:
            if due.holds(awaited.event, awaited.due):
                awaited.raised = True
                yield Fire(awaited.due, awaited.event)
            else:
                del keys[key]

    def _due(self, moment: Moment, place: Place) -> datetime | None:
        if self.rule.until is None:
            within = self.limit(place)
            return None if within is None else moment.t + within
        until: datetime | None = getattr(moment.event, self.rule.until, None)
        # A time that was past already when it was told is due at once.
        return None if until is None else max(utc(until), moment.t)


class LevelOperator:
    """Fires when a balance rises above its limit; ends when it has fallen far enough. It waits for nothing."""

    __slots__ = ("above", "clear_at", "rule")
    first = frozenset({"set", "down"})
    fires = frozenset({"set", "up"})

    def __init__(self, rule: Level, above: Number, clear_at: Number) -> None:
        self.rule = rule
        self.above = above
        self.clear_at = clear_at

    def selectors(self) -> Iterator[tuple[str, Selector]]:
        """Yield what it listens to, each with its role."""
        for role, selectors in (
            ("set", self.rule.set),
            ("down", self.rule.down),
            ("up", self.rule.up),
        ):
            yield from _in_role(role, selectors)

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
                n = getattr(told.moment.event, self.rule.value or "", None)
                if n is None:
                    return False
                balance.n, balance.set_at = n, told.moment.t
        return True


def _overlooked(waiting: Held | Awaited, t: datetime, holds: Holds) -> Iterator[Signal]:
    """Fire if its time ran out before `t` and nobody was woken to see it."""
    due = waiting.due
    if due is not None and not waiting.raised and t > due and holds(waiting.event, due):
        yield Fire(due, waiting.event)


def _in_role(role: str, selectors: Selectors | None) -> Iterator[tuple[str, Selector]]:
    for selector in each(selectors):
        yield role, selector


Operator = MatchOperator | CountOperator | HoldOperator | AbsenceOperator | LevelOperator
Timed = MatchOperator | CountOperator | HoldOperator | AbsenceOperator
"""Those that may ask to be woken."""
