"""`sum`: the total in a window ``(t - within, t]`` of a quantity, or of the time that a condition lasted."""

from bisect import bisect_right, insort
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from typing import ClassVar

from monitor.core.operators.base import Keys, Number, ends_at, in_role, readers
from monitor.core.operators.protocol import End, Fire, OperatorInput, Signal, TimerFired, Wake
from monitor.core.rules.model import Selector, Sum
from monitor.core.state.operators import DurationState, QuantityState
from monitor.core.state.time import TimestampedEvent
from monitor.core.venue.places import Place

MOST_EXACT = 2_000
"""Parts of one sum that are kept one by one: up to this many events in a window the sum is exact."""
MOST_SPANS = 1_000
"""The same for times that something lasted."""
MOST_PARTS = 5_000
"""Parts of one sum altogether."""
SHARE = 0.01
"""Beyond `MOST_EXACT`, neighbours are merged as long as they are no more than this share of all that came after them.

Only the oldest part can lie partly outside the window, and it still counts whole: that is the greatest error.
"""
HOUR = timedelta(hours=1)
_AT, _VALUE = itemgetter(0), itemgetter(1)


class QuantityOperator:
    """Fires when the numbers of a field add up to more than ``above``; ends when they no longer do."""

    __slots__ = ("above", "read", "rule")
    latched: ClassVar[bool] = False
    first: ClassVar[frozenset[str]] = frozenset()
    fires: ClassVar[frozenset[str]] = frozenset({"of"})
    guarded: ClassVar[frozenset[str]] = frozenset()
    asks: ClassVar[frozenset[str]] = frozenset({"of"})

    def __init__(self, rule: Sum, above: Number) -> None:
        self.rule = rule
        self.above = above
        self.read = readers(rule.of, rule.value)

    def selectors(self) -> Iterator[tuple[str, Selector]]:
        """Yield the selectors, each with its role."""
        yield from in_role("of", self.rule.of)

    def ignores(self, timestamped: TimestampedEvent, place: Place) -> bool:
        """Return whether an event adds nothing: most passages do not count at most places."""
        value = self.read[type(timestamped.event)](timestamped.event, place)
        return value is None or not value > 0

    def on_event(self, keys: Keys, key: str, given: OperatorInput) -> Iterator[Signal]:
        """Process one event. A negative or missing number adds nothing."""
        timestamped, above = given.timestamped, self.above(given.place)
        value = self.read[type(timestamped.event)](timestamped.event, given.place)
        if not timestamped.live or above is None or value is None or not value > 0:
            return
        tally = keys.get(key)
        if type(tally) is not QuantityState:
            tally = keys[key] = QuantityState([])
            yield Wake(timestamped.t + self.rule.within)
        insort(tally.parts, (timestamped.t, value))
        if len(tally.parts) > MOST_EXACT:
            self._compact(tally)
        total = self._total(tally, tally.parts[-1][0])
        if total > above and not tally.raised and given.holds(timestamped.event, timestamped.t):
            tally.raised = True
            tally.above = above
            yield Fire(timestamped.t, timestamped.event, total, error=tally.error)

    def on_timer(self, keys: Keys, key: str, due: TimerFired) -> Iterator[Signal]:
        """Delete what has left the window."""
        tally = keys.get(key)
        if type(tally) is not QuantityState:
            return
        gone = bisect_right(tally.parts, due.at - self.rule.within, key=_AT)
        if tally.raised and (last := self._last_over(tally, gone)) is not None:
            tally.raised = False
            yield End(tally.parts[last][0] + self.rule.within)
        del tally.parts[:gone]
        if tally.parts:
            yield Wake(tally.parts[0][0] + self.rule.within)
        else:
            del keys[key]

    def resume(self, keys: Keys, key: str, last_at: datetime) -> Iterator[Wake]:
        """Start with an empty state under an open alert, so that the alert still ends."""
        keys[key] = QuantityState([(last_at, 0.0)], raised=True)
        yield Wake(last_at + self.rule.within)

    def _compact(self, tally: QuantityState) -> None:
        """Drop what has left the window; merge the rest where that changes the sum little."""
        gone = bisect_right(tally.parts, tally.parts[-1][0] - self.rule.within, key=_AT)
        del tally.parts[:gone]
        if len(tally.parts) > MOST_EXACT:
            parts = tally.parts
            share, rows = _grouped([value for _, value in parts])
            tally.parts = [
                (parts[end - 1][0], sum(map(_VALUE, parts[start:end]), 0.0)) for start, end in rows
            ]
            tally.error = max(tally.error, share)

    @staticmethod
    def _last_over(tally: QuantityState, gone: int) -> int | None:
        """Return which of the parts that have left the window was the last to keep the alert; ``None``: it goes on."""
        limit, left = ends_at(tally.above), sum(map(_VALUE, tally.parts[gone:]), 0.0)
        if not gone or left > limit:
            return None
        for n in range(gone - 1, 0, -1):
            left += tally.parts[n][1]
            if left > limit:
                return n
        return 0

    def _total(self, tally: QuantityState, t: datetime) -> float:
        gone = bisect_right(tally.parts, t - self.rule.within, key=_AT)
        return sum(map(_VALUE, tally.parts[gone:] if gone else tally.parts), 0.0)


class TimeOperator:
    """Fires when a condition has lasted for ``above`` in total; ends when the total falls below that."""

    __slots__ = ("above", "rule")
    ignores: ClassVar[None] = None
    latched: ClassVar[bool] = False
    first: ClassVar[frozenset[str]] = frozenset({"end"})
    fires: ClassVar[frozenset[str]] = frozenset({"start"})
    guarded: ClassVar[frozenset[str]] = frozenset()
    asks: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, rule: Sum, above: Number) -> None:
        self.rule = rule
        self.above = above

    def selectors(self) -> Iterator[tuple[str, Selector]]:
        """Yield the selectors, each with its role."""
        yield from in_role("end", self.rule.end)
        yield from in_role("start", self.rule.start)

    def on_event(self, keys: Keys, key: str, given: OperatorInput) -> Iterator[Signal]:
        """Process one event. The first start counts; repeats do not."""
        timestamped, spans = given.timestamped, keys.get(key)
        if given.role == "end":
            if (
                type(spans) is DurationState
                and spans.since is not None
                and timestamped.t >= spans.since
            ):
                yield from self._ended(spans, spans.since, given)
            return
        above = self.above(given.place)
        if above is None or (type(spans) is DurationState and spans.since is not None):
            return
        if type(spans) is not DurationState:
            spans = keys[key] = DurationState()
        spans.event, spans.above = timestamped.event, min(above, self.rule.within)
        spans.since = max([timestamped.t, *(end for _, end in spans.past[-1:])])
        spans.due = None
        if not spans.raised:
            spans.due = self._reached(spans, spans.since)
            # The end of a late start may follow immediately: wait until the watermark reaches the present.
            yield Wake(max(spans.due, given.now) if timestamped.late else spans.due)

    def _ended(
        self, spans: DurationState, since: datetime, given: OperatorInput
    ) -> Iterator[Signal]:
        t, due, event = given.timestamped.t, spans.due, spans.event
        if due is not None and event is not None and t > due and given.holds(event, due):
            spans.raised = True
            yield Fire(due, event, spans.above / HOUR, error=spans.error)
        spans.since, spans.due = None, None
        spans.past.append((since, t))
        if spans.lasted is not None:
            spans.lasted += t - since
        if len(spans.past) > MOST_SPANS:
            self._compact(spans, t)
        if spans.raised:
            spans.due = self._fallen(spans, t)
            yield Wake(spans.due)
        yield Wake(t + self.rule.within)

    def on_timer(self, keys: Keys, key: str, due: TimerFired) -> Iterator[Signal]:
        """Fire if the total is long enough; end when enough of it has left the window."""
        spans = keys.get(key)
        if type(spans) is not DurationState:
            return
        if spans.due is not None and spans.due <= due.at:
            at, spans.due = spans.due, None
            if spans.since is None:
                spans.raised = False
                yield End(at)
            elif spans.event is not None and due.holds(spans.event, at):
                spans.raised = True
                yield Fire(at, spans.event, spans.above / HOUR, error=spans.error)
        if spans.since is None and not spans.raised:
            self._drop(spans, due.at - self.rule.within)
            if not spans.past:
                del keys[key]

    def resume(self, keys: Keys, key: str, last_at: datetime) -> Iterator[Wake]:
        """Start with an empty state under an open alert, so that the alert still ends."""
        due = last_at + self.rule.within
        keys[key] = DurationState(raised=True, due=due)
        yield Wake(due)

    def _compact(self, spans: DurationState, t: datetime) -> None:
        """Drop what has left the window; merge the rest where that changes the sum little, next to the younger one."""
        self._drop(spans, t - self.rule.within)
        past = spans.past
        if len(past) > MOST_SPANS:
            lasted = [end - start for start, end in past]
            share, rows = _grouped([row.total_seconds() for row in lasted])
            spans.past = [
                (past[last - 1][1] - sum(lasted[first:last], timedelta(0)), past[last - 1][1])
                for first, last in rows
            ]
            spans.error, spans.lasted = max(spans.error, share), None

    def _lasted(self, spans: DurationState, t: datetime) -> timedelta:
        """Return the total in the window that ends at a time, no earlier than that of the call before."""
        opens = t - self.rule.within
        lasted = self._drop(spans, opens)
        if spans.past:
            lasted -= max(opens - spans.past[0][0], timedelta(0))
        if spans.since is not None:
            lasted += t - max(spans.since, opens)
        return lasted

    @staticmethod
    def _drop(spans: DurationState, opens: datetime) -> timedelta:
        """Drop the spans that ended before the window opens; return how long the others lasted in all."""
        past, lasted, n = spans.past, spans.lasted, 0
        if lasted is None:
            lasted = sum((end - start for start, end in past), timedelta(0))
        while n < len(past) and past[n][1] <= opens:
            lasted -= past[n][1] - past[n][0]
            n += 1
        del past[:n]
        spans.lasted = lasted
        return lasted

    def _reached(self, spans: DurationState, since: datetime) -> datetime:
        """Return when an open span has lasted long enough: until it ends, the total never falls again.

        It grows while the window begins between two spans, and stays the same while it begins within one.
        """
        t, lasted, within = since, self._lasted(spans, since), self.rule.within
        for start, end in spans.past:
            grown = start + within - t
            if lasted >= spans.above or lasted + grown >= spans.above:
                break
            if grown > timedelta(0):
                t, lasted = start + within, lasted + grown
            t = max(t, end + within)
        return t + max(spans.above - lasted, timedelta(0))

    def _fallen(self, spans: DurationState, t: datetime) -> datetime:
        """Return when the total falls to the limit, if no new span starts."""
        opens, over = t - self.rule.within, self._lasted(spans, t) - spans.above
        if over <= timedelta(0):
            return t
        for start, end in spans.past:
            begin = max(start, opens)
            left = min(end, t) - begin
            if left >= over:
                return begin + over + self.rule.within
            over -= max(left, timedelta(0))
        return t + self.rule.within


def _grouped(sizes: Sequence[float]) -> tuple[float, list[tuple[int, int]]]:
    """Return the greatest share of an error, and which neighbours to merge: the first and the one after the last.

    With sizes that differ by less than eight orders of magnitude the share is always `SHARE`.
    """
    share = SHARE
    while len(found := _groups(sizes, share)) > MOST_PARTS:
        share *= 2
    return share, found


def _groups(sizes: Sequence[float], share: float) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    after, end = 0.0, len(sizes)
    while end:
        start, size = end - 1, sizes[end - 1]
        while start and size + sizes[start - 1] <= share * after:
            start -= 1
            size += sizes[start]
        found.append((start, end))
        after, end = after + size, start
    found.reverse()
    return found
