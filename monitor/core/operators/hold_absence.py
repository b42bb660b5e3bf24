"""`hold` and `absence`: something lasts, or does not come, for too long."""

from collections.abc import Iterator
from datetime import datetime

from monitor.core.operators.base import Clock, Keys, Number, in_role
from monitor.core.operators.protocol import Due, End, Fire, Holds, Signal, Told, Wake
from monitor.core.rules.model import Absence, Hold, Selector
from monitor.core.state.state import Awaited, Held, Moment
from monitor.core.utc import later
from monitor.core.venue.places import Place


class HoldOperator:
    """Fires when a condition has lasted; ends with it. With facts, the condition is all of them together."""

    __slots__ = ("clock", "limit", "rule")
    latched = False
    first = frozenset({"end"})
    fires = frozenset({"start"})
    idle = first
    """Roles that mean nothing where nothing has begun and no alert is open."""

    def __init__(self, rule: Hold, limit: Number, clock: Clock) -> None:
        self.rule = rule
        self.limit = limit
        self.clock = clock

    def selectors(self) -> Iterator[tuple[str, Selector]]:
        """Yield what it listens to, each with its role."""
        yield from in_role("end", self.rule.end)
        yield from in_role("start", self.rule.start)

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
    latched = False
    first = frozenset({"of"})
    fires = frozenset({"after"})
    idle = first
    """Roles that mean nothing where nothing is awaited and no alert is open."""

    def __init__(self, rule: Absence, limit: Number, clock: Clock) -> None:
        self.rule = rule
        self.limit = limit
        self.clock = clock

    def selectors(self) -> Iterator[tuple[str, Selector]]:
        """Yield what it listens to, each with its role; one event may end a wait and begin the next."""
        yield from in_role("of", self.rule.of)
        yield from in_role("after", self.rule.after)

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
        of_schedule, _, which = self.rule.until.partition(".")
        until: datetime | None = (
            place.calendar.turn(of_schedule, which, moment.t)
            if which
            else getattr(moment.event, self.rule.until, None)
        )
        # A time that was past already when it was told is due at once.
        by = self.rule.grace - self.rule.before
        return None if until is None else max(later(until, by), moment.t)


def _overlooked(waiting: Held | Awaited, t: datetime, holds: Holds) -> Iterator[Signal]:
    """Fire if its time ran out before `t` and nobody was woken to see it."""
    due = waiting.due
    if due is not None and not waiting.raised and t > due and holds(waiting.event, due):
        yield Fire(due, waiting.event)
