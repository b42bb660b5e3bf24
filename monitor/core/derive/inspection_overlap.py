"""When and where each inspector works: no one can inspect two zones at once."""

from datetime import datetime, timedelta

from monitor.core.effects import Effects
from monitor.core.events.derived import InspectionOverlapped
from monitor.core.events.inspection import (
    InspectionCancelled,
    InspectionItem,
    InspectionStarted,
    InspectionSubmitted,
    person,
)
from monitor.core.events.monitor_senders import MonitorKeysCapped
from monitor.core.state.state import State
from monitor.core.state.time import TimestampedEvent
from monitor.core.state.work import InspectionVisit
from monitor.core.utc import utc
from monitor.core.venue.places import Place, Places

FOLLOWED = (InspectionStarted, InspectionItem, InspectionSubmitted, InspectionCancelled)
"""The event types that begin or end a visit."""
LONGEST = timedelta(hours=4)
"""A visit that began longer ago was abandoned, or its form is wrong; judgement."""
MOST_INSPECTORS, MOST_VISITS = 2_000, 20
"""The limit of inspectors tracked, and of visits of each."""


def follow(
    state: State, places: Places, timestamped: TimestampedEvent, place: Place, effects: Effects
) -> None:
    """Track visits; when the form arrives, derive overlaps with visits of its inspector to other zones."""
    del places
    event = timestamped.event
    if not isinstance(
        event, InspectionStarted | InspectionItem | InspectionSubmitted | InspectionCancelled
    ):
        return
    who = person(event.inspector)
    if not who or not place.zone or not timestamped.live:
        return
    visits = state.work.visits.get(who)
    if visits is None:
        if len(state.work.visits) >= MOST_INSPECTORS:
            effects.derive(MonitorKeysCapped(at=timestamped.t, rule="visits of inspectors"))
            return
        visits = state.work.visits[who] = {}
    if isinstance(event, InspectionCancelled):
        visits.pop(event.inspection, None)
        return
    visit = visits.setdefault(event.inspection, InspectionVisit(place.zone, timestamped.t))
    if isinstance(event, InspectionSubmitted) and event.revision == 1:
        visit.begun = _on_our_clock(event, event.started_at, timestamped.t) or min(
            visit.begun, timestamped.t
        )
        visit.ended = _on_our_clock(event, event.finished_at, timestamped.t) or timestamped.t
        other, overlap = _longest(visits, visit, timestamped.t)
        if other is not None:
            effects.derive(
                InspectionOverlapped(
                    at=timestamped.t,
                    inspector=event.inspector,
                    inspection=event.inspection,
                    zone=visit.zone,
                    other_zone=other.zone,
                    overlap_s=overlap.total_seconds(),
                )
            )
    for oldest in list(visits)[:-MOST_VISITS]:
        del visits[oldest]


def _on_our_clock(event: InspectionSubmitted, at: datetime | None, t: datetime) -> datetime | None:
    """Return a time of a form by our clock; ``None`` if it is missing or not credible."""
    if at is None:
        return None
    before = utc(event.at) - utc(at)
    return t - before if timedelta(0) <= before <= LONGEST else None


def _longest(
    visits: dict[str, InspectionVisit], visit: InspectionVisit, t: datetime
) -> tuple[InspectionVisit | None, timedelta]:
    """Return the visit in another zone with the longest overlap, and how long that is."""
    found: tuple[InspectionVisit | None, timedelta] = None, timedelta(0)
    for other in visits.values():
        if other.zone == visit.zone or (other.ended is None and t - other.begun > LONGEST):
            continue
        overlap = min(visit.ended or t, other.ended or t) - max(visit.begun, other.begun)
        if overlap > found[1]:
            found = other, overlap
    return found
