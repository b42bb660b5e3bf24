"""What the checklists say: the latest answer to each item, and from these whether a zone has passed.

A zone has passed when every critical item of every checklist that its phase requires has the answer «pass» and none of
these answers is older than the checklist's interval. Not done, not applicable, not known: not passed.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from msgspec.structs import replace

from monitor.core.event import (
    InspectionAmended,
    InspectionItem,
    InspectionRejected,
    InspectionSubmitted,
    Item,
    Result,
    ZoneInspected,
)
from monitor.core.occupancy import touch, zone_state
from monitor.core.state import Answer, ChecklistState, Moment, State
from monitor.core.venue import Checklist, ChecklistItem, Place, Places, Venue

Verdict = Literal["passed", "failed", "expired", "unknown"]
FOLLOWED = (InspectionItem, InspectionSubmitted, InspectionAmended, InspectionRejected)
"""The event types that change answers."""
_BLOCKING = ("impairment", "critical")
_WORST_FIRST: tuple[Verdict, ...] = ("failed", "unknown", "expired", "passed")


def judged(item: InspectionItem, place: Place) -> InspectionItem:
    """Return the item with the result that its measured value deserves.

    A value outside the limits is a fail whatever was ticked; a value in another unit, or none, is not known.
    """
    line = _line(place.of_checklist, item.item)
    if line is None or (line.min is None and line.max is None) or item.result != "pass":
        return item
    return replace(item, result=_measure(line, item.value, item.unit))


def items_of(form: InspectionSubmitted | InspectionAmended) -> Iterator[InspectionItem]:
    """Yield the answers of a form as if each had been sent by itself."""
    for row in form.items:
        yield _item(form, row)


def follow(state: State, moment: Moment, place: Place) -> Iterator[tuple[str, datetime]]:
    """Take answers in; yield the checklists that changed, with the time when they will have expired."""
    checklist, said = place.of_checklist, moment.event
    if checklist is None:
        return
    record = state.checklists.setdefault(checklist.id, ChecklistState())
    match said:
        case InspectionItem():
            before = record.answers.get(said.item)
            if before is not None and before.at > moment.t:
                return
            record.answers[said.item] = Answer(moment.t, said.result)
        case InspectionSubmitted() | InspectionAmended():
            if said.inspection == record.inspection and said.revision < record.revision:
                return
            record.inspection, record.revision = said.inspection, said.revision
            return
        case InspectionRejected():
            record.answers.clear()
        case _:
            return
    yield checklist.id, moment.t + checklist.interval


def verdict(state: State, checklist: Checklist, t: datetime) -> tuple[Verdict, str]:
    """Return what a checklist says at a time, and why it isn't passed."""
    record = state.checklists.get(checklist.id, ChecklistState())
    found: tuple[Verdict, str] = ("passed", "")
    for line in checklist.items:
        if line.criticality not in _BLOCKING:
            continue
        answer = record.answers.get(line.id)
        row = _judge(answer, checklist, t)
        if _WORST_FIRST.index(row) < _WORST_FIRST.index(found[0]):
            said = (
                "nobody has answered"
                if answer is None
                else f"{answer.result} at {answer.at:%Y-%m-%d %H:%M}Z"
            )
            found = (row, f"{checklist.id}, {line.id}: {said}")
    return found


def zone_verdict(
    state: State, places: Places, venue: Venue, zone: str, t: datetime
) -> Iterator[ZoneInspected]:
    """Put down what all checklists of a zone say together; yield it if it is news."""
    required = [
        row for row in venue.checklists if row.zone == zone and venue.congress.phase in row.phases
    ]
    verdicts = [verdict(state, checklist, t) for checklist in required]
    worst, reason = min(
        verdicts,
        key=lambda row: _WORST_FIRST.index(row[0]),
        default=("passed", "no checklist is required"),
    )
    record = zone_state(state, places, zone)
    if (record.standing.inspected, record.standing.reason) != (worst, reason):
        touch(state, record, replace(record.standing, inspected=worst, reason=reason))
        yield ZoneInspected(at=t, zone=zone, state=worst, reason=reason)


def _judge(answer: Answer | None, checklist: Checklist, t: datetime) -> Verdict:
    if answer is None or answer.result not in ("pass", "fail"):
        return "unknown"
    if answer.result == "fail":
        return "failed"
    return "passed" if t < answer.at + checklist.interval else "expired"


def _measure(line: ChecklistItem, value: float | None, unit: str) -> Result:
    if value is None or unit != line.unit:
        return "unknown"
    low = line.min is not None and value < line.min
    high = line.max is not None and value > line.max
    return "fail" if low or high else "pass"


def _line(checklist: Checklist | None, item: str) -> ChecklistItem | None:
    return (
        None
        if checklist is None
        else next((row for row in checklist.items if row.id == item), None)
    )


def _item(form: InspectionSubmitted | InspectionAmended, row: Item) -> InspectionItem:
    return InspectionItem(
        at=form.at,
        replay=form.replay,
        checklist=form.checklist,
        inspection=form.inspection,
        inspector=form.inspector,
        item=row.item,
        result=row.result,
        value=row.value,
        unit=row.unit,
        note=row.note,
        na_reason=row.na_reason,
        evidence=row.evidence,
    )
