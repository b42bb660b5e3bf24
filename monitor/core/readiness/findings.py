"""Findings in order: when the inspection behind a form ended, and which answers a later finding has replaced.

All of it is decided once the watermark has passed the forms: on arrival, a form that happened earlier may still come.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from monitor.core.events.inspection import InspectionAmended, InspectionItem, InspectionSubmitted
from monitor.core.meaning import frozen_asset
from monitor.core.meaning.checklist import checklist_item, sending_delay
from monitor.core.readiness import checklists, frozen_assets, inspections
from monitor.core.state.state import State
from monitor.core.state.time import TimestampedEvent
from monitor.core.state.work import ChecklistState
from monitor.core.utc import utc
from monitor.core.venue.places import Place

MOST_FINISHED = 1_000
"""Inspections of one checklist whose end is remembered; the oldest are dropped first."""
FOLLOWED: frozenset[type] = frozenset((*checklists.FOLLOWED, *frozen_asset.REPORTS))
"""The event types that change answers, or their validity."""
Placed = tuple[TimestampedEvent, Place]


def record(state: State, events: Sequence[Placed]) -> list[Placed]:
    """Record the findings of one instant; return its events, with answers dated and marked if superseded."""
    for row, place in events:
        _remember_end(state, row, place)
    rows = _dated(state, events)
    for row, _ in rows:
        frozen_assets.reopen(state, row.event, row.t)
    for row, place in rows:
        checklists.replace_earlier(state, row, place)
    for row, place in rows:
        checklists.record(state, row, place)
        inspections.remember(state, row, place)
    return [
        (replace(row, superseded=True), place) if is_superseded(state, row, place) else (row, place)
        for row, place in rows
    ]


def _remember_end(state: State, row: TimestampedEvent, place: Place) -> None:
    """Remember when an inspection ended: the end that a form names, or else the time of its first revision."""
    form = row.event
    if place.of_checklist is None or not isinstance(form, InspectionSubmitted | InspectionAmended):
        return
    if form.finished_at is None and form.revision > 1:
        return
    ends = state.work.checklists.setdefault(place.of_checklist.id, ChecklistState()).finished
    ends.pop(form.inspection, None)
    ends[form.inspection] = row.t - sending_delay(form)
    if len(ends) > MOST_FINISHED:
        del ends[next(iter(ends))]


def _dated(state: State, events: Sequence[Placed]) -> list[Placed]:
    """Return the events, with corrections and their answers at the end of their inspection: they are no new one."""
    ends: dict[tuple[str, str, datetime], datetime] = {}
    for row, place in events:
        form = row.event
        if (
            place.of_checklist is not None
            and isinstance(form, InspectionSubmitted | InspectionAmended)
            and form.finished_at is None
            and form.revision > 1
        ):
            known = state.work.checklists.get(place.of_checklist.id, ChecklistState())
            ended = known.finished.get(form.inspection)
            if ended is not None and ended < row.t:
                ends[form.checklist, form.inspection, row.t] = ended
    if not ends:
        return list(events)
    return [(_at_end(row, ends), place) for row, place in events]


def _at_end(
    row: TimestampedEvent, ends: Mapping[tuple[str, str, datetime], datetime]
) -> TimestampedEvent:
    event = row.event
    if (
        not isinstance(event, InspectionSubmitted | InspectionAmended | InspectionItem)
        or event.finished_at is not None
    ):
        return row
    ended = ends.get((event.checklist, event.inspection, row.t))
    if ended is None:
        return row
    return replace(row, event=replace(event, finished_at=utc(event.at) - (row.t - ended)))


def is_superseded(state: State, row: TimestampedEvent, place: Place) -> bool:
    """Tell whether a later finding on an answer's item stands, so that the answer is history only.

    In doubt a fail is not superseded, and a pass is: nothing that may be wrong is cleared.
    """
    event = row.event
    if (
        place.of_checklist is None
        or not isinstance(event, InspectionItem)
        or checklist_item(place, event.item) is None
    ):
        return False
    known = state.work.checklists.setdefault(place.of_checklist.id, ChecklistState())
    found, standing = checklists.found_in(event, row.t), known.answers.get(event.item)
    is_void = row.t < known.void.get(event.inspection, row.t)
    if standing is None:
        return is_void and event.result == "pass"
    if event.result == "pass":
        is_contradicted = standing.at == found.at and standing.result != "pass"
        return is_void or is_contradicted or standing.at > found.at
    is_answered = standing.result in ("pass", "fail")
    return is_answered and (standing.at > found.at or (is_void and standing.at == found.at))
