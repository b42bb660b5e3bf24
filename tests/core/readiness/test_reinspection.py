"""Verified repairs: the inspection that verifies one exists, is later, by another person, and of the same place."""

import pytest

from monitor.core.events import ReceivedEvent
from monitor.core.events.inspection import (
    InspectionAmended,
    InspectionItem,
    InspectionRejected,
    InspectionSubmitted,
    Item,
)
from monitor.core.events.vocabulary import Result
from monitor.core.events.work import (
    ActionDone,
    ActionOpened,
    ActionReopened,
    ActionStarted,
    ActionVerified,
)
from monitor.core.readiness import inspections, verify_actions
from monitor.core.state import snapshot
from monitor.core.transitions import StaffAnswered
from monitor.texts import plain
from tests.support.engine import RULE_SET, EngineHarness, at

HOUR = 3600.0
LIMIT = 7 * HOUR + 60
"""When no form is awaited any more for a verification three hours after the start."""
DONE = ActionDone(at=at(HOUR), action="a1", who="carl")


def opened(**parts: str) -> ActionOpened:
    """An impairment of the hall."""
    named = {"zone": "hall", **parts}
    return ActionOpened(at=at(60), action="a1", kind="repair", severity="impairment", **named)  # type: ignore[arg-type]


def answer(
    seconds: float,
    *,
    by: str = "ann",
    result: Result = "pass",
    item: str = "exits-free",
    checklist: str = "check",
    finished: float | None = None,
) -> InspectionItem:
    """One answer of inspection i2."""
    return InspectionItem(
        at=at(seconds),
        finished_at=None if finished is None else at(finished),
        checklist=checklist,
        inspection="i2",
        inspector=by,
        item=item,
        result=result,
    )


def verified(inspection: str = "i2", who: str = "ann", seconds: float = 3 * HOUR) -> ActionVerified:
    """A report that an inspection has verified the repair."""
    return ActionVerified(at=at(seconds), action="a1", who=who, inspection=inspection)


def play(*events: ReceivedEvent, opening: ActionOpened | None = None) -> EngineHarness:
    """Play the repair, and then these events."""
    harness = EngineHarness(RULE_SET)
    for event in (opening or opened(), DONE, *events):
        harness.receive(event)
    harness.tick(3 * HOUR + 60)
    return harness


def stage_of(harness: EngineHarness) -> str:
    """The stage of the action."""
    return harness.engine.state.work.actions["a1"].stage


def test_a_later_inspection_by_another_person_verifies_the_work() -> None:
    """The action is over, and its alerts clear."""
    found = play(answer(2 * HOUR), verified())

    assert stage_of(found) == "verified"
    assert found.alerts("rejected-input") == []
    assert found.changes("not-inspected-after-repair")[-1:] in ([], ["cleared"])


@pytest.mark.parametrize(
    "evidence",
    [
        (),
        (answer(HOUR - 60),),
        (answer(2 * HOUR, finished=HOUR - 60),),
        (answer(2 * HOUR, by="Carl "),),
        (answer(2 * HOUR, by=""),),
        (answer(2 * HOUR, result="fail"),),
        (answer(2 * HOUR, checklist="foyer-check", item="lights"),),
        (
            answer(2 * HOUR),
            InspectionRejected(
                at=at(2 * HOUR + 60), checklist="check", inspection="i2", approver="bob"
            ),
        ),
    ],
    ids=["none", "earlier", "sent later", "own", "nameless", "failed", "elsewhere", "rejected"],
)
def test_an_inspection_that_is_no_evidence_verifies_nothing(
    evidence: tuple[ReceivedEvent, ...],
) -> None:
    """The action stays done, no rule counts it as verified, and the sender is informed."""
    found = play(*evidence, verified())
    found.tick(LIMIT)

    assert stage_of(found) == "done"
    (alert,) = found.alerts("rejected-input")
    assert "a1" in alert.key
    assert "cleared" not in found.changes("not-inspected-after-repair")


@pytest.mark.parametrize("named", ["i2", ""])
def test_a_verification_may_leave_the_inspection_to_the_monitor(named: str) -> None:
    """Without a matching inspection a verification does not count: the sender's word alone closes nothing."""
    assert stage_of(play(answer(2 * HOUR), verified(named))) == "verified"

    found = play(verified(named))
    found.tick(LIMIT)

    assert stage_of(found) == "done"
    assert [row.rule for row in found.alerts("rejected-input")] == ["rejected-input"]


def test_the_one_who_did_the_work_cannot_verify_it() -> None:
    """The person who did the work cannot verify it even with another person's inspection, and no alert clears."""
    found = play(answer(2 * HOUR), verified(who="carl"))

    assert stage_of(found) == "done"
    assert "cleared" not in found.changes("not-inspected-after-repair")


def test_an_empty_form_is_no_evidence() -> None:
    """An empty form is no evidence, because nothing has passed."""
    form = InspectionSubmitted(at=at(2 * HOUR), checklist="check", inspection="i2", inspector="ann")

    assert stage_of(play(form, verified())) == "done"


def test_an_answer_from_before_the_work_is_no_evidence() -> None:
    """An answer from before the work is no evidence, even if its inspection went on after it."""
    early = answer(HOUR - 60, item="exits-free")
    opening = opened(from_item="exits-free")

    assert stage_of(play(early, answer(2 * HOUR, item="carpet"), verified(), opening=opening)) == (
        "done"
    )


def test_work_that_is_begun_again_needs_a_new_inspection() -> None:
    """An inspection from before it was reopened no longer counts."""
    again = ActionReopened(at=at(2 * HOUR + 60), action="a1")

    assert stage_of(play(answer(2 * HOUR), again, verified())) == "open"


@pytest.mark.parametrize(("done", "arrives"), [(4 * HOUR, 4 * HOUR), (2.5 * HOUR, 4 * HOUR)])
def test_work_after_the_inspection_needs_another_one(done: float, arrives: float) -> None:
    """Work that ends after the inspection is a new claim, even if its report arrives after the verification."""
    found = play(answer(2 * HOUR), verified())
    found.receive(ActionDone(at=at(done), action="a1", who="carl"), seconds=arrives)
    found.receive(verified("", seconds=4.5 * HOUR))
    found.tick(6 * HOUR)

    assert stage_of(found) == "done"
    assert found.changes("not-inspected-after-repair") == ["raised", "cleared", "raised"]

    found.receive(answer(6.5 * HOUR))
    found.tick(7 * HOUR)
    assert stage_of(found) == "verified"
    assert found.changes("not-inspected-after-repair")[-1] == "cleared"


@pytest.mark.parametrize("done", [HOUR, 1.5 * HOUR])
def test_work_before_the_inspection_stays_verified(done: float) -> None:
    """Its end is reported again, or late: the inspection has seen the work, and no rule waits for another one."""
    found = play(answer(2 * HOUR), verified())
    again = ActionDone(at=at(done), action="a1", who="carl", note="sent again")
    found.receive(again, seconds=4 * HOUR)
    found.tick(40 * HOUR)

    assert stage_of(found) == "verified"
    assert found.changes("not-inspected-after-repair") == ["raised", "cleared"]
    assert found.changes("not-inspected-for-a-day") == []


def test_late_work_by_the_one_who_inspected_it_is_not_verified() -> None:
    """It turns out that the inspector ended the work: no one verifies their own."""
    found = play(answer(2 * HOUR), verified())
    found.receive(ActionDone(at=at(1.5 * HOUR), action="a1", who="ann"), seconds=4 * HOUR)
    found.tick(4 * HOUR + 60)

    assert stage_of(found) == "done"


@pytest.mark.parametrize("begun", [2.5 * HOUR, 4 * HOUR])
def test_work_that_begins_after_the_inspection_opens_the_action(begun: float) -> None:
    """Whoever works on it again may break it again."""
    found = play(answer(2 * HOUR), verified())
    found.receive(ActionStarted(at=at(begun), action="a1", who="carl"), seconds=4 * HOUR)
    found.tick(4 * HOUR + 60)

    assert stage_of(found) == "open"


def test_form_and_verification_may_be_of_one_instant() -> None:
    """If both are at one instant, the form counts as first, in either order of arrival."""
    assert stage_of(play(verified(), answer(3 * HOUR))) == "verified"


@pytest.mark.parametrize(("who", "stage"), [("ann", "verified"), ("Carl", "done"), ("", "done")])
def test_where_no_form_can_come_a_named_person_verifies(who: str, stage: str) -> None:
    """No checklist covers a lift without a zone, so the word of another person has to be enough."""
    lift = opened(zone="", asset="lift-1")

    assert stage_of(play(verified("", who=who), opening=lift)) == stage
    assert stage_of(play(verified("i9", who=who), opening=lift)) == "done"


def test_a_correction_takes_its_form_back_as_evidence() -> None:
    """After a correction, what the earlier revision had passed no longer counts."""
    corrected = InspectionAmended(
        at=at(2 * HOUR + 60),
        checklist="check",
        inspection="i2",
        inspector="ann",
        revision=2,
        items=(Item(item="exits-free", result="fail"),),
    )

    assert stage_of(play(answer(2 * HOUR), corrected, verified())) == "done"


def test_a_defect_that_is_back_stays_until_it_is_verified() -> None:
    """A verification without evidence does not clear the alert on the board either."""
    found = play(ActionReopened(at=at(2 * HOUR), action="a1"), verified())

    assert found.changes("defect-back") == ["raised"]


def test_an_action_from_an_item_needs_that_item_to_pass() -> None:
    """Another item of the same checklist is no evidence."""
    opening = opened(from_item="exits-free")

    assert stage_of(play(answer(2 * HOUR), verified(), opening=opening)) == "verified"
    other = answer(2 * HOUR, item="carpet")
    assert stage_of(play(other, verified(), opening=opening)) == "done"


def answers(harness: EngineHarness) -> list[tuple[str, bool]]:
    """The answers to the sender of a verification: to whom, and whether it counts."""
    return [(row.who, row.accepted) for row in harness.seen if isinstance(row, StaffAnswered)]


@pytest.mark.parametrize("named", ["i2", ""])
def test_a_verification_waits_for_its_form(named: str) -> None:
    """It waits visibly; with the form, which comes an hour later, the action is over and its sender informed."""
    found = play(verified(named))
    found.engine.state.work = snapshot.decode(snapshot.encode(found.engine.state)).work
    (reason,) = [
        plain(row.what)
        for row in found.engine.state.readiness.statuses["centre/hall"].reasons
        if row.action
    ]

    assert reason.endswith("its inspection form is awaited until 2026-01-01 15:00Z")
    assert (found.alerts("rejected-input"), answers(found)) == ([], [])

    found.receive(answer(2 * HOUR), seconds=4 * HOUR)
    found.tick(LIMIT)

    assert stage_of(found) == "verified"
    assert (found.alerts("rejected-input"), answers(found)) == ([], [("ann", True)])
    assert "raised" not in found.changes("not-inspected-for-a-day")


def test_a_verification_without_a_form_is_refused_in_the_end() -> None:
    """After the wait of the venue file its sender is informed; a form that comes later changes nothing."""
    found = play(verified())
    found.receive(verified(seconds=3 * HOUR + 1800))
    found.tick(LIMIT)
    (alert,) = found.alerts("rejected-input")

    assert "no form came within 4 h; inspection" in alert.title
    assert answers(found) == [("ann", False)]
    found.receive(answer(2 * HOUR), seconds=8 * HOUR)
    found.tick(9 * HOUR)
    assert stage_of(found) == "done"


def test_an_opening_and_an_end_of_work_may_come_after_the_verification() -> None:
    """All reports of a repair come in the wrong order: each counts with its own time."""
    found = EngineHarness(RULE_SET)
    events: tuple[ReceivedEvent, ...] = (verified(), answer(2 * HOUR), DONE, opened())
    for n, event in enumerate(events):
        found.receive(event, seconds=3 * HOUR + 600 * n)
        found.tick(3 * HOUR + 600 * n + 60)
        assert (stage_of(found) == "verified") == (n == 3)

    found.tick(2 * LIMIT)
    assert found.alerts("rejected-input") == []
    assert [row for row in answers(found) if row[1]] == [("ann", True)]


def test_a_repair_after_the_inspection_is_not_verified_by_it() -> None:
    """The end of the work comes late, and lies after the inspection: the verification keeps waiting."""
    found = EngineHarness(RULE_SET)
    found.receive(opened())
    found.receive(verified())
    found.tick(3 * HOUR + 60)
    found.receive(ActionDone(at=at(2.5 * HOUR), action="a1", who="carl"), seconds=3 * HOUR + 120)
    found.receive(answer(2 * HOUR), seconds=3 * HOUR + 180)
    found.tick(3 * HOUR + 300)

    assert stage_of(found) == "done"


def test_work_that_is_begun_again_ends_the_wait() -> None:
    """A verification from before the reopening is refused at once, and a form for the new work verifies nothing."""
    found = play(verified())
    found.receive(ActionReopened(at=at(4 * HOUR), action="a1"))
    found.receive(answer(5 * HOUR))
    found.tick(6 * HOUR)

    assert stage_of(found) == "open"
    assert answers(found) == [("ann", False)]


def test_only_so_many_verifications_of_one_action_wait() -> None:
    """Invented inspections do not pile up: beyond the limit a verification is refused at once."""
    found = play(*(verified(f"x{n}") for n in range(20)))

    assert len(found.engine.state.work.pending["a1"]) == verify_actions.MOST
    assert len(answers(found)) == 20 - verify_actions.MOST


def test_the_same_verification_counts_once_the_inspection_is_known() -> None:
    """A report that is sent again counts as one."""
    found = play(verified())
    found.receive(answer(4 * HOUR))
    found.receive(verified(seconds=5 * HOUR))
    found.tick(5 * HOUR + 60)

    assert stage_of(found) == "verified"


def test_evidence_survives_a_restart() -> None:
    """What inspections have found is in the snapshot."""
    found = play(answer(2 * HOUR))
    found.engine.state.work = snapshot.decode(snapshot.encode(found.engine.state)).work
    found.receive(verified(seconds=4 * HOUR))
    found.tick(4 * HOUR + 60)

    assert stage_of(found) == "verified"


def test_only_so_many_inspections_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The inspection that was reported longest ago is forgotten."""
    monkeypatch.setattr(inspections, "MOST", 2)
    found = EngineHarness(RULE_SET)
    for n in range(4):
        form = InspectionSubmitted(at=at(n), checklist="check", inspection=f"i{n}", inspector="ann")
        found.receive(form)
    found.tick(60)

    assert list(found.engine.state.work.inspections) == ["i2", "i3"]
