"""Readiness reasons: the effect of each checklist, action, certificate and sign-off, and who must act."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from msgspec.structs import replace

from monitor.core.events.vocabulary import ReadinessState
from monitor.core.phrase import Phrase, phrase
from monitor.core.readiness import checklists
from monitor.core.readiness.checklists import Verdict
from monitor.core.readiness.conditions import asked
from monitor.core.readiness.standing import answer_to, objection
from monitor.core.state.work import (
    ActionState,
    Answer,
    CertificateState,
    ChecklistState,
    SignOffState,
)
from monitor.core.transitions import Reason
from monitor.core.venue.checklist import Checklist, ChecklistItem

HOLDS: tuple[ReadinessState, ...] = ("go_with_conditions", "go")
"""States in which a zone may be opened; they expire with what they depend on."""
NAMED = 5
"""The most items that a reason names; it counts the others."""
NOTHING: Phrase = phrase("nothing-known")


def of_checklist(
    record: ChecklistState, checklist: Checklist, t: datetime, *, approval: bool
) -> Iterator[Reason]:
    """Yield the reasons why a zone has not passed one of its checklists, or that it has, and until when."""
    common = Reason(
        state="unknown",
        what=NOTHING,
        zone=checklist.zone,
        checklist=checklist.id,
        lead=checklist.lead,
        coordinating=checklist.coordinating,
    )
    groups: dict[tuple[bool, Verdict], list[ChecklistItem]] = {}
    mismeasured: list[tuple[ReadinessState, Phrase, bool]] = []
    for line in asked(record, checklist, t):
        if line.criticality != "observation":
            blocks = line.criticality in checklists.BLOCKING
            answer = answer_to(record, line)
            if (what := objection(checklist, line, answer)) is not None:
                state: ReadinessState = "unknown" if blocks else "go_with_conditions"
                mismeasured.append((state, what, False))
                continue
            found = _worth(line, answer, checklist, t)
            groups.setdefault((blocks, found), []).append(line)
    found_wrong = [*_reopened(record, checklist, groups), *mismeasured, *_wrong(checklist, groups)]
    passed = [
        line.id for (_, found), lines in groups.items() if found == "passed" for line in lines
    ]
    answers = [record.answers[line] for line in passed]
    if approval:
        found_wrong += [
            ("unknown", what, False) for what in _unapproved(checklist, record, answers)
        ]
    until = min((answer.at + checklist.interval for answer in answers), default=None)
    passes: tuple[ReadinessState, Phrase, bool] = (
        "go",
        phrase("checklist-passed", checklist=checklist.name),
        False,
    )
    for state, what, life in found_wrong or [passes]:
        holds = until if state in HOLDS else None
        yield replace(common, state=state, what=what, until=holds, life_safety=life)


def _reopened(
    record: ChecklistState,
    checklist: Checklist,
    groups: Mapping[tuple[bool, Verdict], list[ChecklistItem]],
) -> Iterator[tuple[ReadinessState, Phrase, bool]]:
    """Yield that a frozen asset was changed, until everything that could block is inspected again."""
    change = record.change
    if change is not None and change.voided and (True, "unknown") in groups:
        asset, at = change.asset, change.at
        what = (
            phrase(
                "checklist-reopened-by",
                checklist=checklist.name,
                asset=asset,
                at=at,
                who=change.who,
            )
            if change.who
            else phrase("checklist-reopened", checklist=checklist.name, asset=asset, at=at)
        )
        yield "no_go", what, False


def _worth(
    line: ChecklistItem, answer: Answer | None, checklist: Checklist, t: datetime
) -> Verdict:
    """Return the verdict of an answer; "not applicable" matters only for an item that could block."""
    if answer is not None and answer.result == "na" and line.criticality == "noncritical":
        answer = replace(answer, result="pass")
    return checklists.judge(answer, checklist, t)


def _wrong(
    checklist: Checklist, groups: Mapping[tuple[bool, Verdict], list[ChecklistItem]]
) -> Iterator[tuple[ReadinessState, Phrase, bool]]:
    """Yield each problem: its state, its reason, and whether it is an impairment."""
    for (blocks, found), lines in groups.items():
        if found == "failed":
            state: ReadinessState = "no_go" if blocks else "go_with_conditions"
            for line in lines:
                what = phrase(
                    "checklist-item-failed",
                    checklist=checklist.name,
                    criticality=line.criticality,
                    item=line.text,
                )
                yield state, what, line.criticality == "impairment"
        elif found != "passed":
            state = "unknown" if blocks else "go_with_conditions"
            items = listed([line.text for line in lines], "; ")
            if found == "expired":
                what = phrase("checklist-items-expired", checklist=checklist.name, items=items)
            else:
                what = phrase("checklist-items-unanswered", checklist=checklist.name, items=items)
            yield state, what, False


def _unapproved(
    checklist: Checklist, record: ChecklistState, answers: Iterable[Answer]
) -> Iterator[Phrase]:
    lacking = {
        (answer.inspection, bool(answer.inspector))
        for answer in answers
        if not checklists.is_approved(record, answer)
    }
    for visit, is_signed in sorted(lacking):
        if is_signed:
            yield phrase("checklist-unapproved", checklist=checklist.name, inspection=visit)
        else:
            yield phrase(
                "checklist-unsigned-inspection", checklist=checklist.name, inspection=visit
            )


def of_action(
    name: str, action: ActionState, awaited_until: datetime | None = None
) -> Reason | None:
    """Return the reason that an action gives for its zone; ``None`` if it is closed or does not matter.

    Args:
        name: its id.
        action: what is known of it.
        awaited_until: until when the form for a verification is awaited; ``None`` if none waits.

    """
    if action.stage in ("verified", "cancelled") or action.severity == "observation":
        return None
    common = Reason(
        state="unknown",
        what=NOTHING,
        zone=action.zone,
        action=name,
        lead=action.lead,
        coordinating=action.coordinating,
    )
    if action.severity is None:
        return replace(common, what=phrase("action-opening-missing", action=name))
    if action.severity == "noncritical" and action.stage == "done":
        return None
    blocks = action.severity in checklists.BLOCKING
    return replace(
        common,
        state="no_go" if blocks else "go_with_conditions",
        what=_work(name, action)
        if awaited_until is None
        else phrase(
            "action-awaits-form",
            kind=str(action.kind),
            action=name,
            severity=str(action.severity),
            until=awaited_until,
        ),
        life_safety=action.severity == "impairment",
    )


def _work(name: str, action: ActionState) -> Phrase:
    """Return a sentence about work that is open, or done and not verified."""
    kind, severity = str(action.kind), str(action.severity)
    if action.stage == "done" and action.done_by:
        return phrase(
            "action-done-by", kind=kind, action=name, severity=severity, who=action.done_by
        )
    if action.stage == "done":
        return phrase("action-done", kind=kind, action=name, severity=severity)
    if action.due_at is None:
        return phrase("action-open", kind=kind, action=name, severity=severity)
    return phrase(
        "action-open-due", kind=kind, action=name, severity=severity, due_at=action.due_at
    )


def of_certificate(row: CertificateState, ends_at: datetime | None, t: datetime) -> Reason:
    """Return the reason that a certificate gives at a time."""
    asset, kind, until = row.asset, row.kind, row.expires_at
    state: ReadinessState = "no_go"
    if until is None:
        what = phrase("asset-certificate-revoked", asset=asset, kind=kind)
    elif until <= t:
        what = phrase("asset-certificate-expired", asset=asset, kind=kind, expires_at=until)
    elif ends_at is not None and until < ends_at:
        state = "go_with_conditions"
        what = phrase("certificate-expires-early", asset=asset, kind=kind, expires_at=until)
    else:
        state, what = "go", phrase("certificate-valid", asset=asset, kind=kind)
    return Reason(state=state, what=what, certificate=f"{asset} {kind}", until=until)


def of_sign_off(record: SignOffState) -> Reason:
    """Return the reason that the sign-off gives: who has signed, or why it is void."""
    if not record.who:
        return Reason(state="unknown", what=phrase("not-signed-off"))
    if record.lost_at >= record.at:
        what = phrase("sign-off-void", who=record.who, at=record.lost_at, why=record.lost)
        return Reason(state="no_go", what=what)
    return Reason(state="go", what=phrase("sign-off-valid", who=record.who, at=record.at))


def listed(lines: list[str], separator: str = ", ") -> Phrase | str:
    """Return the first few names, and how many more there are; commas don't separate names that have some."""
    if any("," in line for line in lines):
        separator = "; "
    names, more = separator.join(lines[:NAMED]), len(lines) - NAMED
    return phrase("listed-more", names=names, more=more) if more > 0 else names
