"""Checklists: the latest answer to each item, and from these whether a zone has passed.

A zone has passed when every critical item of every checklist that its phase requires has the answer "pass" and none of
these answers is older than the checklist's interval. "Not done", "not applicable" and "unknown" do not pass.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal, assert_never, get_args

from msgspec.structs import replace

from monitor.core.derive.occupancy import touch, zone_state
from monitor.core.effects import Effects
from monitor.core.events.derived import ZoneInspected
from monitor.core.events.inspection import (
    InspectionAmended,
    InspectionApproved,
    InspectionItem,
    InspectionRejected,
    InspectionSubmitted,
    person,
)
from monitor.core.meaning.checklist import (
    checklist_item,
    is_known_item,
    meant_item,
    sending_delay,
)
from monitor.core.phrase import Phrase, RenderPhrase, phrase
from monitor.core.readiness import frozen_assets
from monitor.core.readiness.conditions import asked
from monitor.core.readiness.standing import answer_to, is_outsider, objection
from monitor.core.state.state import State
from monitor.core.state.time import TimestampedEvent
from monitor.core.state.work import Answer, ChecklistState
from monitor.core.venue.checklist import Checklist, ChecklistItem
from monitor.core.venue.places import Place, Places

Verdict = Literal["passed", "failed", "expired", "unknown"]
_Followed = (
    InspectionItem
    | InspectionSubmitted
    | InspectionAmended
    | InspectionApproved
    | InspectionRejected
)
FOLLOWED: tuple[type, ...] = get_args(_Followed)
"""The event types that change answers, or their validity."""
MOST_APPROVED = 1_000
"""Approvals remembered for one checklist, within its interval; the oldest are dropped first."""
BLOCKING = ("impairment", "critical")
"""Criticalities whose failure keeps a zone closed."""
_WORST_FIRST: tuple[Verdict, ...] = ("failed", "unknown", "expired", "passed")


def replace_earlier(state: State, timestamped: TimestampedEvent, place: Place) -> None:
    """Void the earlier revisions of a form, before the answers of this one are recorded."""
    checklist, event = place.of_checklist, timestamped.event
    if (
        checklist is not None
        and isinstance(event, InspectionAmended | InspectionSubmitted)
        and event.revision > 1
    ):
        known = state.work.checklists.setdefault(checklist.id, ChecklistState())
        # Its own answers are of this instant.
        _void(known, event.inspection, timestamped.t, checklist)


def record(state: State, timestamped: TimestampedEvent, place: Place) -> None:
    """Record answers, and what becomes of them."""
    checklist, event = place.of_checklist, timestamped.event
    if checklist is None or not isinstance(event, _Followed):
        return
    known = state.work.checklists.setdefault(checklist.id, ChecklistState())
    match event:
        case InspectionItem():
            earlier = state.work.versions.get(checklist.id, {})
            outsider = is_outsider(state.paging.roster, checklist, event)
            _answer(known, event, timestamped.t, place, earlier, outsider=outsider)
        case InspectionRejected():
            _void(known, event.inspection, timestamped.t + timedelta.resolution, checklist)
        case InspectionApproved():
            _approve(known, event, timestamped.t, checklist)
        case InspectionSubmitted() | InspectionAmended():
            pass
        case _:
            assert_never(event)


def expiry(timestamped: TimestampedEvent, place: Place) -> datetime | None:
    """Return when the answers in an event expire; ``None`` if it changes no answer."""
    checklist, event = place.of_checklist, timestamped.event
    if checklist is None:
        return None
    match event:
        case InspectionItem() | InspectionRejected():
            pass
        case InspectionAmended() | InspectionSubmitted() if event.revision > 1:
            pass
        case _:
            return None
    return timestamped.t - sending_delay(event) + checklist.interval


def expiries(state: State, checklist: Checklist) -> set[datetime]:
    """Return the times at which answers to a checklist expire."""
    record = state.work.checklists.get(checklist.id, ChecklistState())
    return {answer.at + checklist.interval for answer in record.answers.values()}


def verdict(state: State, checklist: Checklist, t: datetime) -> tuple[Verdict, Phrase | str]:
    """Return the verdict of a checklist at a time, and why it has not passed."""
    record = state.work.checklists.get(checklist.id, ChecklistState())
    found: tuple[Verdict, Phrase | str] = ("passed", "")
    for line in asked(record, checklist, t):
        if line.criticality not in BLOCKING:
            continue
        answer = answer_to(record, line)
        row = judge(answer, checklist, t)
        if _WORST_FIRST.index(row) < _WORST_FIRST.index(found[0]):
            found = row, _why(checklist, line, answer)
    return found


def _why(checklist: Checklist, line: ChecklistItem, answer: Answer | None) -> Phrase:
    if answer is None:
        return phrase("item-unanswered", checklist=checklist.name, item=line.text)
    return objection(checklist, line, answer) or phrase(
        "item-answered",
        checklist=checklist.name,
        item=line.text,
        answer=answer.result,
        at=answer.at,
    )


def judge(answer: Answer | None, checklist: Checklist, t: datetime) -> Verdict:
    """Return the verdict of one answer at a time."""
    if answer is None or answer.result not in ("pass", "fail"):
        return "unknown"
    if answer.result == "fail":
        return "failed"
    return "passed" if t < answer.at + checklist.interval else "expired"


def is_approved(record: ChecklistState, answer: Answer) -> bool:
    """Tell whether someone other than the inspector has approved an answer since it was sent.

    If the form does not name the inspector, no approval counts.
    """
    inspector = person(answer.inspector)
    approved = record.approved.get(answer.inspection, {})
    return bool(inspector) and any(
        at >= answer.sent_at and person(who) != inspector for who, at in approved.items()
    )


def inspect(  # noqa: PLR0913, PLR0917 - what a verdict rests on
    state: State, places: Places, zone: str, t: datetime, effects: Effects, render: RenderPhrase
) -> None:
    """Record the combined verdict of a zone's checklists; derive it, with its reason, if it has changed."""
    if zone not in places.zones:
        return
    venue = state.rule_set.venue
    required = [
        row for row in venue.checklists if row.zone == zone and venue.congress.phase in row.phases
    ]
    verdicts = [verdict(state, checklist, t) for checklist in required]
    worst, reason = min(
        verdicts,
        key=lambda row: _WORST_FIRST.index(row[0]),
        default=("passed", phrase("no-checklist")),
    )
    reads: Verdict | Literal["no_checklist"] = worst if required else "no_checklist"
    record = zone_state(state, places, zone)
    if (record.status.inspected, record.status.reason) != (reads, reason):
        touch(state, record, replace(record.status, inspected=reads, reason=reason))
        effects.derive(ZoneInspected(at=t, zone=zone, state=worst, reason=render(reason)))


def found_in(event: InspectionItem, t: datetime) -> Answer:
    """Return an answer that was sent at this time."""
    delay = sending_delay(event)
    sent = t if delay else None
    return Answer(
        t - delay,
        event.result,
        event.inspection,
        event.inspector,
        sent,
        value=event.value,
        unit="" if event.value is None else event.unit,
        choice=event.choice,
    )


def is_newer(answer: Answer, than: Answer | None) -> bool:
    """Tell whether a finding replaces another; of two at one instant, the one that is not "pass" counts."""
    return than is None or than.at < answer.at or (than.at == answer.at and answer.result != "pass")


def of_rules(inspected: Verdict | Literal["no_checklist"]) -> Verdict:
    """Return what rules see of a zone's checklists: where none is required, none is missing."""
    return "passed" if inspected == "no_checklist" else inspected


def _answer(  # noqa: PLR0913 - what an answer is judged by
    record: ChecklistState,
    event: InspectionItem,
    t: datetime,
    place: Place,
    earlier: Mapping[str, Checklist],
    *,
    outsider: bool,
) -> None:
    """Record an answer if it is the latest finding on its item."""
    if t < record.void.get(event.inspection, t):
        return
    answer, line = found_in(event, t), checklist_item(place, event.item)
    if frozen_assets.is_void(record, answer.at):
        frozen_assets.note_void(record)
        return
    if line is None:
        meant = None if is_known_item(place, event.item, earlier) else meant_item(place, event.item)
        if meant is not None and (meant or event.result == "fail"):
            doubt = record.doubts.get(meant)
            record.doubts[meant] = answer if doubt is None or doubt.at <= answer.at else doubt
        return
    if line.unit and event.value is not None and event.unit != line.unit:
        answer = replace(answer, wrong_unit=event.unit)
    answer = replace(answer, outsider=outsider) if outsider else answer
    if is_newer(answer, record.answers.get(event.item)):
        record.answers[event.item] = answer


def _approve(
    record: ChecklistState, event: InspectionApproved, t: datetime, checklist: Checklist
) -> None:
    since = t - checklist.interval
    kept = {name: by for name, by in record.approved.items() if max(by.values()) > since}
    by = {**kept.pop(event.inspection, {}), event.approver: t}
    record.approved = {**dict(list(kept.items())[1 - MOST_APPROVED :]), event.inspection: by}


def _void(record: ChecklistState, inspection: str, until: datetime, checklist: Checklist) -> None:
    """Void the answers of an inspection that were sent before; forget what has expired in any case."""
    since = until - checklist.interval
    void = {name: at for name, at in record.void.items() if at > since}
    void[inspection] = max(until, void.get(inspection, until))
    record.void = void
    record.answers = {
        item: answer
        for item, answer in record.answers.items()
        if answer.inspection != inspection or answer.sent_at >= until
    }
    record.doubts = {
        item: answer
        for item, answer in record.doubts.items()
        if answer.inspection != inspection or answer.sent_at >= until
    }
