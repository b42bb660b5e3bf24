"""Where each inspector is at work from when until when: nobody inspects two zones at once."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from monitor.core.events.derived import InspectionOverlapped
from monitor.core.events.inspection import (
    InspectionCancelled,
    InspectionItem,
    InspectionStarted,
    InspectionSubmitted,
)
from monitor.core.events.monitor import MonitorKeysCapped
from monitor.core.readiness.checklists import person
from monitor.core.state.state import Moment, State, Visit
from monitor.core.utc import utc
from monitor.core.venue.places import Place, Places

FOLLOWED = (InspectionStarted, InspectionItem, InspectionSubmitted, InspectionCancelled)
"""The event types that begin or end a visit."""
LONGEST = timedelta(hours=4)
"""A visit that was begun longer ago has been given up, or its form lies about it. Judgement."""
MOST_INSPECTORS, MOST_VISITS = 2_000, 20
"""Inspectors that are followed, and the latest visits of each."""


def follow(
    state: State, places: Places, moment: Moment, place: Place
) -> Iterator[InspectionOverlapped | MonitorKeysCapped]:
    """Take a word about an inspection in; when its form is there, yield where else the inspector was meanwhile."""
    del places
    said = moment.event
    if not isinstance(
        said, InspectionStarted | InspectionItem | InspectionSubmitted | InspectionCancelled
    ):
        return
    who = person(said.inspector)
    if not who or not place.zone or not moment.news:
        return
    visits = state.visits.get(who)
    if visits is None:
        if len(state.visits) >= MOST_INSPECTORS:
            yield MonitorKeysCapped(at=moment.t, rule="visits of inspectors")
            return
        visits = state.visits[who] = {}
    if isinstance(said, InspectionCancelled):
        visits.pop(said.inspection, None)
        return
    visit = visits.setdefault(said.inspection, Visit(place.zone, moment.t))
    if isinstance(said, InspectionSubmitted) and said.revision == 1:
        visit.begun = _on_our_clock(said, said.started_at, moment.t) or min(visit.begun, moment.t)
        visit.ended = _on_our_clock(said, said.finished_at, moment.t) or moment.t
        other, overlap = _longest(visits, visit, moment.t)
        if other is not None:
            yield InspectionOverlapped(
                at=moment.t,
                inspector=said.inspector,
                inspection=said.inspection,
                zone=visit.zone,
                other_zone=other.zone,
                overlap_s=overlap.total_seconds(),
            )
    for oldest in list(visits)[:-MOST_VISITS]:
        del visits[oldest]


def _on_our_clock(said: InspectionSubmitted, at: datetime | None, t: datetime) -> datetime | None:
    """Return a time of a form as we place the form itself; ``None`` where it says none, or none that can be."""
    if at is None:
        return None
    before = utc(said.at) - utc(at)
    return t - before if timedelta(0) <= before <= LONGEST else None


def _longest(visits: dict[str, Visit], visit: Visit, t: datetime) -> tuple[Visit | None, timedelta]:
    """Return the visit elsewhere that overlaps one the longest, and for how long."""
    found: tuple[Visit | None, timedelta] = None, timedelta(0)
    for other in visits.values():
        if other.zone == visit.zone or (other.ended is None and t - other.begun > LONGEST):
            continue
        overlap = min(visit.ended or t, other.ended or t) - max(visit.begun, other.begun)
        if overlap > found[1]:
            found = other, overlap
    return found
