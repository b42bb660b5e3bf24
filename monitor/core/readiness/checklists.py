"""What the checklists say: the latest answer to each item, and from these whether a zone has passed.

A zone has passed when every critical item of every checklist that its phase requires has the answer «pass» and none of
these answers is older than the checklist's interval. Not done, not applicable, not known: not passed.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from math import isfinite
from typing import Literal

from msgspec.structs import replace

from monitor.core.derive.occupancy import touch, zone_state
from monitor.core.events.derived import ZoneInspected
from monitor.core.events.inspection import (
    InspectionAmended,
    InspectionApproved,
    InspectionItem,
    InspectionRejected,
    InspectionSubmitted,
    Item,
)
from monitor.core.events.vocabulary import Result
from monitor.core.state.state import Answer, ChecklistState, Moment, State
from monitor.core.venue.model import Checklist, ChecklistItem, Venue
from monitor.core.venue.places import Place, Places

Verdict = Literal["passed", "failed", "expired", "unknown"]
FOLLOWED = (
    InspectionItem,
    InspectionSubmitted,
    InspectionAmended,
    InspectionApproved,
    InspectionRejected,
)
"""The event types that change answers, or what they are worth."""
MOST_APPROVED = 1_000
"""Approvals kept of one checklist, those of its interval; the oldest go first."""
BLOCKING = ("impairment", "critical")
"""Items whose failure keeps a zone closed."""
_WORST_FIRST: tuple[Verdict, ...] = ("failed", "unknown", "expired", "passed")


def judged(item: InspectionItem, place: Place) -> InspectionItem:
    """Return the item with the result that its measured value deserves.

    A value outside the limits is a fail even where «pass» was ticked; a value in another unit, or none, is not known.
    """
    line = _line(place.of_checklist, item.item)
    if line is None or (line.min is None and line.max is None) or item.result != "pass":
        return item
    return replace(item, result=_measure(line, item.value, item.unit))


def items_of(form: InspectionSubmitted | InspectionAmended) -> Iterator[InspectionItem]:
    """Yield the answers of a form as if each had been sent by itself."""
    for row in form.items:
        yield _item(form, row)


def follow(state: State, moment: Moment, place: Place) -> datetime | None:
    """Take answers in; return when they will have expired, or ``None`` if nothing is said about a checklist."""
    checklist, said = place.of_checklist, moment.event
    if checklist is None:
        return None
    record = state.checklists.setdefault(checklist.id, ChecklistState())
    match said:
        case InspectionItem() if _line(checklist, said.item) is not None:
            _answer(record, said, moment.t)
        case InspectionAmended() | InspectionSubmitted() if said.revision > 1:
            # Its own answers are of this instant.
            _void(record, said.inspection, moment.t, checklist)
        case InspectionRejected():
            _void(record, said.inspection, moment.t + timedelta.resolution, checklist)
        case InspectionApproved():
            _approve(record, said, moment.t, checklist)
            return None
        case _:
            return None
    return moment.t + checklist.interval


def expiries(state: State, checklist: Checklist) -> set[datetime]:
    """Return the times at which answers to a checklist expire."""
    record = state.checklists.get(checklist.id, ChecklistState())
    return {answer.at + checklist.interval for answer in record.answers.values()}


def verdict(state: State, checklist: Checklist, t: datetime) -> tuple[Verdict, str]:
    """Return what a checklist says at a time, and why it isn't passed."""
    record = state.checklists.get(checklist.id, ChecklistState())
    found: tuple[Verdict, str] = ("passed", "")
    for line in checklist.items:
        if line.criticality not in BLOCKING:
            continue
        answer = record.answers.get(line.id)
        row = judge(answer, checklist, t)
        if _WORST_FIRST.index(row) < _WORST_FIRST.index(found[0]):
            said = (
                "nobody has answered"
                if answer is None
                else f"{answer.result} at {answer.at:%Y-%m-%d %H:%M}Z"
            )
            found = (row, f"{checklist.id}, {line.id}: {said}")
    return found


def judge(answer: Answer | None, checklist: Checklist, t: datetime) -> Verdict:
    """Return what one answer is worth at a time."""
    if answer is None or answer.result not in ("pass", "fail"):
        return "unknown"
    if answer.result == "fail":
        return "failed"
    return "passed" if t < answer.at + checklist.interval else "expired"


def is_approved(record: ChecklistState, answer: Answer) -> bool:
    """Tell whether somebody else than the inspector has approved an answer since it was given.

    Where the form doesn't say who inspected, nobody can be somebody else.
    """
    inspector = person(answer.inspector)
    approved = record.approved.get(answer.inspection, {})
    return bool(inspector) and any(
        at >= answer.at and person(who) != inspector for who, at in approved.items()
    )


def zone_verdict(
    state: State, places: Places, venue: Venue, zone: str, t: datetime
) -> ZoneInspected | None:
    """Put down what all checklists of a zone say together; return it if it is news."""
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
    if (record.standing.inspected, record.standing.reason) == (worst, reason):
        return None
    touch(state, record, replace(record.standing, inspected=worst, reason=reason))
    return ZoneInspected(at=t, zone=zone, state=worst, reason=reason)


def _answer(record: ChecklistState, said: InspectionItem, t: datetime) -> None:
    """Put down an answer if it is the latest; of two at one instant, the one that is not «pass» counts."""
    if t < record.void.get(said.inspection, t):
        return
    before = record.answers.get(said.item)
    if before is None or before.at < t or (before.at == t and said.result != "pass"):
        record.answers[said.item] = Answer(t, said.result, said.inspection, said.inspector)


def _approve(
    record: ChecklistState, said: InspectionApproved, t: datetime, checklist: Checklist
) -> None:
    since = t - checklist.interval
    kept = {name: by for name, by in record.approved.items() if max(by.values()) > since}
    by = {**kept.pop(said.inspection, {}), said.approver: t}
    record.approved = {**dict(list(kept.items())[1 - MOST_APPROVED :]), said.inspection: by}


def person(name: str) -> str:
    """Return a name as it is compared: how it is written makes nobody another person."""
    return " ".join(name.casefold().split())


def _void(record: ChecklistState, inspection: str, until: datetime, checklist: Checklist) -> None:
    """Have no answer of an inspection count that is older; forget what has expired in any case."""
    since = until - checklist.interval
    void = {name: at for name, at in record.void.items() if at > since}
    void[inspection] = max(until, void.get(inspection, until))
    record.void = void
    record.answers = {
        item: answer
        for item, answer in record.answers.items()
        if answer.inspection != inspection or answer.at >= until
    }


def _measure(line: ChecklistItem, value: float | None, unit: str) -> Result:
    if value is None or not isfinite(value) or unit != line.unit:
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
