"""How fast each form was filled in, beside others of its checklist: an inspection takes the time that it takes."""

from collections.abc import Iterator
from statistics import median

from monitor.core.events import AnyEvent
from monitor.core.events.derived import InspectionPaced
from monitor.core.events.inspection import InspectionSubmitted
from monitor.core.rules.computed import DERIVED
from monitor.core.state.state import Moment, State
from monitor.core.venue.places import Place, Places

FOLLOWED = (InspectionSubmitted,)
"""The event types that say something about it."""
ENOUGH, MOST = 20, 50
"""From so many forms on there is a median; so many are remembered, the latest. Judgement."""


def follow(state: State, places: Places, moment: Moment, place: Place) -> Iterator[AnyEvent]:
    """Take a form in; yield how fast it was filled in, once enough others are known."""
    del places
    said = moment.event
    if not isinstance(said, InspectionSubmitted) or not moment.news or place.of_checklist is None:
        return
    took = DERIVED["seconds_per_item"].read(said, place)
    if took is None or took <= 0:
        return
    past = state.paces.setdefault(said.checklist, [])
    if len(past) >= ENOUGH:
        usual = median(past)
        yield InspectionPaced(
            at=moment.t,
            checklist=said.checklist,
            inspection=said.inspection,
            inspector=said.inspector,
            answered=DERIVED["answered"].read(said, place),
            seconds_per_item=took,
            median_s=usual,
            percent_of_median=100 * took / usual,
        )
    past.append(took)
    del past[:-MOST]
