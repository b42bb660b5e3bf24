"""Checks commands about alerts: why one is refused, from the state of the alert and from who sends it."""

from collections.abc import Mapping
from datetime import timedelta

from monitor.core.alert import TABLE, Act, Alert, Condition, Handling
from monitor.core.events.commands import (
    Staff,
    StaffAcknowledge,
    StaffClose,
    StaffEscalate,
    StaffHandOver,
    StaffNote,
    StaffShelve,
    StaffTick,
    StaffUnshelve,
)
from monitor.core.phrase import Phrase, phrase
from monitor.core.state.state import State
from monitor.core.transitions import StaffAct

LONGEST_SHELVING = timedelta(hours=24)
"""The longest shelving: a shift and the next one; judgement."""
ACTS: Mapping[type[Staff], tuple[Act, StaffAct]] = {
    StaffAcknowledge: (Act.ACKNOWLEDGE, "acknowledge"),
    StaffShelve: (Act.SHELVE, "shelve"),
    StaffUnshelve: (Act.UNSHELVE, "unshelve"),
    StaffClose: (Act.CLOSE, "close"),
    StaffHandOver: (Act.HAND_OVER, "hand_over"),
    StaffEscalate: (Act.ESCALATE, "escalate"),
    StaffTick: (Act.TICK, "tick"),
    StaffNote: (Act.NOTE, "note"),
}


def objection(state: State, alert: Alert, command: Staff) -> Phrase | None:
    """Return why a command is refused; ``None`` if it is not."""
    if ACTS[type(command)][0] not in TABLE[alert.status]:
        return phrase("alert-state", condition=alert.condition, handling=alert.handling)
    if reason := _objection_to_person(state, alert, command):
        return reason
    match command:
        case StaffAcknowledge(who=who) if _has(alert, who, unverified=is_unverified(state, who)):
            return phrase("alert-already-yours")
        case StaffAcknowledge(who=who, taken_from=seen) if _is_taken(alert, who, seen):
            return phrase("alert-taken", person=alert.owner)
        case StaffHandOver(to=to) if _has(alert, to, unverified=False):
            return phrase("hand-over-already-theirs", person=to)
        case StaffShelve():
            return _objection_to_shelving(state, alert, command)
        case StaffClose():
            return _objection_to_closing(alert, command)
        case StaffTick():
            return _objection_to_tick(alert, command)
        case StaffNote(note=note) if not note.strip():
            return phrase("note-empty")
        case _:
            return None


def stranger(state: State, who: str) -> Phrase | None:
    """Return why a person may not keep others from being paged; ``None`` if they may."""
    return phrase("shift-person-unknown", person=who) if is_unverified(state, who) else None


def is_unverified(state: State, who: str) -> bool:
    """Return whether a person is not in the roster. Without one no one is paged, and everyone may act."""
    roster = state.paging.roster
    return roster is not None and roster.verifies_people and who not in roster.by_id


def _has(alert: Alert, who: str, *, unverified: bool) -> bool:
    is_theirs = alert.owner == who and alert.handling is Handling.ACKNOWLEDGED
    return is_theirs and alert.unverified == unverified


def _is_taken(alert: Alert, who: str, seen: str | None) -> bool:
    """Return whether another person has an alert than the one from whom it is to be taken."""
    return seen is not None and not alert.needs_owner and alert.owner not in {who, seen}


def _objection_to_person(state: State, alert: Alert, command: Staff) -> Phrase | None:
    """Refuse what would end the calls on the word of a stranger; to acknowledge ends none."""
    match command:
        case StaffAcknowledge() if alert.needs_owner:
            return None
        case StaffAcknowledge() | StaffShelve() | StaffHandOver():
            return stranger(state, command.who)
        case StaffClose() if alert.condition is Condition.ACTIVE:
            return stranger(state, command.who)
        case _:
            return None


def _objection_to_shelving(state: State, alert: Alert, command: StaffShelve) -> Phrase | None:
    now = state.time.now
    if alert.severity == "life_safety":
        return phrase("shelve-life-safety")
    if command.until <= now:
        return phrase("shelve-end-past")
    return phrase("shelve-too-long") if command.until - now > LONGEST_SHELVING else None


def _objection_to_closing(alert: Alert, command: StaffClose) -> Phrase | None:
    if alert.condition is Condition.CLEARED:
        return None
    if not alert.latched:
        return phrase("close-still-active")
    return None if command.note else phrase("close-needs-note")


def _objection_to_tick(alert: Alert, command: StaffTick) -> Phrase | None:
    step, last = command.step, alert.steps
    before = next((row for row in alert.ticked if row.step == step), None)
    if step > last:
        return phrase("tick-step-unknown", step=step, last=last)
    if command.undo:
        return None if before else phrase("tick-none", step=step)
    return phrase("tick-already", step=step, person=before.who) if before else None
