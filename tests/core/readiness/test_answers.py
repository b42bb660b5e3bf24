"""Answers of checklists: which of them count, what approves or voids them, and what the checklists of a zone give."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from monitor.core.compile.compiled_rules import CompiledRules
from monitor.core.events import AnyEvent
from monitor.core.events.inspection import (
    InspectionApproved,
    InspectionItem,
    InspectionRejected,
    InspectionSubmitted,
    Item,
)
from monitor.core.events.vocabulary import Result, Unit
from monitor.core.phrase import phrase
from monitor.core.readiness import checklists
from monitor.core.readiness.answers import judged
from monitor.core.rules.model import Match
from monitor.core.state.state import State
from monitor.core.state.time import TimestampedEvent
from monitor.core.state.work import Answer, ChecklistState
from monitor.core.venue.checklist import Checklist, ChecklistItem
from tests.support.engine import VENUE, EngineHarness, at, on, rule, rule_set

PLACE = CompiledRules(rule_set()).places.checklists["check"]
DAY = 86_400


def answer(
    seconds: float, item: str = "exits-free", visit: str = "v1", result: Result = "pass"
) -> InspectionItem:
    """Ann's answer to an item."""
    return InspectionItem(
        at=at(seconds),
        checklist="check",
        inspection=visit,
        inspector="ann",
        item=item,
        result=result,
    )


def approved(seconds: float, visit: str = "v1", by: str = "bob") -> InspectionApproved:
    """A form is approved."""
    return InspectionApproved(at=at(seconds), checklist="check", inspection=visit, approver=by)


def rejected(seconds: float, visit: str = "v1") -> InspectionRejected:
    """A form is rejected."""
    return InspectionRejected(at=at(seconds), checklist="check", inspection=visit, approver="bob")


def after(*events: AnyEvent) -> ChecklistState:
    """What is remembered of the checklist after these events, each recorded as it comes."""
    state = State(rule_set=rule_set())
    for n, event in enumerate(events):
        checklists.record(state, TimestampedEvent(event.at, n, event), PLACE)
    return state.work.checklists["check"]


# Approvals ------------------------------------------------------------------------------------------------------


def test_approvals_of_all_forms_are_remembered() -> None:
    """Each approver's latest approval is remembered; an inspector's own approval replaces no one else's."""
    found = after(approved(10), approved(20, by="ann"), approved(30, "v2"), approved(40, by="bob"))

    assert found.approved == {"v2": {"bob": at(30)}, "v1": {"bob": at(40), "ann": at(20)}}


def test_old_approvals_are_forgotten() -> None:
    """An approval is forgotten when it is as old as the answers that it could cover."""
    found = after(approved(10), approved(20, "v2"), approved(10 + DAY, "v3"))

    assert found.approved == {"v2": {"bob": at(20)}, "v3": {"bob": at(10 + DAY)}}


def test_approvals_are_capped(monkeypatch: pytest.MonkeyPatch) -> None:
    """When there are too many approvals, the oldest is forgotten first."""
    monkeypatch.setattr(checklists, "MOST_APPROVED", 2)
    found = after(approved(10), approved(20, "v2"), approved(30, "v3"))

    assert found.approved.keys() == {"v2", "v3"}


@pytest.mark.parametrize(("seconds", "counts"), [(9, False), (10, True), (11, True)])
def test_an_approval_counts_from_the_instant_at_which_the_answer_was_sent(
    seconds: float, counts: bool
) -> None:
    """An approval counts from the instant at which the answer was sent; an earlier one does not."""
    found = after(answer(10), approved(seconds))

    assert checklists.is_approved(found, found.answers["exits-free"]) is counts


# Answers that do not count any more -----------------------------------------------------------------------------


def test_a_rejection_voids_the_answers_of_its_form_up_to_its_instant() -> None:
    """Answers of other forms stay, and so do later ones of the same form."""
    found = after(answer(10), answer(10, "cold-store", "v2"), rejected(10), answer(11, "carpet"))

    assert found.answers == {
        "cold-store": Answer(at(10), "pass", "v2", "ann"),
        "carpet": Answer(at(11), "pass", "v1", "ann"),
    }
    assert found.void == {"v1": at(10) + timedelta.resolution}


def test_a_rejection_is_remembered_for_answers_that_arrive_late() -> None:
    """A rejection is remembered as long as late answers could count; the rejection of another form changes nothing."""
    found = after(rejected(20), rejected(15), rejected(30, "v2"), answer(10))
    end = timedelta.resolution

    assert found.answers == {}
    assert found.void == {"v1": at(20) + end, "v2": at(30) + end}
    assert after(rejected(20), rejected(21 + DAY, "v2")).void == {"v2": at(21 + DAY) + end}


@pytest.mark.parametrize(
    ("first", "second", "stands"),
    [
        (answer(10), answer(20, result="fail"), "fail"),
        (answer(20), answer(10, result="fail"), "pass"),
        (answer(10), answer(10, result="fail"), "fail"),
        (answer(10, result="fail"), answer(10), "fail"),
        (answer(10, result="fail"), answer(20), "pass"),
    ],
)
def test_the_latest_answer_stands(
    first: InspectionItem, second: InspectionItem, stands: Result
) -> None:
    """At one instant, the answer that is not a pass counts."""
    assert after(first, second).answers["exits-free"].result == stands


@pytest.mark.parametrize(
    ("value", "unit", "result"),
    [
        (5.0, "celsius", "pass"),
        (5.1, "celsius", "fail"),
        (None, "celsius", "unknown"),
        (4.0, "volt", "unknown"),
    ],
)
def test_a_measured_value_decides(value: float | None, unit: Unit, result: Result) -> None:
    """The value decides whether a ticked pass counts; without a value in the right unit it is unknown."""
    ticked = replace(answer(10, "cold-store"), value=value, unit=unit)

    assert judged(ticked, PLACE, {}) == replace(ticked, result=result)


# A zone's checklists together -----------------------------------------------------------------------------------

OTHER = Checklist(
    id="other",
    name="Other",
    zone="hall",
    lead="safety",
    items=(
        ChecklistItem(id="lamp", text="The lamp is on"),
        ChecklistItem(id="pump", text="The pump runs", criticality="impairment"),
    ),
)


def form(checklist: str, **results: Result) -> InspectionSubmitted:
    """A form of a checklist."""
    items = tuple(
        Item(item=name.replace("_", "-"), result=result, value=4, unit="celsius")
        for name, result in results.items()
    )
    return InspectionSubmitted(
        at=at(10), checklist=checklist, inspection=f"of-{checklist}", items=items
    )


@pytest.mark.parametrize("is_first", [True, False])
def test_the_worst_checklist_of_a_zone_decides(is_first: bool) -> None:
    """The worst checklist decides in any order, even if a noncritical item comes first; rules get the same in words."""
    own, foyer = VENUE.checklists[:1], VENUE.checklists[1:]
    both = (OTHER, *own) if is_first else (*own, OTHER)
    titled = rule(
        by="zone",
        title="{state}: {reason}",
        match=Match(of=on("zone.inspected", where='state == "failed"')),
    )
    venue = replace(VENUE, checklists=(*both, *foyer))
    harness = EngineHarness(rule_set(titled, venue=venue))
    harness.receive(form("check", exits_free="pass", cold_store="pass"))
    harness.receive(form("other", lamp="pass", pump="fail"))
    harness.tick(20)
    status = harness.engine.state.places.zones["hall"].status

    assert (status.inspected, status.reason) == (
        "failed",
        phrase("item-answered", checklist="Other", item="The pump runs", answer="fail", at=at(10)),
    )
    assert [alert.title for alert in harness.alerts()] == [
        "failed: Other, The pump runs: fail at 1 January 08:00"
    ]
