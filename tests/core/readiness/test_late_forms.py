"""Forms that are sent long after the inspection: findings are ordered and aged by when they were made."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from monitor.core.events.inspection import (
    InspectionAmended,
    InspectionApproved,
    InspectionItem,
    InspectionRejected,
    InspectionSubmitted,
    Item,
)
from monitor.core.events.vocabulary import Result
from monitor.core.readiness import findings
from monitor.core.rules.model import RuleSet
from monitor.core.state import snapshot
from monitor.core.venue.model import Needs
from tests.support.engine import RULE_SET, SHIPPED, VENUE, EngineHarness, at

HOUR, DAY = 3600.0, 24 * 3600.0


def form(
    sent: float,
    finished: float | None = None,
    exits: Result = "pass",
    *,
    name: str = "i1",
    revision: int = 1,
) -> InspectionSubmitted:
    """A form of the hall, with the time at which the inspection ended."""
    return InspectionSubmitted(
        at=at(sent),
        checklist="check",
        inspection=name,
        inspector="ann",
        revision=revision,
        finished_at=None if finished is None else at(finished),
        items=(
            Item(item="exits-free", result=exits),
            Item(item="cold-store", result="pass", value=4, unit="celsius"),
        ),
    )


def amended(
    sent: float, exits: Result = "pass", finished: float | None = None
) -> InspectionAmended:
    """A correction of form i1."""
    first = form(sent, exits=exits)
    return InspectionAmended(
        at=first.at,
        checklist=first.checklist,
        inspection=first.inspection,
        inspector=first.inspector,
        revision=2,
        finished_at=None if finished is None else at(finished),
        items=first.items,
    )


def inspected(harness: EngineHarness) -> str:
    """The verdict of the hall's checklists."""
    return harness.engine.state.places.zones["hall"].status.inspected


def ready(harness: EngineHarness) -> str:
    """The readiness of the hall."""
    status = harness.engine.state.readiness.statuses
    return next(row.state for row in status.values() if row.zone == "hall")


def harness(rules: RuleSet = RULE_SET) -> EngineHarness:
    """A harness with the shipped rules, in which the hall needs neither approval nor sign-off."""
    venue = replace(rules.venue, readiness=Needs(approval=False, sign_off=False))
    return EngineHarness(replace(rules, venue=venue))


def test_a_form_finished_before_its_interval_gives_no_go() -> None:
    """Findings older than the interval have expired, however recently the tablet sent them."""
    found = harness()
    found.tick(2 * DAY)
    found.receive(form(2 * DAY, finished=0))
    found.tick(2 * DAY + 60)

    assert (inspected(found), ready(found)) == ("expired", "unknown")


def test_a_pass_expires_its_interval_after_the_inspection() -> None:
    """A pass expires one interval after the inspection, not after the form was sent."""
    found = harness()
    found.tick(20 * HOUR)
    found.receive(form(20 * HOUR, finished=0))
    found.tick(DAY - 5)

    assert (inspected(found), ready(found)) == ("passed", "go")

    found.tick(DAY + 5)

    assert (inspected(found), ready(found)) == ("expired", "unknown")


@pytest.mark.parametrize("gap", [0.5, 600])
def test_an_older_form_does_not_replace_a_fresh_fail(gap: float) -> None:
    """An older form replaces a fail neither in the readiness nor for the alert, even if both come almost at once."""
    found = harness()
    found.tick(HOUR)
    found.receive(form(HOUR, finished=HOUR - 5, exits="fail", name="i2"))
    found.receive(form(HOUR + gap, finished=HOUR - 1800))
    found.tick(HOUR + gap + 60)

    assert (inspected(found), ready(found)) == ("failed", "no_go")
    assert found.changes("critical-item-failed") == ["raised"]


@pytest.mark.parametrize("gap", [0.5, 600])
def test_an_older_fail_is_history_after_a_newer_pass(gap: float) -> None:
    """Something that has passed since raises no alert; two failed visits within a week are still noticed."""
    found = harness()
    found.tick(HOUR)
    found.receive(form(HOUR, finished=HOUR - 5, name="i3"))
    found.receive(form(HOUR + gap, finished=HOUR - 1800, exits="fail", name="i1"))
    found.receive(form(HOUR + 2 * gap, finished=HOUR - 900, exits="fail", name="i2"))
    found.tick(HOUR + 2 * gap + 60)

    assert inspected(found) == "passed"
    assert found.changes("critical-item-failed") == []
    assert found.changes("item-failed-twice") == ["raised"]


def test_a_late_fail_without_a_newer_pass_is_raised() -> None:
    """A late fail is raised however old it is, because no one has looked again."""
    found = harness()
    found.tick(30 * DAY)
    found.receive(form(30 * DAY, finished=0, exits="fail"))
    found.tick(30 * DAY + 60)

    assert (inspected(found), ready(found)) == ("failed", "no_go")
    assert found.changes("critical-item-failed") == ["raised"]


def test_a_correction_replaces_the_form_and_keeps_its_age() -> None:
    """A correction is no new inspection: its pass clears the alert, and expires with the inspection."""
    for correction in (
        amended(2 * HOUR),
        form(2 * HOUR, revision=2),
        amended(2 * HOUR, finished=0),
    ):
        found = harness()
        found.tick(HOUR)
        found.receive(form(HOUR, finished=0, exits="fail"))
        found.receive(correction)
        found.tick(DAY - 5)

        assert inspected(found) == "passed"
        assert found.changes("critical-item-failed") == ["raised", "cleared"]

        found.tick(DAY + 5)

        assert inspected(found) == "expired"


def test_a_correction_of_a_form_without_an_end_keeps_its_age() -> None:
    """The form counts from when it was sent, and so does its correction."""
    found = harness()
    found.receive(form(0, exits="fail"))
    found.receive(amended(DAY - 60))
    found.tick(DAY - 5)

    assert inspected(found) == "passed"

    found.tick(DAY + 5)

    assert inspected(found) == "expired"


@pytest.mark.parametrize("order", [1, -1])
def test_the_order_of_arrival_does_not_decide(order: int) -> None:
    """When a fail was found before a pass, the fail is history, in either order of arrival."""
    forms = [
        form(HOUR, finished=HOUR - 60, exits="fail", name="i1"),
        form(HOUR - 0.5, finished=HOUR - 30, name="i2"),
    ]
    found = harness()
    found.tick(HOUR)
    for row, seconds in zip(forms[::order], (HOUR + 1, HOUR + 1.4), strict=True):
        found.receive(row, seconds=seconds)
    found.tick(HOUR + 60)

    assert inspected(found) == "passed"
    assert found.changes("critical-item-failed") == []


def test_of_one_instant_the_later_finding_stands() -> None:
    """Two forms that a tablet sends at once are ordered by when they were filled in."""
    found = harness()
    found.tick(HOUR)
    found.receive(form(HOUR, finished=HOUR - 60, exits="fail", name="i1"))
    found.receive(form(HOUR, finished=HOUR - 30, name="i2"))
    found.tick(HOUR + 60)

    assert inspected(found) == "passed"
    assert found.changes("critical-item-failed") == []


def test_of_two_findings_of_one_instant_a_fail_stands() -> None:
    """A pass at the same moment does not clear the alert of a fail."""
    found = harness()
    found.tick(HOUR)
    found.receive(form(HOUR, finished=HOUR - 30, exits="fail", name="i1"))
    found.receive(form(HOUR + 30, finished=HOUR - 30, name="i2"))
    found.tick(HOUR + 60)

    assert inspected(found) == "failed"
    assert found.changes("critical-item-failed") == ["raised"]


def test_no_answer_is_no_later_finding() -> None:
    """A late fail is raised although a later visit left the item undone."""
    found = harness()
    found.tick(HOUR)
    found.receive(form(HOUR, finished=HOUR - 30, exits="not_done", name="i2"))
    found.receive(form(HOUR + 30, finished=HOUR - 60, exits="fail", name="i1"))
    found.tick(HOUR + 60)

    assert inspected(found) == "unknown"
    assert found.changes("critical-item-failed") == ["raised"]


def test_a_correction_of_an_older_form_does_not_replace_a_newer_one() -> None:
    """The newer inspection counts, even if an older form is corrected later."""
    found = harness()
    found.receive(form(10, finished=5))
    found.receive(form(HOUR, finished=HOUR - 5, exits="fail", name="i2"))
    found.receive(amended(2 * HOUR))
    found.tick(2 * HOUR + 60)

    assert inspected(found) == "failed"
    assert found.changes("critical-item-failed") == ["raised"]


def test_an_earlier_revision_that_arrives_later_stays_replaced() -> None:
    """A late earlier revision stays replaced, even if both name the same end of the inspection."""
    found = harness()
    found.tick(200)
    found.receive(form(100, finished=0, exits="fail", revision=2), seconds=200)
    found.receive(form(50, finished=0), seconds=210)
    found.tick(300)

    assert inspected(found) == "failed"
    assert found.changes("critical-item-failed") == ["raised"]


def test_a_form_sent_again_after_a_rejection_counts() -> None:
    """The rejection voids what was sent before it, whenever it was found."""
    rejected = InspectionRejected(at=at(HOUR), checklist="check", inspection="i1", approver="bob")
    found = harness()
    found.receive(form(10, finished=5), rejected, seconds=HOUR)
    found.tick(HOUR + 60)

    assert inspected(found) == "unknown"

    found.receive(form(2 * HOUR, finished=5, revision=2))
    found.tick(2 * HOUR + 60)

    assert inspected(found) == "passed"


def test_an_approval_is_for_what_had_been_sent() -> None:
    """An approver cannot have read a correction that was sent after the approval."""
    approved = InspectionApproved(
        at=at(2 * HOUR), checklist="check", inspection="i1", inspector="ann", approver="bob"
    )
    venue = replace(VENUE, readiness=Needs(sign_off=False))
    found = EngineHarness(replace(RULE_SET, venue=venue))
    found.receive(form(HOUR, finished=0))
    found.receive(approved)
    found.tick(2 * HOUR + 60)

    assert ready(found) == "go"

    found.receive(form(3 * HOUR, finished=0, revision=2))
    found.tick(3 * HOUR + 60)

    assert ready(found) == "unknown"


def test_the_next_inspection_is_due_an_interval_after_the_last() -> None:
    """A stale form does not postpone the alert about a checklist that is not done."""
    found = harness()
    found.receive(form(60, finished=60))
    found.tick(20 * HOUR)
    found.receive(form(20 * HOUR, finished=120, name="i2"))
    found.tick(DAY + 60)

    assert "check" not in {row.key for row in found.alerts("checklist-not-done")}

    found.tick(DAY + 180)

    assert "check" in {row.key for row in found.alerts("checklist-not-done")}


def test_an_answer_sent_later_is_as_old_as_it_says() -> None:
    """A form system that sends each answer separately may keep them while it is offline."""
    found = harness()
    found.tick(2 * DAY)
    for item in form(0).items:
        answer = InspectionItem(
            at=at(2 * DAY),
            finished_at=at(0),
            checklist="check",
            inspection="i1",
            item=item.item,
            result=item.result,
            value=item.value,
            unit=item.unit,
        )
        found.receive(answer)
    found.tick(2 * DAY + 60)

    assert inspected(found) == "expired"


def test_an_end_that_is_not_credible_does_not_count() -> None:
    """An end in the future is replaced by the time of sending; one in the distant past causes no calendar error."""
    found = harness()
    found.receive(form(10, finished=20 * DAY))
    found.tick(DAY)

    assert inspected(found) == "passed"

    found.tick(DAY + 15)

    assert inspected(found) == "expired"

    ancient = replace(form(2 * DAY, name="i2"), finished_at=at(0).replace(year=1))
    found.receive(ancient)
    found.tick(2 * DAY + 60)

    assert inspected(found) == "expired"


def test_a_sender_whose_clock_is_wrong_is_aged_by_its_own_clock() -> None:
    """For a tablet that is years behind, an hour between inspection and sending is still an hour."""
    years = timedelta(days=800)
    late = form(DAY, finished=DAY - 23 * HOUR)
    wrong = replace(late, at=late.at - years, finished_at=at(DAY - 23 * HOUR) - years)
    found = harness()
    found.tick(DAY)
    found.receive(wrong, seconds=DAY)
    found.tick(DAY + HOUR - 5)

    assert inspected(found) == "passed"

    found.tick(DAY + HOUR + 5)

    assert inspected(found) == "expired"


def test_the_order_survives_a_restart() -> None:
    """The latest findings are in the snapshot."""
    found = harness()
    found.tick(HOUR)
    found.receive(form(HOUR, finished=HOUR - 5, exits="fail", name="i2"))
    found.engine.state.work = snapshot.decode(snapshot.encode(found.engine.state)).work
    found.receive(form(HOUR + 1, finished=HOUR - 1800))
    found.tick(HOUR + 60)

    assert inspected(found) == "failed"
    assert found.changes("critical-item-failed") == ["raised"]


def test_only_so_many_inspections_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of remembered inspections is limited, because senders choose their names."""
    monkeypatch.setattr(findings, "MOST_FINISHED", 3)
    found = EngineHarness(SHIPPED.rule_set(VENUE))
    for n in range(6):
        found.receive(form(10 + n, finished=n, name=f"i{n}"))
    found.tick(60)

    assert list(found.engine.state.work.checklists["check"].finished) == ["i3", "i4", "i5"]
