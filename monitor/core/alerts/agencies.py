"""The agencies that an alert concerns: one leads, others coordinate."""

from typing import Any

from monitor.core.events import AnyEvent
from monitor.core.state.state import State
from monitor.core.venue.places import Place


def agencies_of(state: State, event: AnyEvent, place: Place) -> dict[str, Any]:
    """Return the agencies that lead and coordinate the subject of an event, as far as they are known."""
    action = state.work.actions.get(getattr(event, "action", ""))
    for named in (event, action, place.of_checklist):
        if lead := getattr(named, "lead", ""):
            return {"lead": lead, "coordinating": getattr(named, "coordinating", ())}
    return {}
