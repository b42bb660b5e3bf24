"""Writes the journal down as lines for InfluxDB: what happened, and every so often how things stand.

The lines follow from the journal alone: read again, from wherever, it gives the same points. Also how things stand
follows from the inputs up to a whole ten seconds of our clock; only when nobody has anything to say the clock itself
moves that on.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import cache
from itertools import chain
from typing import Any

import msgspec

from monitor.core.engine.engine import CLOCK_SET_BACK, believed
from monitor.core.events.monitor import MonitorStarted
from monitor.core.inputs import Arrival, Input, Notice, RulesChanged
from monitor.core.rules.model import RuleBook
from monitor.core.transitions import (
    AlertChanged,
    MaskChanged,
    ReadinessChanged,
    Transition,
    ZoneChanged,
)
from monitor.journal import Entry
from monitor.sinks.influx import actions as work
from monitor.sinks.influx import alerts, devices, doors, zones
from monitor.sinks.influx import events as happened
from monitor.sinks.influx.line import line
from monitor.sinks.influx.measurements import OFTEN, SELDOM
from monitor.sinks.influx.read_model import Picture
from monitor.sinks.influx.schema import Measurement
from monitor.sinks.influx.tags import Ground
from monitor.sinks.influx.timestamps import EPOCH, nanoseconds, of_message, of_transition

Follow = Callable[[Any, datetime, Ground, Picture], Iterable[Measurement]]
"""Takes an event in, and gives what stands otherwise after it."""
LONGEST_SILENCE = timedelta(hours=1)
"""So long without any input nobody watched, or a clock was set ahead: how things stood meanwhile nobody knows."""


class Scribe:
    """Reads entries of the journal in order and gives their lines.

    Args:
        book: finds the rule book that the input of this number put in force; the present one if it is gone.
        key: makes pseudonyms of people.
        tolerance: a sender's clock may be ahead by so much.

    """

    def __init__(self, book: Callable[[int], RuleBook], key: bytes, tolerance: timedelta) -> None:
        self._book = book
        self._key = key
        self._tolerance = tolerance
        self.recall(None)

    def recall(self, memory: bytes | None) -> None:
        """Be as it was when it told `memory`; without one, as at the beginning."""
        self.picture = Picture() if memory is None else msgspec.msgpack.decode(memory, type=Picture)
        self.ground = Ground(self._book(self.picture.rules), self._key)

    def remember(self) -> bytes:
        """Tell what it has to know to go on from here."""
        return msgspec.msgpack.encode(self.picture)

    def lines(self, entries: Iterable[Entry]) -> Iterator[str]:
        """Yield the lines of inputs and of what followed from them; lazily, since there may be many."""
        for entry in entries:
            given = entry.input()
            self.picture.seq = entry.seq
            if self._time_passes(given):
                yield from self._pass_time(given)
            if isinstance(given, RulesChanged):
                self.picture.rules = entry.seq
                self.ground = Ground(given.book, self._key)
            elif isinstance(given, Arrival) and entry.id is not None:
                yield from self._arrival(given, entry.id)
            for n, transition in enumerate(entry.transitions()):
                yield from self._followed(transition, entry.seq, n)

    def until(self, t: datetime) -> Iterator[str]:
        """Yield how things stood at each tick up to a time, if nothing has come in since the latest entry."""
        picture = self.picture
        if picture.tick is not None and picture.tick - t > CLOCK_SET_BACK:
            picture.tick = _next(t)
        while picture.tick is not None and picture.tick <= t:
            yield from self._tick(picture.tick)
            picture.tick += OFTEN

    # Inside ------------------------------------------------------------------------------------------------------

    def _time_passes(self, given: Input) -> bool:
        """Tell whether an input brings more than a later time before the next tick: most don't."""
        picture, now = self.picture, given.received_at
        if picture.now is None or picture.tick is None or not picture.now <= now < picture.tick:
            return True
        picture.now = now
        return isinstance(given, Notice)

    def _pass_time(self, given: Input) -> Iterator[str]:
        """Yield how things stood at each tick before an input."""
        picture, before, now = self.picture, self.picture.now, given.received_at
        if before is None or now > before or before - now > CLOCK_SET_BACK:
            picture.now = now
        started = isinstance(given, Notice) and isinstance(given.event, MonitorStarted)
        skipped = before is None or now - before > LONGEST_SILENCE
        if picture.tick is None or skipped or started:
            picture.tick = _next(now)
        yield from self.until(now)

    def _arrival(self, given: Arrival, identity: bytes) -> Iterator[str]:
        name, n = identity.hex(), 0
        for place, said in enumerate(given.events):
            event_id = f"{name}-{place}" if place else name
            t = believed(said.at, given.received_at, self._tolerance) or _whole(given.received_at)
            if isinstance(said, doors.Counted) and not (given.retained or said.replay):
                doors.count(said, t, self.ground, self.picture)
            for follow in _followers(type(said)):
                for point in follow(said, t, self.ground, self.picture):
                    yield line(point, of_message(t, identity, n))
                    n += 1
            if type(said) in happened.TOLD:
                for point in happened.points(said, event_id, self.ground, self.picture):
                    yield line(point, of_message(t, identity, n))
                    n += 1

    def _followed(self, told: Transition, seq: int, n: int) -> Iterator[str]:
        ground, picture = self.ground, self.picture
        points: Iterable[Measurement] = ()
        match told:
            case AlertChanged(alert=alert) if not alert.silent:
                stepped = alerts.follow(told, ground, picture)
                points = chain(stepped, doors.touched(alert, told.at, ground, picture))
            case ZoneChanged():
                points = zones.filled(told, picture)
            case ReadinessChanged():
                points = zones.judged(told, ground, picture)
            case MaskChanged():
                work.masked(told, picture)
            case _:
                return
        ns = of_transition(told.at, seq, n)
        for point in points:
            yield line(point, ns)

    def _tick(self, t: datetime) -> Iterator[str]:
        ground, picture, ns = self.ground, self.picture, nanoseconds(t)
        states: list[Iterable[Measurement]] = [
            alerts.standing(t, picture),
            alerts.counts(t, ground, picture),
            zones.occupancies(ground, picture),
        ]
        if (t - EPOCH) % SELDOM == timedelta(0):
            states += [
                devices.standing(t, ground, picture),
                doors.standing(t, ground, picture),
                zones.readiness(picture),
                zones.compliance(t, ground, picture),
                work.actions(t, ground, picture),
                work.certificates(t, ground, picture),
                work.masks(t, ground, picture),
            ]
            for point, began in doors.flow(t, ground, picture):
                yield line(point, began)
        for points in states:
            for row in points:
                yield line(row, ns)


@cache
def _followers(kind: type) -> tuple[Follow, ...]:
    """Return what has to hear of events of one kind."""
    return tuple(follow for follow, kinds in _FOLLOWED if kind in kinds)


_FOLLOWED: tuple[tuple[Follow, frozenset[type]], ...] = (
    (devices.follow, devices.FOLLOWED),
    (doors.follow, doors.FOLLOWED),
    (work.follow, work.FOLLOWED),
    (zones.follow, zones.FOLLOWED),
)


def _next(t: datetime) -> datetime:
    """Return the next whole ten seconds after a time."""
    return EPOCH + ((t - EPOCH) // OFTEN + 1) * OFTEN


def _whole(t: datetime) -> datetime:
    """Return the millisecond: what our own clock tells beyond it must not bring points of one batch together."""
    return t.replace(microsecond=t.microsecond // 1_000 * 1_000)
