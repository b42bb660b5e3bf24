"""Which answers are history only: in doubt a fail still counts, and a pass does not."""

from dataclasses import dataclass

import pytest
from msgspec.structs import replace

from monitor.core.compile.compiled_rules import CompiledRules
from monitor.core.events.inspection import InspectionItem
from monitor.core.events.vocabulary import Result
from monitor.core.readiness import findings
from monitor.core.state.state import State
from monitor.core.state.time import TimestampedEvent
from monitor.core.state.work import Answer, ChecklistState
from tests.support.engine import RULE_SET, at

CHECK = next(row for row in RULE_SET.venue.checklists if row.id == "check")
HALL = replace(CompiledRules(RULE_SET).places.zones["hall"], of_checklist=CHECK)


@dataclass(frozen=True, kw_only=True)
class Case:
    """An answer at 100 s to an item, and what is known of the item."""

    result: Result
    standing: tuple[float, Result] | None
    """The latest answer: when it was found, and what."""
    void_until: float | None = None
    """Until when the answers of this inspection were replaced by a later revision."""
    expected: bool


@pytest.mark.parametrize(
    "case",
    [
        Case(result="pass", standing=None, expected=False),
        Case(result="fail", standing=None, expected=False),
        Case(result="pass", standing=None, void_until=101, expected=True),
        Case(result="pass", standing=None, void_until=100, expected=False),
        Case(result="fail", standing=None, void_until=101, expected=False),
        Case(result="pass", standing=(99, "fail"), expected=False),
        Case(result="pass", standing=(100, "pass"), expected=False),
        Case(result="pass", standing=(100, "fail"), expected=True),
        Case(result="pass", standing=(100, "na"), expected=True),
        Case(result="pass", standing=(101, "pass"), expected=True),
        Case(result="pass", standing=(101, "na"), expected=True),
        Case(result="pass", standing=(99, "pass"), void_until=101, expected=True),
        Case(result="fail", standing=(99, "pass"), expected=False),
        Case(result="fail", standing=(100, "pass"), expected=False),
        Case(result="fail", standing=(101, "pass"), expected=True),
        Case(result="fail", standing=(101, "fail"), expected=True),
        Case(result="fail", standing=(101, "na"), expected=False),
        Case(result="fail", standing=(100, "pass"), void_until=101, expected=True),
        Case(result="fail", standing=(100, "na"), void_until=101, expected=False),
        Case(result="fail", standing=(99, "pass"), void_until=101, expected=False),
        Case(result="na", standing=(101, "fail"), expected=True),
        Case(result="na", standing=(101, "na"), expected=False),
    ],
    ids=str,
)
def test_a_later_finding_makes_an_answer_history(case: Case) -> None:
    """By what stands, when each was found, and whether the form was replaced."""
    event = InspectionItem(
        at=at(100), checklist="check", inspection="i1", item="exits-free", result=case.result
    )
    state = State(rule_set=RULE_SET)
    known = state.work.checklists.setdefault("check", ChecklistState())
    if case.standing is not None:
        when, result = case.standing
        known.answers["exits-free"] = Answer(at(when), result)
    if case.void_until is not None:
        known.void["i1"] = at(case.void_until)

    found = findings.is_superseded(state, TimestampedEvent(at(100), 0, event), HALL)

    assert found is case.expected


def test_what_is_no_answer_of_the_checklist_is_never_history() -> None:
    """An item that the checklist does not have, and a place without a checklist, replace nothing."""
    event = InspectionItem(
        at=at(100), checklist="check", inspection="i1", item="exits-free", result="pass"
    )
    state = State(rule_set=RULE_SET)
    known = state.work.checklists.setdefault("check", ChecklistState())
    known.answers = {name: Answer(at(200), "pass") for name in ("exits-free", "unknown")}
    unknown = replace(event, item="unknown")

    assert findings.is_superseded(state, TimestampedEvent(at(100), 0, event), HALL)
    assert not findings.is_superseded(state, TimestampedEvent(at(100), 0, unknown), HALL)
    nowhere = replace(HALL, of_checklist=None)
    assert not findings.is_superseded(state, TimestampedEvent(at(100), 0, event), nowhere)
