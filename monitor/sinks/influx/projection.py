"""Turns journal entries into lines for InfluxDB: points for events and changes, and periodic points for states.

The lines follow from the journal alone: reading it again, from any position, gives the same points. Periodic points at
whole ten seconds follow from the inputs before them; the clock itself advances them only while there are no inputs.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import cache
from itertools import chain
from typing import Any

import msgspec

from monitor.core.engine.stages.arrive import believed
from monitor.core.engine.stages.order import CLOCK_SET_BACK
from monitor.core.events.access import AccessMuster
from monitor.core.events.monitor import MonitorStarted
from monitor.core.inputs import Arrival, Input, Notice, RulesChanged
from monitor.core.rules.model import RuleSet
from monitor.core.transitions import (
    AlertChanged,
    MaskChanged,
    ReadinessChanged,
    Transition,
    ZoneChanged,
)
from monitor.journal import Entry
from monitor.sinks.influx import (
    actions,
    alerts,
    certificates,
    devices,
    doors,
    events,
    flow,
    masks,
    zones,
)
from monitor.sinks.influx.line import line
from monitor.sinks.influx.measurements import OFTEN, SELDOM
from monitor.sinks.influx.names import named
from monitor.sinks.influx.read_model import ReadModel
from monitor.sinks.influx.schema import Measurement
from monitor.sinks.influx.tags import TagSource
from monitor.sinks.influx.timestamps import EPOCH, nanoseconds, of_message, of_transition

Project = Callable[[Any, datetime, TagSource, ReadModel], Iterable[Measurement]]
"""Applies an event to the read model and returns the states that it has changed."""
LONGEST_SILENCE = timedelta(hours=1)
"""After this time without inputs the monitor was down or its clock was set ahead: the states in between are unknown."""


class Projection:
    """Reads entries of the journal in order and returns their lines.

    Args:
        rule_set_at: returns the rule set that the input of this number put in force, or the current one if that input
            has been pruned.
        key: the key for pseudonyms.
        tolerance: how far a sender's clock may be ahead.

    """

    def __init__(
        self, rule_set_at: Callable[[int], RuleSet], key: bytes, tolerance: timedelta
    ) -> None:
        self._rule_set_at = rule_set_at
        self._key = key
        self._tolerance = tolerance
        self.restore(None)

    def restore(self, saved: bytes | None) -> None:
        """Go back to a state that `save` returned; ``None``: to the initial state."""
        self.read_model = (
            ReadModel() if saved is None else msgspec.msgpack.decode(saved, type=ReadModel)
        )
        self.tags = TagSource(self._rule_set_at(self.read_model.rules), self._key)

    def save(self) -> bytes:
        """Return the state after the latest entry."""
        return msgspec.msgpack.encode(self.read_model)

    def lines(self, entries: Iterable[Entry]) -> Iterator[str]:
        """Yield the lines of inputs and their transitions; lazily, since there may be many."""
        for entry in entries:
            given = entry.input()
            self.read_model.seq = entry.seq
            if self._reaches_tick(given):
                yield from self._pass_time(given)
            if isinstance(given, RulesChanged):
                self.read_model.rules = entry.seq
                self.tags = TagSource(given.rule_set, self._key)
            elif isinstance(given, Arrival) and entry.id is not None:
                yield from self._arrival(given, entry.id)
            for n, transition in enumerate(entry.transitions()):
                yield from self._transition(transition, entry.seq, n)

    def until(self, t: datetime) -> Iterator[str]:
        """Yield the states at each tick up to a time, provided that there were no inputs since the latest entry."""
        read_model = self.read_model
        if read_model.tick is not None and read_model.tick - t > CLOCK_SET_BACK:
            read_model.tick = _next_tick(t)
        while read_model.tick is not None and read_model.tick <= t:
            yield from self._states(read_model.tick)
            read_model.tick += OFTEN

    # Inside ------------------------------------------------------------------------------------------------------

    def _reaches_tick(self, given: Input) -> bool:
        """Return whether an input does more than advance the clock before the next tick: most do not."""
        read_model, now = self.read_model, given.received_at
        if (
            read_model.now is None
            or read_model.tick is None
            or not read_model.now <= now < read_model.tick
        ):
            return True
        read_model.now = now
        return isinstance(given, Notice)

    def _pass_time(self, given: Input) -> Iterator[str]:
        """Yield the states at each tick before an input."""
        read_model, before, now = self.read_model, self.read_model.now, given.received_at
        if before is None or now > before or before - now > CLOCK_SET_BACK:
            read_model.now = now
        started = isinstance(given, Notice) and isinstance(given.event, MonitorStarted)
        skipped = before is None or now - before > LONGEST_SILENCE
        if read_model.tick is None or skipped or started:
            read_model.tick = _next_tick(now)
        yield from self.until(now)

    def _arrival(self, given: Arrival, identity: bytes) -> Iterator[str]:
        name, n = identity.hex(), 0
        for position, event in enumerate(given.events):
            event_id = f"{name}-{position}" if position else name
            t = believed(event.at, given.received_at, self._tolerance)
            t = t or _truncated(given.received_at)
            if isinstance(event, flow.Counted) and not (given.retained or event.replay):
                flow.count(event, t, self.tags, self.read_model)
            if isinstance(event, AccessMuster):
                zones.muster(event, t, self.tags, self.read_model)
            for project in _projections(type(event)):
                for point in project(event, t, self.tags, self.read_model):
                    yield self._line(point, of_message(t, identity, n))
                    n += 1
            if type(event) in events.PROJECTED:
                for point in events.points(
                    event, event_id, self.tags, self.read_model, given.source
                ):
                    yield self._line(point, of_message(t, identity, n))
                    n += 1

    def _transition(self, transition: Transition, seq: int, n: int) -> Iterator[str]:
        tags, read_model = self.tags, self.read_model
        points: Iterable[Measurement] = ()
        match transition:
            case AlertChanged(alert=alert, at=at) if not alert.silent:
                points = chain(
                    alerts.project(transition, tags, read_model),
                    doors.changed_by(alert, at, tags, read_model),
                )
            case ZoneChanged():
                points = zones.project_status(transition, read_model)
            case ReadinessChanged():
                points = zones.project_readiness(transition, tags, read_model)
            case MaskChanged():
                masks.project(transition, read_model)
            case _:
                return
        ns = of_transition(transition.at, seq, n)
        for point in points:
            yield self._line(point, ns)

    def _line(self, point: Measurement, ns: int) -> str:
        return line(named(point, self.tags.names), ns)

    def _states(self, t: datetime) -> Iterator[str]:
        tags, read_model, ns = self.tags, self.read_model, nanoseconds(t)
        states: list[Iterable[Measurement]] = [
            alerts.states(t, read_model),
            alerts.counts(t, tags, read_model),
            zones.occupancies(tags, read_model),
            zones.musters(t, tags, read_model),
        ]
        if (t - EPOCH) % SELDOM == timedelta(0):
            states += [
                devices.states(t, tags, read_model),
                doors.states(t, tags, read_model),
                zones.readiness(read_model),
                zones.compliance(t, tags, read_model),
                actions.counts(t, tags, read_model),
                certificates.states(t, tags, read_model),
                masks.states(t, tags, read_model),
            ]
            for point, minute in flow.flow(t, tags, read_model):
                yield self._line(point, minute)
        for points in states:
            for row in points:
                yield self._line(row, ns)


@cache
def _projections(kind: type) -> tuple[Project, ...]:
    """Return the functions that take events of a type."""
    return tuple(project for project, kinds in _PROJECTED if kind in kinds)


_PROJECTED: tuple[tuple[Project, frozenset[type]], ...] = (
    (devices.project, devices.PROJECTED),
    (doors.project, doors.PROJECTED),
    (actions.project, actions.PROJECTED),
    (certificates.project, certificates.PROJECTED),
    (zones.project, zones.PROJECTED),
)


def _next_tick(t: datetime) -> datetime:
    """Return the next whole ten seconds after a time."""
    return EPOCH + ((t - EPOCH) // OFTEN + 1) * OFTEN


def _truncated(t: datetime) -> datetime:
    """Return a time in whole milliseconds: `of_message` spreads the points of a batch over the rest."""
    return t.replace(microsecond=t.microsecond // 1_000 * 1_000)
