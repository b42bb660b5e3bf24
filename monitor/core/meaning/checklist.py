"""Checklists: the item an answer is about, whether a value is within its limits, and the answers in a form."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from difflib import get_close_matches
from typing import TypeGuard, get_args

from monitor.core.events import AnyEvent
from monitor.core.events.inspection import InspectionAmended, InspectionItem, InspectionSubmitted
from monitor.core.utc import utc
from monitor.core.venue.checklist import Checklist, ChecklistItem, is_digest
from monitor.core.venue.places import Place


def checklist_item(place: Place, item: str) -> ChecklistItem | None:
    """Return an item of the checklist at a place; ``None`` if there is no checklist, or it has no such item."""
    return None if place.of_checklist is None else item_of(place.of_checklist, item)


def item_of(checklist: Checklist, item: str) -> ChecklistItem | None:
    """Return an item of a checklist; ``None`` if it has no such item."""
    return next((row for row in checklist.items if row.id == item), None)


def definition(place: Place, version: str, earlier: Mapping[str, Checklist]) -> Checklist | None:
    """Return the version of a checklist that a form names, or the one in force if it names none that is known.

    Args:
        place: has the checklist in force.
        version: a name or a digest.
        earlier: the earlier versions, by digest, the latest last.

    Returns:
        ``None`` if there is no checklist, or a digest is not that of any version.

    """
    checklist = place.of_checklist
    if checklist is None or version in ("", checklist.version, place.digest):
        return checklist
    if is_digest(version):
        return earlier.get(version)
    named = [row for row in earlier.values() if row.version == version]
    return named[-1] if named else checklist


def is_known_item(place: Place, item: str, earlier: Mapping[str, Checklist]) -> bool:
    """Tell whether the checklist at a place has an item, or had it in an earlier version."""
    checklist = place.of_checklist
    return checklist is not None and (
        item in checklist.earlier_items
        or any(item_of(row, item) is not None for row in (checklist, *earlier.values()))
    )


ANY_ITEM = ""
"""What an unknown item may mean if its id is similar to none: any item that its inspection doesn't answer."""


def meant_item(place: Place, item: str) -> str:
    """Return the item of the checklist at a place whose id is closest to an unknown one; ``ANY_ITEM`` if none is."""
    checklist = place.of_checklist
    known = [] if checklist is None else [row.id for row in checklist.items]
    return next(iter(get_close_matches(item, known, n=1)), ANY_ITEM)


def is_out_of_limits(item: ChecklistItem, value: float | None, unit: str) -> bool | None:
    """Return whether a measured value is outside the item's limits; ``None`` without a value in the item's unit."""
    if value is None or unit != item.unit:
        return None
    low = item.min is not None and value < item.min
    high = item.max is not None and value > item.max
    return low or high


_OfInspector = InspectionSubmitted | InspectionAmended | InspectionItem
_OF_INSPECTORS = frozenset(get_args(_OfInspector))
_NO_DELAY = timedelta(0)
LONGEST_DELAY = timedelta(days=3660)
"""A form finished longer ago counts as this old: ten years."""


def sending_delay(event: AnyEvent) -> timedelta:
    """Return how long after its findings an answer or form was sent, by its sender's clock; 0 if it doesn't say.

    An end after the time of sending is not credible: the time of sending counts.
    """
    if not _is_of_inspector(event) or event.finished_at is None:
        return _NO_DELAY
    delay = utc(event.at) - utc(event.finished_at)
    return min(max(delay, _NO_DELAY), LONGEST_DELAY)


def _is_of_inspector(event: AnyEvent) -> TypeGuard[_OfInspector]:
    return type(event) in _OF_INSPECTORS


def answers_of(form: InspectionSubmitted | InspectionAmended) -> Iterator[InspectionItem]:
    """Yield the answers of a form as if each had been sent separately."""
    for row in form.items:
        yield InspectionItem(
            at=form.at,
            replay=form.replay,
            checklist=form.checklist,
            inspection=form.inspection,
            inspector=form.inspector,
            form=form.form,
            version=form.version,
            finished_at=form.finished_at,
            item=row.item,
            result=row.result,
            value=row.value,
            unit=row.unit,
            choice=row.choice,
            text=row.text,
            asset=row.asset,
            note=row.note,
            na_reason=row.na_reason,
            evidence=row.evidence,
        )
