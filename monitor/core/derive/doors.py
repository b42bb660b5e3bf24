"""Whether each door is shut or unlocked: its lock, its mode and its faults report separately, and all reports count."""

from monitor.core.effects import Effects
from monitor.core.events.derived import DoorStatus
from monitor.core.events.door import DoorFault, DoorLocked, DoorModeChanged, DoorUnlocked
from monitor.core.meaning.door import door_status, is_shut, is_unlocked
from monitor.core.phrase import phrase
from monitor.core.state.places import DoorReport, DoorState
from monitor.core.state.state import State
from monitor.core.state.time import TimestampedEvent
from monitor.core.transitions import LogNoted
from monitor.core.venue.places import Place, Places

FOLLOWED = (DoorLocked, DoorUnlocked, DoorModeChanged, DoorFault)
"""The event types that decide whether a door is shut or unlocked."""


def follow(
    state: State, places: Places, timestamped: TimestampedEvent, place: Place, effects: Effects
) -> None:
    """Derive whether a door is shut or unlocked, if that has changed."""
    del places
    status = door_status(timestamped.event)
    if status is None or status.state == "unknown" or place.of_point is None:
        return  # an unknown mode does not cancel the one before
    door = state.places.doors.setdefault(place.point, DoorState())
    known = door.reports.get(status.part)
    if known is not None and known.at > timestamped.t:
        return
    door.reports[status.part] = DoorReport(timestamped.t, status.state)
    if status.part == "mode" and known is not None and known.state != status.state:
        what = phrase("log-door-mode", point=place.point, mode=status.state)
        effects.emit(
            LogNoted(
                at=state.time.now,
                happened_at=timestamped.t,
                site=place.site,
                zone=place.zone,
                what=what,
            )
        )
    before = door.shut, door.unlocked
    states = [row.state for row in door.reports.values()]
    door.shut, door.unlocked = is_shut(states), is_unlocked(states)
    if (door.shut, door.unlocked) != before:
        effects.derive(
            DoorStatus(at=timestamped.t, point=place.point, shut=door.shut, unlocked=door.unlocked)
        )
