"""Derived events: what an event implies for people, zones and devices; rules receive them like any other event."""

from typing import Protocol

from msgspec.structs import replace

from monitor.core.derive import (
    anti_passback,
    badge_issues,
    contested_work,
    device_liveness,
    doors,
    due_inspections,
    enrich,
    fire_alarm,
    holders,
    impairments,
    inspection_overlap,
    inspection_pace,
    message_gaps,
    occupancy,
    posts,
    presence,
    readings,
    reopened_checklists,
    uncounted,
)
from monitor.core.effects import Effects
from monitor.core.events import AnyEvent
from monitor.core.state.state import State
from monitor.core.state.time import TimestampedEvent
from monitor.core.venue.places import Place, Places

PARTS = (
    occupancy,
    presence,
    uncounted,
    doors,
    device_liveness,
    message_gaps,
    fire_alarm,
    holders,
    anti_passback,
    posts,
    readings,
    badge_issues,
    inspection_pace,
    inspection_overlap,
    due_inspections,
    impairments,
    contested_work,
    reopened_checklists,
    enrich,
)
"""In the order in which they process an event. Each names the event types that it processes, and has one function."""


class Follow(Protocol):
    """Updates the state with an event and adds derived events to the effects."""

    def __call__(
        self,
        state: State,
        places: Places,
        timestamped: TimestampedEvent,
        place: Place,
        effects: Effects,
    ) -> None:
        """Process one event and its place."""


def derive(
    state: State, places: Places, timestamped: TimestampedEvent, place: Place, effects: Effects
) -> list[AnyEvent]:
    """Return the events that follow from one, each before those that follow from it in turn."""
    found: list[AnyEvent] = []
    for follow in _FOLLOWERS.get(type(timestamped.event), ()):
        follow(state, places, timestamped, place, effects)
        if effects.derived:
            for event in effects.take_derived():
                found.append(event)
                if type(event) in _FOLLOWERS:
                    where = places.zones.get(getattr(event, "zone", ""), places.nowhere)
                    row = replace(timestamped, event=event)
                    found += derive(state, places, row, where, effects)
    return found


def _by_type() -> dict[type, list[Follow]]:
    found: dict[type, list[Follow]] = {}
    for part in PARTS:
        for kind in part.FOLLOWED:
            found.setdefault(kind, []).append(part.follow)
    return found


_FOLLOWERS = _by_type()
FOLLOWED: frozenset[type] = frozenset(_FOLLOWERS)
"""The event types from which others are derived."""
