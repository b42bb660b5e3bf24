"""Inspections that are scheduled and whose form has not come: by when each has to be done."""

from monitor.core.effects import Effects
from monitor.core.events.inspection import (
    InspectionCancelled,
    InspectionScheduled,
    InspectionSubmitted,
)
from monitor.core.state.state import State
from monitor.core.state.time import TimestampedEvent
from monitor.core.state.work import ChecklistState
from monitor.core.utc import utc
from monitor.core.venue.places import Place, Places

FOLLOWED = (InspectionScheduled, InspectionSubmitted, InspectionCancelled)
"""The event types after which this may change."""
MOST = 200
"""Inspections of one checklist that are remembered; the one that is due first is forgotten first."""


def follow(
    state: State, places: Places, timestamped: TimestampedEvent, place: Place, effects: Effects
) -> None:
    """Remember until when a scheduled inspection is awaited; nothing is derived from it."""
    del places, effects
    if place.of_checklist is None:
        return
    record = state.work.checklists.setdefault(place.of_checklist.id, ChecklistState())
    match timestamped.event:
        case InspectionScheduled(inspection=own, due_at=due_at):
            if own in record.finished:
                return
            record.due = {**record.due, own: utc(due_at)}
            if len(record.due) > MOST:
                del record.due[min(record.due, key=record.due.__getitem__)]
        case InspectionSubmitted(inspection=own) | InspectionCancelled(inspection=own):
            record.due.pop(own, None)
        case _:
            pass
