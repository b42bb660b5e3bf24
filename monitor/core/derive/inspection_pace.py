"""The pace at which each form was filled in, compared with others of its checklist."""

from statistics import median

from monitor.core.effects import Effects
from monitor.core.events.derived import InspectionPaced
from monitor.core.events.inspection import InspectionSubmitted
from monitor.core.rules.computed import COMPUTED
from monitor.core.state.state import State
from monitor.core.state.time import TimestampedEvent
from monitor.core.venue.places import Place, Places

FOLLOWED = (InspectionSubmitted,)
"""The event types from which it is derived."""
ENOUGH, MOST = 20, 50
"""Forms needed for a median, and the number of latest forms remembered; judgement."""


def follow(
    state: State, places: Places, timestamped: TimestampedEvent, place: Place, effects: Effects
) -> None:
    """Derive the pace of a form, once enough others are known."""
    del places
    event = timestamped.event
    if (
        not isinstance(event, InspectionSubmitted)
        or not timestamped.live
        or place.of_checklist is None
    ):
        return
    took = COMPUTED["seconds_per_item"].read(event, place)
    if took is None or took <= 0:
        return
    past = state.work.paces.setdefault(event.checklist, [])
    if len(past) >= ENOUGH:
        usual = median(past)
        effects.derive(
            InspectionPaced(
                at=timestamped.t,
                checklist=event.checklist,
                inspection=event.inspection,
                inspector=event.inspector,
                answered=COMPUTED["answered"].read(event, place),
                seconds_per_item=took,
                median_s=usual,
                percent_of_median=100 * took / usual,
            )
        )
    past.append(took)
    del past[:-MOST]
