"""Inspections as evidence of successful work: later than it, by another person, of its subject, and passed."""

from collections.abc import Mapping
from datetime import datetime

from monitor.core.events.inspection import (
    InspectionAmended,
    InspectionItem,
    InspectionRejected,
    InspectionSubmitted,
    person,
)
from monitor.core.events.work import ActionVerified
from monitor.core.meaning.checklist import sending_delay
from monitor.core.state.state import State
from monitor.core.state.time import TimestampedEvent
from monitor.core.state.work import ActionState, Answer, InspectionRecord
from monitor.core.venue.checklist import Checklist
from monitor.core.venue.places import Place

MOST = 5_000
"""Inspections that are remembered; beyond this the oldest one by someone not on the roster is forgotten first."""


def remember(state: State, timestamped: TimestampedEvent, place: Place) -> None:
    """Remember what an inspection has found, and its latest revision only."""
    event, known = timestamped.event, state.work.inspections
    if isinstance(event, InspectionRejected):
        known.pop(event.inspection, None)
        return
    if place.of_checklist is None or not isinstance(
        event, InspectionItem | InspectionSubmitted | InspectionAmended
    ):
        return
    row = known.pop(event.inspection, None)
    if row is None or row.checklist != event.checklist:
        row = InspectionRecord(event.checklist, place.zone)
    row.inspector = event.inspector or row.inspector
    if isinstance(event, InspectionItem):
        _answer(row, event, timestamped.t)
    elif event.revision > 1:
        row.answers = {
            item: answer for item, answer in row.answers.items() if answer.sent_at >= timestamped.t
        }
    if len(known) >= MOST:
        del known[_least_needed(state, known)]
    known[event.inspection] = row


def _least_needed(state: State, known: Mapping[str, InspectionRecord]) -> str:
    people = {} if state.paging.roster is None else state.paging.roster.by_id
    strangers = (name for name, row in known.items() if row.inspector not in people)
    return next(strangers, next(iter(known)))


def _answer(row: InspectionRecord, event: InspectionItem, t: datetime) -> None:
    at, before = t - sending_delay(event), row.answers.get(event.item)
    if before is None or before.sent_at <= t:
        row.answers[event.item] = Answer(at, event.result, sent=t)


def is_verified(state: State, event: ActionVerified, action: ActionState) -> bool:
    """Tell whether the work of an action has been inspected as a verification says.

    The inspection that it names counts, or any if it names none. Only where no checklist covers the subject of the
    action, so that no form can come, does the word of a named person count who hasn't done the work.
    """
    if event.who and person(event.who) == person(action.done_by):
        return False
    covering = {row.id: row for row in state.rule_set.venue.checklists if _covers(row, action)}
    known = state.work.inspections
    if event.inspection:
        found = known.get(event.inspection)
        return found is not None and _is_evidence(found, action, covering)
    if not covering:
        # Without its opening, it is not known what the action is about.
        return bool(event.who) and action.kind is not None
    return any(_is_evidence(found, action, covering) for found in known.values())


def can_still_be_verified(state: State, event: ActionVerified, action: ActionState) -> bool:
    """Tell whether a form, or the report that the action was opened, may still come and make a verification true.

    An inspection that is known and no evidence does not become evidence, and no one verifies their own work.
    """
    if event.who and person(event.who) == person(action.done_by):
        return False
    if event.inspection:
        return event.inspection not in state.work.inspections
    return action.kind is None or any(
        _covers(row, action) for row in state.rule_set.venue.checklists
    )


def _covers(checklist: Checklist, action: ActionState) -> bool:
    """Tell whether a checklist can show that the work of an action has succeeded."""
    if action.zone:
        return action.zone == checklist.zone
    return _names(checklist, action.asset) or _names(checklist, action.from_item)


def _names(checklist: Checklist, name: str) -> bool:
    return bool(name) and name in (checklist.id, *(row.id for row in checklist.items))


def _is_evidence(
    found: InspectionRecord, action: ActionState, covering: Mapping[str, Checklist]
) -> bool:
    """Tell whether an inspection shows that the work has succeeded: the item in question, or all of its answers."""
    if found.checklist not in covering:
        return False
    if person(found.inspector) in ("", person(action.done_by)):
        return False
    results = {
        item: answer.result
        for item, answer in found.answers.items()
        if action.worked_at is None or answer.at > action.worked_at
    }
    for subject in (action.from_item, action.asset):
        if any(_names(row, subject) for row in covering.values()) and subject != found.checklist:
            return results.get(subject) == "pass"
    return "pass" in results.values() and "fail" not in results.values()
