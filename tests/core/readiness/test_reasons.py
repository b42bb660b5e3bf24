"""Each reason of a verdict in full: its sentence with all arguments, its state, who must act, and how long it holds."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from monitor.core.events.vocabulary import ReadinessState, Severity
from monitor.core.phrase import Phrase, phrase
from monitor.core.phrase_ids import PhraseId
from monitor.core.readiness import reasons
from monitor.core.readiness.verdict import as_of
from monitor.core.state.work import (
    ActionState,
    Answer,
    CertificateState,
    ChecklistState,
    SignOffState,
)
from monitor.core.transitions import ReadinessStatus, Reason
from monitor.core.venue.checklist import Checklist, ChecklistItem
from tests.support.engine import at

DAY = 86_400
CHECKLIST = Checklist(
    id="safety",
    name="Safety",
    zone="hall",
    interval=timedelta(days=1),
    lead="fire",
    coordinating=("site",),
    items=(
        ChecklistItem(id="exits", text="Exits are free", criticality="critical"),
        ChecklistItem(id="pump", text="The pump runs", criticality="impairment"),
        ChecklistItem(id="store", text="Cold store", criticality="critical", unit="celsius"),
        ChecklistItem(id="lamp", text="The lamp is on"),
        ChecklistItem(id="carpet", text="The carpet is clean", criticality="observation"),
    ),
)
PASSED = Answer(at(0), "pass", "v1", "ann")
ALL = dict.fromkeys(("exits", "pump", "store", "lamp", "carpet"), PASSED)


def of_checklist(answers: Mapping[str, Answer | None], *, approval: bool = False) -> list[Reason]:
    """The reasons of the checklist after a minute, with everything passed except the given items."""
    known = {name: row for name, row in {**ALL, **answers}.items() if row is not None}
    record = ChecklistState(answers=known)
    return list(reasons.of_checklist(record, CHECKLIST, at(60), approval=approval))


def reason(state: ReadinessState, what: Phrase, **parts: Any) -> Reason:  # noqa: ANN401
    """A reason of the checklist: its place and its agencies are always the same."""
    common = {"zone": "hall", "checklist": "safety", "lead": "fire", "coordinating": ("site",)}
    return Reason(state=state, what=what, **{**common, **parts})


# Checklists -----------------------------------------------------------------------------------------------------


def test_a_passed_checklist_holds_until_its_first_answer_expires() -> None:
    """The answer to an observation does not count."""
    earlier, oldest = replace(PASSED, at=at(-100)), replace(PASSED, at=at(-200))

    assert of_checklist({"pump": earlier, "carpet": oldest}) == [
        reason("go", phrase("checklist-passed", checklist="Safety"), until=at(DAY - 100))
    ]


@pytest.mark.parametrize(
    ("item", "text", "criticality", "state", "impaired"),
    [
        ("exits", "Exits are free", "critical", "no_go", False),
        ("pump", "The pump runs", "impairment", "no_go", True),
        ("lamp", "The lamp is on", "noncritical", "go_with_conditions", False),
    ],
)
def test_a_failed_item_is_named_with_its_criticality(
    item: str, text: str, criticality: str, state: ReadinessState, impaired: bool
) -> None:
    """An impairment is a danger to life; what still allows a go holds until the passed answers expire."""
    what = phrase("checklist-item-failed", checklist="Safety", criticality=criticality, item=text)
    until = at(DAY) if state == "go_with_conditions" else None

    assert of_checklist({item: replace(PASSED, result="fail")}) == [
        reason(state, what, until=until, life_safety=impaired)
    ]


def test_items_without_an_answer_are_named_together() -> None:
    """Items that can keep a zone closed are named apart from the others; none of them is a danger to life."""
    assert of_checklist(
        {"exits": None, "pump": replace(PASSED, result="not_done"), "lamp": None}
    ) == [
        reason(
            "unknown",
            phrase(
                "checklist-items-unanswered",
                checklist="Safety",
                items="Exits are free; The pump runs",
            ),
        ),
        reason(
            "go_with_conditions",
            phrase("checklist-items-unanswered", checklist="Safety", items="The lamp is on"),
            until=at(DAY),
        ),
    ]


def test_expired_items_are_named() -> None:
    """Items are named as expired when their answers are as old as the interval."""
    what = phrase("checklist-items-expired", checklist="Safety", items="The pump runs")

    assert of_checklist({"pump": replace(PASSED, at=at(60 - DAY))}) == [reason("unknown", what)]


@pytest.mark.parametrize(
    ("inspector", "name"),
    [("ann", "checklist-unapproved"), ("", "checklist-unsigned-inspection")],
)
def test_an_inspection_without_an_approval_is_named(inspector: str, name: PhraseId) -> None:
    """An inspection that names no inspector can't be approved by another person."""
    answer = replace(PASSED, inspection="v2", inspector=inspector)

    assert of_checklist(dict.fromkeys(ALL, answer), approval=True) == [
        reason("unknown", phrase(name, checklist="Safety", inspection="v2"))
    ]


# Actions --------------------------------------------------------------------------------------------------------


def action(severity: Severity | None = "critical", **parts: Any) -> ActionState:  # noqa: ANN401
    """A repair in the hall."""
    fields = {"kind": "repair", "zone": "hall", "lead": "site", "coordinating": ("fire",)}
    return ActionState(at=at(0), severity=severity, **{**fields, **parts})


def of_work(state: ReadinessState, what: Phrase, *, life_safety: bool = False) -> Reason:
    """The reason that follows from the repair."""
    return Reason(
        state=state,
        what=what,
        zone="hall",
        action="a1",
        lead="site",
        coordinating=("fire",),
        life_safety=life_safety,
    )


@pytest.mark.parametrize(
    ("parts", "name", "more"),
    [
        ({}, "action-open", {}),
        ({"due_at": at(60)}, "action-open-due", {"due_at": at(60)}),
        ({"stage": "done"}, "action-done", {}),
        ({"stage": "done", "due_at": at(60)}, "action-done", {}),
        ({"stage": "done", "done_by": "carl"}, "action-done-by", {"who": "carl"}),
        ({"stage": "open", "done_by": "carl"}, "action-open", {}),
    ],
)
def test_open_work_says_how_far_it_is(
    parts: dict[str, Any],
    name: PhraseId,
    more: dict[str, Any],
) -> None:
    """The reason gives the work's kind, id and severity, when it is due, and who has done it."""
    what = phrase(name, kind="repair", action="a1", severity="critical", **more)

    assert reasons.of_action("a1", action(**parts)) == of_work("no_go", what)


@pytest.mark.parametrize(
    ("severity", "state", "impaired"),
    [
        ("impairment", "no_go", True),
        ("critical", "no_go", False),
        ("noncritical", "go_with_conditions", False),
    ],
)
def test_open_work_weighs_what_its_severity_weighs(
    severity: Severity, state: ReadinessState, impaired: bool
) -> None:
    """Only an impairment is a danger to life."""
    what = phrase("action-open", kind="repair", action="a1", severity=severity)

    assert reasons.of_action("a1", action(severity)) == of_work(state, what, life_safety=impaired)


def test_work_whose_opening_is_missing_is_unknown() -> None:
    """The severity of the work is not known, but its zone is."""
    what = phrase("action-opening-missing", action="a1")

    assert reasons.of_action("a1", action(None, kind=None)) == of_work("unknown", what)


@pytest.mark.parametrize(
    "closed",
    [
        action(stage="verified"),
        action(stage="cancelled"),
        action("observation"),
        action("noncritical", stage="done"),
    ],
)
def test_work_that_is_closed_or_does_not_matter_is_no_reason(closed: ActionState) -> None:
    """Work that was not critical is no longer a reason once it is done."""
    assert reasons.of_action("a1", closed) is None


# Certificates and sign-offs -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expires_at", "state", "name", "more"),
    [
        (None, "no_go", "asset-certificate-revoked", {}),
        (60, "no_go", "asset-certificate-expired", {"expires_at": at(60)}),
        (61, "go_with_conditions", "certificate-expires-early", {"expires_at": at(61)}),
        (
            3 * DAY - 1,
            "go_with_conditions",
            "certificate-expires-early",
            {"expires_at": at(3 * DAY - 1)},
        ),
        (3 * DAY, "go", "certificate-valid", {}),
    ],
)
def test_a_certificate_says_whether_it_outlasts_the_congress(
    expires_at: float | None,
    state: ReadinessState,
    name: PhraseId,
    more: dict[str, Any],
) -> None:
    """The reason gives the certificate's asset, kind and date; at its last second a certificate has expired."""
    until = None if expires_at is None else at(expires_at)
    row = CertificateState(at(0), "lift 2", "brakes", "hall", "tuev", until)
    what = phrase(name, asset="lift 2", kind="brakes", **more)

    assert reasons.of_certificate(row, at(3 * DAY), at(60)) == Reason(
        state=state, what=what, certificate="lift 2 brakes", until=until
    )


def test_a_certificate_is_valid_if_the_congress_has_no_end() -> None:
    """If the congress has no end, there is nothing that the certificate has to outlast."""
    row = CertificateState(at(0), "lift", "lift", "hall", "tuev", at(61))

    assert reasons.of_certificate(row, None, at(60)).state == "go"


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (SignOffState(), Reason(state="unknown", what=phrase("not-signed-off"))),
        (
            SignOffState("eve", at(60), at(59), "x"),
            Reason(state="go", what=phrase("sign-off-valid", who="eve", at=at(60))),
        ),
        (
            SignOffState("eve", at(60), at(60), "x"),
            Reason(state="no_go", what=phrase("sign-off-void", who="eve", at=at(60), why="x")),
        ),
    ],
)
def test_a_sign_off_counts_if_it_is_later_than_what_voids_it(
    record: SignOffState, expected: Reason
) -> None:
    """What voids it at the same instant counts as later: in doubt a zone is not ready."""
    assert reasons.of_sign_off(record) == expected


# How they are worded --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["a"], "a"),
        (["a", "b"], "a, b"),
        (["a, x", "b"], "a, x; b"),
        (list("abcde"), "a, b, c, d, e"),
        (list("abcdef"), phrase("listed-more", names="a, b, c, d, e", more=1)),
        (list("abcdefg"), phrase("listed-more", names="a, b, c, d, e", more=2)),
    ],
)
def test_at_most_five_names_are_listed(names: list[str], shown: Phrase | str) -> None:
    """At most five names are listed and the others counted; names that contain commas are separated by semicolons."""
    assert reasons.listed(names) == shown


# Read later -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["go", "go_with_conditions"])
def test_what_has_expired_since_comes_first_and_says_so(state: ReadinessState) -> None:
    """A reader of an old journal sees what has expired, what it was, and the reasons that still hold."""
    lasting = Reason(state="go", what="signed off")
    later = Reason(state="go", what="certified", until=at(100))
    passed = Reason(state=state, what=phrase("checklist-passed", checklist="Safety"), until=at(60))
    status = ReadinessStatus(
        zone="hall", site="centre", state=state, reasons=(lasting, later, passed)
    )
    stale = replace(passed, state="unknown", what=phrase("expired-since", what=passed.what))

    assert as_of(status, at(59)) == status
    assert as_of(status, at(60)) == replace(
        status, state="unknown", reasons=(stale, lasting, later)
    )


def test_a_zone_that_was_no_go_stays_so() -> None:
    """A zone that was no go stays so even if something has expired since."""
    passed = Reason(state="go", what="passed", until=at(60))
    failed = Reason(state="no_go", what="failed")
    status = ReadinessStatus(zone="hall", state="no_go", reasons=(failed, passed))

    assert as_of(status, at(60)) == status
