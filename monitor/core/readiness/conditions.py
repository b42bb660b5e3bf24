"""Which items of a checklist are asked: those with a condition only if another item was answered so."""

from datetime import datetime

from monitor.core.state.work import Answer, ChecklistState
from monitor.core.venue.checklist import Checklist, ChecklistItem, Condition


def asked(record: ChecklistState, checklist: Checklist, t: datetime) -> list[ChecklistItem]:
    """Return the items of a checklist that are asked at a time, in order.

    An item is left out only if the answer on which it depends is known, valid and another one; and not if it was found
    to fail since: a fail stands, whatever the form should have asked.
    """
    lines = {line.id: line for line in checklist.items}
    return [line for line in checklist.items if _is_asked(line, record, checklist, lines, t)]


def _is_asked(
    line: ChecklistItem,
    record: ChecklistState,
    checklist: Checklist,
    lines: dict[str, ChecklistItem],
    t: datetime,
) -> bool:
    for _ in lines:  # no chain of conditions is longer
        condition = line.ask_if
        if condition is None:
            return True
        decisive = record.answers.get(condition.item)
        own = record.answers.get(line.id)
        if own is not None and own.result == "fail" and _is_since(own, decisive):
            return True
        if decisive is not None and t < decisive.at + checklist.interval:
            if not _may_be(decisive, condition):
                return False
        elif condition.item not in lines:
            return True
        line = lines[condition.item]
    return True


def _is_since(own: Answer, decisive: Answer | None) -> bool:
    return decisive is None or own.at >= decisive.at


def _may_be(answer: Answer, condition: Condition) -> bool:
    """Tell whether an answer is the one that a condition names, or may be: an unknown one may be any."""
    return answer.result in ("unknown", "not_done") or condition.is_ in (
        answer.result,
        answer.choice,
    )
