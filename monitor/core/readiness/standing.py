"""The answer to an item that counts, and why one that was given may not."""

from msgspec.structs import replace

from monitor.core.events.inspection import InspectionItem, person
from monitor.core.meaning.checklist import ANY_ITEM
from monitor.core.phrase import Phrase, phrase
from monitor.core.roster import Roster
from monitor.core.state.work import Answer, ChecklistState
from monitor.core.venue.checklist import Checklist, ChecklistItem


def standing(record: ChecklistState, item: str) -> Answer | None:
    """Return the answer to an item that counts; ``None`` if there is none, or a later visit puts it in doubt.

    A later visit does so with an answer whose id is unknown and which may be about this item. A fail stays a fail.
    """
    answer = record.answers.get(item)
    if answer is None or answer.result == "fail":
        return answer
    for meant in (item, ANY_ITEM):
        doubt = record.doubts.get(meant)
        if doubt and doubt.at > answer.at and doubt.inspection != answer.inspection:
            return None
    return answer


def answer_to(record: ChecklistState, line: ChecklistItem) -> Answer | None:
    """Return the answer to an item that counts; one by somebody who may not give it is unknown, unless it is a fail."""
    answer = standing(record, line.id)
    if answer is None or answer.result != "pass":
        return answer
    if answer.outsider:
        return replace(answer, result="unknown")
    if not line.other_than:
        return answer
    other = standing(record, line.other_than)
    is_by_other = other is None or person(other.inspector) != person(answer.inspector)
    return answer if is_by_other else replace(answer, result="unknown", same_signer=True)


def is_outsider(roster: Roster | None, checklist: Checklist, event: InspectionItem) -> bool:
    """Tell whether the inspector is of none of the agencies that sign; the API has asked who sent it a form."""
    if not checklist.signers or roster is None or event.form:
        return False
    found = roster.by_id.get(event.inspector)
    return found is None or found.agency not in checklist.signers


def objection(checklist: Checklist, line: ChecklistItem, answer: Answer | None) -> Phrase | None:
    """Return why an answer is not known although it was given; ``None`` if there is no such reason."""
    if answer is None or answer.result != "unknown":
        return None
    if answer.outsider:
        return phrase(
            "item-outsider",
            checklist=checklist.name,
            item=line.text,
            inspector=answer.inspector,
        )
    if answer.same_signer:
        lines = {row.id: row.text for row in checklist.items}
        return phrase(
            "item-same-signer",
            checklist=checklist.name,
            item=line.text,
            other=lines.get(line.other_than, line.other_than),
        )
    if not answer.wrong_unit:
        return None
    return phrase(
        "item-wrong-unit",
        checklist=checklist.name,
        item=line.text,
        unit=answer.wrong_unit,
        wanted=line.unit,
    )
