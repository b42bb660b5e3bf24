"""Derive: the events that follow from those of an instant, for people, zones, doors, devices and readiness."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from monitor.core.derive.chain import FOLLOWED as CHAINED
from monitor.core.derive.chain import derive as derive_from
from monitor.core.engine import verifications
from monitor.core.engine.context import Batch, Context, Placed
from monitor.core.events.derived import ZoneReady
from monitor.core.events.monitor_senders import MonitorKeysCapped
from monitor.core.meaning.frozen_asset import frozen_by
from monitor.core.readiness import checklists, findings, open_items, verdict
from monitor.core.state.time import TimestampedEvent
from monitor.core.state.timers import ChecklistTimer
from monitor.core.venue.places import Place

FOLLOWED: frozenset[type] = frozenset((*CHAINED, *checklists.FOLLOWED, *open_items.FOLLOWED))
"""The event types from which others are derived."""
_OF_WORK: frozenset[type] = findings.FOLLOWED.union(open_items.FOLLOWED, verifications.FOLLOWED)
"""The event types from which more follows than the chain of derived events: inspections, actions, certificates."""


def derive(context: Context, batch: Batch) -> None:
    """Add the derived events behind those they follow from."""
    for row, _ in batch.events:
        if type(row.event) in _OF_WORK:
            _derive_of_work(context, batch)
            return
    derived = _chained(context, batch.events)
    if derived:
        _add(context, batch, derived)


def _add(context: Context, batch: Batch, derived: Sequence[TimestampedEvent]) -> None:
    place_of = context.rules.place_of
    batch.derived = [(row, place_of(row.event, row.sent_from)) for row in derived]
    batch.events = [*batch.events, *batch.derived]


def _chained(context: Context, events: Sequence[Placed]) -> list[TimestampedEvent]:
    """Return what follows from events that are no work. A late event does not change the past: it happens now."""
    state, places, effects = context.state, context.rules.places, context.effects
    found: list[TimestampedEvent] = []
    for row, place in events:
        if type(row.event) in CHAINED and (
            follows := derive_from(state, places, row, place, effects)
        ):
            now = replace(row, t=state.time.watermark) if row.late else row
            found += [replace(now, event=event) for event in follows]
    return found


def _derive_of_work(context: Context, batch: Batch) -> None:
    """Derive from inspections, actions and certificates, whose order within an instant matters."""
    kinds = {type(row.event) for row, _ in batch.events}
    if not kinds.isdisjoint(findings.FOLLOWED):
        batch.events = findings.record(context.state, batch.events)
    derived = _derived(context, batch.events)
    if context.state.work.pending and not kinds.isdisjoint(open_items.FOLLOWED):
        released = verifications.settle(context, batch.events)
        batch.events = [*batch.events, *released]
        derived += _derived(context, released)
        kinds.update(type(row.event) for row, _ in released)
    if derived:
        _add(context, batch, derived)
    if not kinds.isdisjoint(verifications.FOLLOWED):
        batch.events = [
            placed
            for placed in batch.events
            if not verifications.is_withheld(context, placed[0].event)
        ]


def _derived(context: Context, events: Sequence[Placed]) -> list[TimestampedEvent]:
    """Return what follows. A late event does not change the past: what follows from it happens now."""
    state, places, effects = context.state, context.rules.places, context.effects
    found: list[TimestampedEvent] = []
    inspected: dict[str, TimestampedEvent] = {}
    concerned: dict[str, TimestampedEvent] = {}
    for row, place in events:
        if type(row.event) not in FOLLOWED:
            continue
        now = replace(row, t=state.time.watermark) if row.late else row
        if type(row.event) in open_items.FOLLOWED:
            # First, so that what follows from an action finds it in its present stage.
            concerned |= dict.fromkeys(_concerned(context, row, place), now)
        if follows := derive_from(state, places, row, place, effects):
            found += [replace(now, event=event) for event in follows]
        if place.of_checklist is not None:
            expires = checklists.expiry(row, place)
            if expires is not None:
                effects.wake(ChecklistTimer(max(expires, now.t), place.of_checklist.id))
                inspected[place.zone] = now
        for checklist in frozen_by(state.rule_set.venue, row.event):
            inspected[checklist.zone] = now
    for zone, now in inspected.items():
        checklists.inspect(state, places, zone, now.t, effects, context.alerts.titles.render_phrase)
        found += [replace(now, event=event) for event in effects.take_derived()]
    return found + _assessed(context, concerned) if concerned else found


def _assessed(
    context: Context, concerned: Mapping[str, TimestampedEvent]
) -> list[TimestampedEvent]:
    """Return the changed readiness of zones, each by the event that concerns it."""
    t = next(iter(concerned.values())).t
    venue = context.state.rule_set.venue
    verdict.assess(
        context.state, venue, concerned, t, context.effects, context.alerts.titles.render_phrase
    )
    return [
        replace(concerned[event.zone], event=event)
        for event in context.effects.take_derived()
        if isinstance(event, ZoneReady)
    ]


def _concerned(context: Context, row: TimestampedEvent, place: Place) -> list[str]:
    """Return the zones whose readiness an event may change; an empty name for those not in venue.toml."""
    state = context.state
    if open_items.is_full(state, row.event):
        context.effects.notice(
            MonitorKeysCapped(at=state.time.now, rule="corrective actions and certificates")
        )
        return []
    known = context.rules.places.zones
    return [
        zone if zone in known else ""
        for zone in open_items.record(state, row, place, context.effects)
    ]
