"""Completed checklists: every item answered, measured values within their limits."""

from collections.abc import Collection
from datetime import datetime
from random import Random
from typing import assert_never, cast

from msgspec.structs import replace

from monitor.core.events.inspection import (
    Evidence,
    InspectionApproved,
    InspectionItem,
    InspectionSubmitted,
    Item,
)
from monitor.core.events.vocabulary import Result, Unit
from monitor.core.venue.checklist import Checklist, ChecklistItem
from monitor.simulate.venue import DUTY_OFFICER


def form(
    checklist: Checklist,
    visit: str,
    at: datetime,
    rng: Random,
    *,
    failed: Collection[str] = (),
) -> InspectionSubmitted:
    """Return the form of one visit, in which every item has passed except those named as failed."""
    return InspectionSubmitted(
        at=at,
        checklist=checklist.id,
        inspection=visit,
        inspector=inspector(checklist),
        items=tuple(_answer(line, rng, failed) for line in checklist.items),
    )


def approval(form: InspectionSubmitted | InspectionItem, at: datetime) -> InspectionApproved:
    """Return the approval of a form by a person other than its inspector."""
    return InspectionApproved(
        at=at,
        checklist=form.checklist,
        inspection=form.inspection,
        inspector=form.inspector,
        approver=DUTY_OFFICER,
    )


def inspector(checklist: Checklist) -> str:
    """Return the inspector of a checklist; each checklist has its own, so that none is in two places at once."""
    return f"inspector-{checklist.id}"


def _answer(line: ChecklistItem, rng: Random, failed: Collection[str]) -> Item:
    result: Result = "fail" if line.id in failed else "pass"
    answer = Item(item=line.id, result=result, evidence=evidence_of(line, result))
    match line.kind:
        case "measurement":
            return replace(answer, value=good_value(line, rng), unit=unit_of(line))
        case "choice":
            passing = (row.id for row in line.choices if row.result == "pass")
            return replace(answer, choice=next(passing, ""))
        case "text":
            return replace(answer, text="as planned")
        case "asset":
            return replace(answer, asset=f"{line.id}-1")
        case "photo":
            return replace(answer, evidence=(_PHOTO,))
        case "pass-fail" | "signature":
            return answer
        case _:
            assert_never(line.kind)


_PHOTO = Evidence(sha256="0" * 64, media_type="image/jpeg")
"""What a simulated inspector attaches: there is no such file."""


def evidence_of(line: ChecklistItem, result: Result) -> tuple[Evidence, ...]:
    """Return the photograph of a failure that needs one."""
    return (_PHOTO,) if line.evidence_on_fail and result == "fail" else ()


def good_value(line: ChecklistItem, rng: Random) -> float:
    """Return a value within the limits of an item, not too close to them."""
    low, high = line.min, line.max
    if low is not None and high is not None:
        return low + (high - low) * rng.uniform(0.2, 0.8)
    if low is not None:
        return round(low + _margin(low, rng), 2)
    if high is not None:
        return round(high - _margin(high, rng), 2)
    return round(rng.uniform(1, 100), 2)


def bad_value(line: ChecklistItem) -> float:
    """Return a value outside the limits of an item that has limits."""
    return line.max + 2 if line.max is not None else (line.min or 0) - 2


def unit_of(line: ChecklistItem) -> Unit:
    """Return the unit given in venue.toml, whose reader accepts the same units as the events do."""
    return cast("Unit", line.unit or "unknown")


def _margin(limit: float, rng: Random) -> float:
    return max(1.0, abs(limit)) * rng.uniform(0.1, 0.2)
