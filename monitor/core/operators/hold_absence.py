"""`hold` and `absence`: a condition lasts too long, or an event does not follow in time."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from monitor.core.meaning.checklist import sending_delay
from monitor.core.operators.base import Keys, Number, in_role
from monitor.core.operators.protocol import (
    End,
    Fire,
    Holds,
    OperatorInput,
    Signal,
    TimerFired,
    Wake,
)
from monitor.core.rules.model import Absence, Hold, Selector
from monitor.core.state.operators import AbsenceState, HoldState
from monitor.core.state.time import TimestampedEvent
from monitor.core.utc import later, utc
from monitor.core.venue.places import Place


class HoldOperator:
    """Fires when a condition has lasted too long; ends with it. Facts are part of the condition: all must hold."""

    __slots__ = ("limit", "rule")
    ignores: ClassVar[None] = None
    latched: ClassVar[bool] = False
    first: ClassVar[frozenset[str]] = frozenset({"end"})
    fires: ClassVar[frozenset[str]] = frozenset({"start"})
    guarded: ClassVar[frozenset[str]] = frozenset()
    asks: ClassVar[frozenset[str]] = frozenset({"start"})
    idle: ClassVar[frozenset[str]] = frozenset({"end"})
    """Roles that can be ignored while nothing has started and no alert is open."""

    def __init__(self, rule: Hold, limit: Number) -> None:
        self.rule = rule
        self.limit = limit

    def selectors(self) -> Iterator[tuple[str, Selector]]:
        """Yield the selectors, each with its role."""
        yield from in_role("end", self.rule.end)
        yield from in_role("start", self.rule.start)

    def on_event(self, keys: Keys, key: str, given: OperatorInput) -> Sequence[Signal]:
        """Process one event. The first start counts; repeats do not."""
        timestamped, held = given.timestamped, keys.get(key)
        if timestamped.superseded:
            return ()
        if given.role == "end":
            if type(held) is not HoldState:
                return (End(timestamped.t),)
            if timestamped.t < held.started:
                return ()
            del keys[key]
            fire = _overlooked(held, timestamped.t, given.holds) or _known_late(held, timestamped)
            return *fire, End(timestamped.t)
        if type(held) is HoldState:
            return ()
        held = keys[key] = HoldState(timestamped.event, timestamped.t)
        if not given.holds(timestamped.event, timestamped.t):
            return ()
        return self._arm(held, timestamped.t, given)

    def on_fact(self, held: HoldState, given: OperatorInput, *, holds: bool) -> Iterator[Signal]:
        """Process a change of one of the facts, at the time of the event that caused it."""
        timestamped = given.timestamped
        if holds and held.due is None:
            yield from self._arm(held, max(timestamped.t, held.started), given)
        elif not holds and held.due is not None:
            fire = _known_late(held, timestamped)
            yield from fire
            held.due = None
            if fire or held.raised:
                held.raised = False
                yield End(timestamped.t)

    def on_timer(self, keys: Keys, key: str, due: TimerFired) -> Iterator[Signal]:
        """Fire if the condition still lasts."""
        held = keys.get(key)
        if (
            type(held) is HoldState
            and held.due is not None
            and held.due <= due.at
            and not held.raised
        ):
            if due.holds(held.event, held.due):
                held.raised = True
                yield Fire(held.due, held.event)
            else:
                held.due = None

    def _arm(self, held: HoldState, t: datetime, given: OperatorInput) -> Sequence[Wake]:
        limit = self.limit(given.place)
        if limit is None:
            return ()
        held.due, held.late_due = t + limit, None
        if not given.timestamped.late:
            return (Wake(held.due),)
        began = min(held.started, utc(held.event.at))
        held.late_due = later(max(utc(given.timestamped.event.at), began), limit)
        # The end of a late start may follow immediately: wait until the watermark reaches the present.
        return (Wake(max(held.due, given.now)),)


class AbsenceOperator:
    """Fires when the expected event has not followed in time; ends when it arrives."""

    __slots__ = ("limit", "rule")
    ignores: ClassVar[None] = None
    latched: ClassVar[bool] = False
    first: ClassVar[frozenset[str]] = frozenset({"of"})
    fires: ClassVar[frozenset[str]] = frozenset({"after"})
    guarded: ClassVar[frozenset[str]] = frozenset({"after"})
    asks: ClassVar[frozenset[str]] = frozenset()
    idle: ClassVar[frozenset[str]] = frozenset({"of"})
    """Roles that can be ignored while no event is awaited and no alert is open."""

    def __init__(self, rule: Absence, limit: Number) -> None:
        self.rule = rule
        self.limit = limit

    def selectors(self) -> Iterator[tuple[str, Selector]]:
        """Yield the selectors, each with its role; one event may end a wait and start the next."""
        yield from in_role("of", self.rule.of)
        yield from in_role("after", self.rule.after)

    def on_event(self, keys: Keys, key: str, given: OperatorInput) -> Sequence[Signal]:
        """Process one event."""
        timestamped, awaited = given.timestamped, keys.get(key)
        since = self._since(timestamped)
        if given.role == "of":
            if type(awaited) is not AbsenceState:
                return (End(timestamped.t),)
            if since < awaited.since:
                return ()
            del keys[key]
            return *_overlooked(awaited, timestamped.t, given.holds), End(timestamped.t)
        if not given.holds(timestamped.event, timestamped.t):
            return ()
        due = self._due(timestamped, given.place)
        if due is None:
            return ()
        if type(awaited) is not AbsenceState:
            keys[key] = AbsenceState(timestamped.event, since, due)
        elif self.rule.until is None or awaited.raised or timestamped.event.at < awaited.event.at:
            return ()
        else:
            awaited.event, awaited.due = timestamped.event, due
        return (Wake(max(due, given.now) if timestamped.late else due),)

    def on_timer(self, keys: Keys, key: str, due: TimerFired) -> Iterator[Signal]:
        """Fire if the expected event has not arrived."""
        awaited = keys.get(key)
        if type(awaited) is AbsenceState and awaited.due <= due.at and not awaited.raised:
            if due.holds(awaited.event, awaited.due):
                awaited.raised = True
                yield Fire(awaited.due, awaited.event)
            else:
                del keys[key]

    def postpone(
        self, keys: Keys, since: datetime, until: datetime
    ) -> Iterator[tuple[str, datetime, datetime]]:
        """Let what is awaited `within` a time come that much later as the monitor could not have received it.

        Yields:
            Each key that still waits, until when it did, and until when it does now.

        """
        for key, awaited in keys.items():
            if type(awaited) is AbsenceState and not awaited.raised and awaited.due > since:
                before, missed = awaited.due, until - max(since, awaited.since)
                awaited.due = later(before, max(missed, timedelta(0)))
                yield key, before, awaited.due

    def _due(self, timestamped: TimestampedEvent, place: Place) -> datetime | None:
        if self.rule.until is None:
            within = self.limit(place)
            return None if within is None else self._since(timestamped) + within
        of_schedule, _, which = self.rule.until.partition(".")
        until: datetime | None = (
            place.calendar.turn(of_schedule, which, timestamped.t)
            if which
            else getattr(timestamped.event, self.rule.until, None)
        )
        # A deadline that had already passed when the event arrived is due immediately.
        by = self.rule.grace - self.rule.before
        return None if until is None else max(later(until, by), timestamped.t)

    def _since(self, timestamped: TimestampedEvent) -> datetime:
        """Return from when a time ``within`` runs: a form is as old as its findings, however late it is sent."""
        if self.rule.until is not None:
            return timestamped.t
        return timestamped.t - sending_delay(timestamped.event)


def _known_late(held: HoldState, end: TimestampedEvent) -> Sequence[Fire]:
    """Fire if beginning and end are both known late, and were further apart than the limit when they happened."""
    if held.raised or held.due is None or held.late_due is None or not end.late:
        return ()
    return (Fire(min(held.due, end.t), held.event),) if utc(end.event.at) > held.late_due else ()


def _overlooked(waiting: HoldState | AbsenceState, t: datetime, holds: Holds) -> Sequence[Fire]:
    """Fire if the deadline was before `t` and its timer has not fired yet."""
    due = waiting.due
    if due is not None and not waiting.raised and t > due and holds(waiting.event, due):
        return (Fire(due, waiting.event),)
    return ()
