"""What an answer is worth: by the kind of its item, in the version of the checklist that was asked."""

from collections.abc import Mapping
from math import isfinite
from typing import assert_never

from msgspec.structs import replace

from monitor.core.events.inspection import InspectionItem, person
from monitor.core.events.vocabulary import Result
from monitor.core.meaning.checklist import definition, is_out_of_limits, item_of
from monitor.core.venue.checklist import Checklist, ChecklistItem, is_asked_alike
from monitor.core.venue.places import Place


def judged(
    answer: InspectionItem, place: Place, earlier: Mapping[str, Checklist]
) -> InspectionItem:
    """Return an answer with the result that follows from what was measured, chosen, written or photographed.

    It is judged by the version that was asked. A pass of an item that asks something else by now, or in a version that
    is not known, is ``unknown``; a fail stays a fail.

    Args:
        answer: as it was sent.
        place: has the checklist in force.
        earlier: its earlier versions, by digest.

    """
    checklist = place.of_checklist
    if checklist is None:
        return answer
    asked = definition(place, answer.version, earlier)
    if asked is None:
        return replace(answer, result="unknown") if answer.result == "pass" else answer
    line, today = item_of(asked, answer.item), item_of(checklist, answer.item)
    if line is None:
        return answer
    result = _result(line, answer)
    is_other = today is not None and line is not today and not is_asked_alike(line, today)
    if result == "pass" and is_other:
        result = "unknown"
    return answer if result == answer.result else replace(answer, result=result)


def _result(line: ChecklistItem, answer: InspectionItem) -> Result:
    """Return the result of an answer; "pass" needs what the kind of the item asks for."""
    if line.kind == "choice" and answer.result in ("pass", "unknown"):
        chosen = (row.result for row in line.choices if row.id == answer.choice)
        return next(chosen, "unknown")
    if answer.result != "pass":
        return answer.result
    match line.kind:
        case "pass-fail" | "choice":
            return "pass"
        case "measurement":
            return _measured(line, answer.value, answer.unit)
        case "text":
            return "pass" if answer.text.strip() else "unknown"
        case "photo":
            return "pass" if answer.evidence else "unknown"
        case "asset":
            return "pass" if answer.asset.strip() else "unknown"
        case "signature":
            return "pass" if person(answer.inspector) else "unknown"
        case _:
            assert_never(line.kind)


def _measured(line: ChecklistItem, value: float | None, unit: str) -> Result:
    """Return whether a value is within its limits; an item without limits passes with any value, or with none."""
    if line.min is None and line.max is None:
        return "pass"
    if value is None or not isfinite(value) or unit != line.unit:
        return "unknown"
    return "fail" if is_out_of_limits(line, value, unit) else "pass"
