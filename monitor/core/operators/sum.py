"""`sum`: what adds up in a window ``(t - within, t]``, a quantity or the time that something lasted."""

from bisect import bisect_right, insort
from collections.abc import Iterator
from datetime import datetime, timedelta
from operator import itemgetter

from monitor.core.operators.base import Clock, Keys, Number, in_role, readers
from monitor.core.operators.protocol import Due, End, Fire, Signal, Told, Wake
from monitor.core.rules.model import Selector, Sum
from monitor.core.state.state import Spans, Tally

MOST_PARTS = 1_000
"""Parts of one sum; beyond it the two oldest are put together, as if both came when the younger one did."""
HOUR = timedelta(hours=1)
_AT, _VALUE = itemgetter(0), itemgetter(1)


class QuantityOperator:
    """Fires when the numbers of a field add up to more than ``above``; ends when they no longer do."""

    __slots__ = ("above", "read", "rule")
    latched = False
    first: frozenset[str] = frozenset()
    fires = frozenset({"of"})

    def __init__(self, rule: Sum, above: Number) -> None:
        self.rule = rule
        self.above = above
        self.read = readers(rule.of, rule.value)

    def selectors(self) -> Iterator[tuple[str, Selector]]:
        """Yield what it listens to."""
        yield from in_role("of", self.rule.of)

    def on_event(self, keys: Keys, key: str, told: Told) -> Iterator[Signal]:
        """Take one event in. A number below 0 adds nothing, nor does one that is missing."""
        moment, above = told.moment, self.above(told.place)
        value = self.read[type(moment.event)](moment.event, told.place)
        if not moment.news or above is None or value is None or not value > 0:
            return
        tally = keys.get(key)
        if not isinstance(tally, Tally):
            tally = keys[key] = Tally([])
            yield Wake(moment.t + self.rule.within)
        insort(tally.parts, (moment.t, value))
        if len(tally.parts) > MOST_PARTS:
            (_, oldest), (at, second) = tally.parts[:2]
            tally.parts[:2] = [(at, oldest + second)]
        total = self._total(tally, tally.parts[-1][0])
        if total > above and not tally.raised and told.holds(moment.event, moment.t):
            tally.raised = True
            tally.above = above
            yield Fire(moment.t, moment.event, total)

    def on_timer(self, keys: Keys, key: str, due: Due) -> Iterator[Signal]:
        """Forget what has left the window."""
        tally = keys.get(key)
        if not isinstance(tally, Tally):
            return
        while tally.parts and (gone_at := tally.parts[0][0] + self.rule.within) <= due.at:
            del tally.parts[0]
            if tally.raised and self._total(tally, gone_at) <= tally.above:
                tally.raised = False
                yield End(gone_at)
        if tally.parts:
            yield Wake(tally.parts[0][0] + self.rule.within)
        else:
            del keys[key]

    def resume(self, last_at: datetime) -> tuple[Tally, Wake]:
        """Begin anew under an alert that is open, so that it ends when it should."""
        return Tally([(last_at, 0.0)], raised=True), Wake(last_at + self.rule.within)

    def _total(self, tally: Tally, t: datetime) -> float:
        gone = bisect_right(tally.parts, t - self.rule.within, key=_AT)
        return sum(map(_VALUE, tally.parts[gone:] if gone else tally.parts), 0.0)


class TimeOperator:
    """Fires when what starts and ends has lasted for ``above`` altogether; ends when less than that is left."""

    __slots__ = ("above", "clock", "rule")
    latched = False
    first = frozenset({"end"})
    fires = frozenset({"start"})

    def __init__(self, rule: Sum, above: Number, clock: Clock) -> None:
        self.rule = rule
        self.above = above
        self.clock = clock

    def selectors(self) -> Iterator[tuple[str, Selector]]:
        """Yield what it listens to, each with its role."""
        yield from in_role("end", self.rule.end)
        yield from in_role("start", self.rule.start)

    def on_event(self, keys: Keys, key: str, told: Told) -> Iterator[Signal]:
        """Take one event in. The first start counts, repeats don't."""
        moment, spans = told.moment, keys.get(key)
        if told.role == "end":
            if isinstance(spans, Spans) and spans.since is not None and moment.t >= spans.since:
                yield from self._ended(spans, spans.since, told)
            return
        above = self.above(told.place)
        if above is None or (isinstance(spans, Spans) and spans.since is not None):
            return
        if not isinstance(spans, Spans):
            spans = keys[key] = Spans()
        spans.event, spans.above = moment.event, min(above, self.rule.within)
        spans.since = max([moment.t, *(end for _, end in spans.past[-1:])])
        spans.due = None
        if not spans.raised:
            spans.due = self._reached(spans, spans.since)
            # What arrives late may have its end right behind it: it gets the lateness of our clock to come.
            yield Wake(max(spans.due, self.clock()) if moment.late else spans.due)

    def _ended(self, spans: Spans, since: datetime, told: Told) -> Iterator[Signal]:
        t, due, event = told.moment.t, spans.due, spans.event
        if due is not None and event is not None and t > due and told.holds(event, due):
            spans.raised = True
            yield Fire(due, event, spans.above / HOUR)
        spans.since, spans.due = None, None
        spans.past.append((since, t))
        if len(spans.past) > MOST_PARTS:
            (start, end), (following, last) = spans.past[:2]
            spans.past[:2] = [(following - (end - start), last)]
        if spans.raised:
            spans.due = self._fallen(spans, t)
            yield Wake(spans.due)
        yield Wake(t + self.rule.within)

    def on_timer(self, keys: Keys, key: str, due: Due) -> Iterator[Signal]:
        """Fire if it has lasted for so long altogether; end when enough of it has left the window."""
        spans = keys.get(key)
        if not isinstance(spans, Spans):
            return
        if spans.due is not None and spans.due <= due.at:
            at, spans.due = spans.due, None
            if spans.since is None:
                spans.raised = False
                yield End(at)
            elif spans.event is not None and due.holds(spans.event, at):
                spans.raised = True
                yield Fire(at, spans.event, spans.above / HOUR)
        if spans.since is None and not spans.raised:
            spans.past = [row for row in spans.past if row[1] + self.rule.within > due.at]
            if not spans.past:
                del keys[key]

    def resume(self, last_at: datetime) -> tuple[Spans, Wake]:
        """Begin anew under an alert that is open, so that it ends when it should."""
        due = last_at + self.rule.within
        return Spans(raised=True, due=due), Wake(due)

    def _lasted(self, spans: Spans, t: datetime) -> timedelta:
        """Return how much of it lies in the window that ends at a time."""
        opens = t - self.rule.within
        rows = spans.past if spans.since is None else [*spans.past, (spans.since, t)]
        parts = (min(end, t) - max(start, opens) for start, end in rows)
        return sum((part for part in parts if part > timedelta(0)), timedelta(0))

    def _turns(self, spans: Spans, t: datetime) -> list[datetime]:
        """Return when, after a time, the sum begins to grow or to shrink at another rate."""
        within = self.rule.within
        return sorted({row + within for span in spans.past for row in span if row + within > t})

    def _reached(self, spans: Spans, since: datetime) -> datetime:
        """Return when an open one has lasted long enough: from then on it only grows, or stands still."""
        t, lasted = since, self._lasted(spans, since)
        for turn in self._turns(spans, since):
            if lasted >= spans.above:
                return t
            then = self._lasted(spans, turn)
            if then >= spans.above:
                return turn - (then - spans.above)
            t, lasted = turn, then
        return t + max(spans.above - lasted, timedelta(0))

    def _fallen(self, spans: Spans, t: datetime) -> datetime:
        """Return when no more than enough is left in the window, if nothing starts."""
        if self._lasted(spans, t) <= spans.above:
            return t
        for turn in self._turns(spans, t):
            left = self._lasted(spans, turn)
            if left <= spans.above:
                return turn - (spans.above - left)
        return t + self.rule.within
