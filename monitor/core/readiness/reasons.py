"""What each checklist, action, certificate and sign-off says about a zone's readiness, in words, and who has to act."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from msgspec.structs import replace

from monitor.core.events.vocabulary import ReadinessState
from monitor.core.readiness import checklists as inspection
from monitor.core.readiness.checklists import Verdict
from monitor.core.state.state import ActionState, Answer, CertificateState, ChecklistState, SignOff
from monitor.core.transitions import Reason
from monitor.core.venue.model import Checklist, ChecklistItem

HOLDS: tuple[ReadinessState, ...] = ("go_with_conditions", "go")
"""What may be opened; it lasts as long as what it rests on."""
NAMED = 5
"""Items that a reason names; of more it tells the number."""


def of_checklist(
    record: ChecklistState, checklist: Checklist, t: datetime, *, approval: bool
) -> Iterator[Reason]:
    """Yield what keeps a zone from passing one of its checklists; or that it has passed, and how long that holds."""
    common = Reason(
        state="unknown",
        what="",
        zone=checklist.zone,
        checklist=checklist.id,
        lead=checklist.lead,
        coordinating=checklist.coordinating,
    )
    groups: dict[tuple[bool, Verdict], list[ChecklistItem]] = {}
    for line in checklist.items:
        if line.criticality != "observation":
            blocks = line.criticality in inspection.BLOCKING
            found = _worth(line, record.answers.get(line.id), checklist, t)
            groups.setdefault((blocks, found), []).append(line)
    found_wrong = list(_wrong(groups))
    passed = [
        line.id for (_, found), lines in groups.items() if found == "passed" for line in lines
    ]
    answers = [record.answers[line] for line in passed]
    if approval:
        found_wrong += [("unknown", what, False) for what in _unapproved(record, answers)]
    until = min((answer.at + checklist.interval for answer in answers), default=None)
    for state, what, life in found_wrong or [("go", "passed", False)]:
        holds = until if state in HOLDS else None
        what_of = f"{checklist.name}: {what}"
        yield replace(common, state=state, what=what_of, until=holds, life_safety=life)


def _worth(
    line: ChecklistItem, answer: Answer | None, checklist: Checklist, t: datetime
) -> Verdict:
    """Return what the answer to an item is worth; what doesn't apply matters only where it could block."""
    if answer is not None and answer.result == "na" and line.criticality == "noncritical":
        answer = replace(answer, result="pass")
    return inspection.judge(answer, checklist, t)


def _wrong(
    groups: Mapping[tuple[bool, Verdict], list[ChecklistItem]],
) -> Iterator[tuple[ReadinessState, str, bool]]:
    """Yield what is wrong: the state, in words, and whether lives depend on it."""
    for (blocks, found), lines in groups.items():
        if found == "failed":
            state: ReadinessState = "no_go" if blocks else "go_with_conditions"
            for line in lines:
                what = f"failed ({line.criticality}): {line.text}"
                yield state, what, line.criticality == "impairment"
        elif found != "passed":
            why = "expired" if found == "expired" else "not answered"
            state = "unknown" if blocks else "go_with_conditions"
            yield state, f"{why}: {listed([line.id for line in lines])}", False


def _unapproved(record: ChecklistState, answers: Iterable[Answer]) -> Iterator[str]:
    lacking = {
        (answer.inspection, bool(answer.inspector))
        for answer in answers
        if not inspection.is_approved(record, answer)
    }
    for visit, is_signed in sorted(lacking):
        if is_signed:
            yield f"nobody but the inspector has approved inspection {visit}"
        else:
            yield f"inspection {visit} doesn't say who inspected, so nobody can approve it"


def of_action(name: str, action: ActionState) -> Reason | None:
    """Return what a corrective action keeps from being ready; ``None`` if it is over, or never mattered."""
    if action.stage in ("verified", "cancelled") or action.severity == "observation":
        return None
    common = Reason(
        state="unknown",
        what="",
        zone=action.zone,
        action=name,
        lead=action.lead,
        coordinating=action.coordinating,
    )
    if action.severity is None:
        return replace(common, what=f"action {name}: its opening was never heard of")
    if action.severity == "noncritical" and action.stage == "done":
        return None
    standing = "is open" if action.due_at is None else f"is open, due {_time(action.due_at)}"
    if action.stage == "done":
        by = f" by {action.done_by}" if action.done_by else ""
        standing = f"was done{by}, and nobody else has verified it"
    blocks = action.severity in inspection.BLOCKING
    what = f"{action.kind} {name} ({action.severity}) {standing}"
    return replace(
        common,
        state="no_go" if blocks else "go_with_conditions",
        what=what,
        life_safety=action.severity == "impairment",
    )


def of_certificate(row: CertificateState, ends_at: datetime | None, t: datetime) -> Reason:
    """Return what a certificate is worth at a time."""
    name, until = f"{row.asset} {row.kind}", row.expires_at
    if until is None:
        found: tuple[ReadinessState, str] = "no_go", "was revoked"
    elif until <= t:
        found = "no_go", f"expired {_time(until)}"
    elif ends_at is not None and until < ends_at:
        found = "go_with_conditions", f"expires {_time(until)}, before the congress ends"
    else:
        found = "go", "is valid"
    return Reason(
        state=found[0], what=f"certificate of {name} {found[1]}", certificate=name, until=until
    )


def of_sign_off(record: SignOff) -> Reason:
    """Return who has signed, or why that doesn't count."""
    if not record.who:
        return Reason(state="unknown", what="nobody has signed")
    if record.lost_at >= record.at:
        what = f"the sign-off of {record.who} is void since {_time(record.lost_at)}: {record.lost}"
        return Reason(state="no_go", what=what)
    return Reason(state="go", what=f"signed by {record.who} at {_time(record.at)}")


def listed(lines: list[str]) -> str:
    """Return names for people: the first of them, and how many more there are."""
    more = len(lines) - NAMED
    return ", ".join(lines[:NAMED]) + (f" and {more} more" if more > 0 else "")


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}Z"
