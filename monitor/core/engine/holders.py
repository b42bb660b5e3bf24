"""Commands about holders: begin or end a drill, tick off who has reported, and look a holder up."""

from typing import assert_never

from msgspec.structs import replace

from monitor.core.derive import muster_roll
from monitor.core.effects import Effects
from monitor.core.events.derived_people import MusterExpected, MusterReported
from monitor.core.events.muster import (
    AboutHolders,
    StaffAccountFor,
    StaffAddToMuster,
    StaffLookup,
    StaffMuster,
)
from monitor.core.phrase import Phrase, phrase
from monitor.core.state.people import MusterRoll, Reported
from monitor.core.state.state import State
from monitor.core.transitions import StaffAct, StaffRefused

MOST_ADDED = 500
"""People without a badge on one list; judgement: more is a mistake, or an attack."""


def execute(state: State, command: AboutHolders, effects: Effects) -> None:
    """Execute a command, or refuse it with the reason."""
    match command:
        case StaffMuster():
            _muster(state, command, effects)
        case StaffAccountFor():
            _account_for(state, command, effects)
        case StaffAddToMuster():
            _add(state, command, effects)
        case StaffLookup():
            _look_up(state, command, effects)
        case _:
            assert_never(command)


def _muster(state: State, command: StaffMuster, effects: Effects) -> None:
    """Begin or end a drill, or refuse to with the reason."""
    now = state.time.now
    if reason := _objection_to_muster(state, command):
        _refuse(state, command, "muster", reason, effects)
    elif command.active:
        muster_roll.begin(state, command.site, now, drill_by=command.who)
    else:
        muster_roll.end(state, command.site, now)


def _account_for(state: State, command: StaffAccountFor, effects: Effects) -> None:
    """Tick off a holder, or take that back; or refuse to with the reason.

    In a fire alarm, rules learn of it like of a badge at an assembly point; nobody is paged about a drill.
    """
    if reason := _objection_to_account(state, command):
        _refuse(state, command, "account_for", reason, effects)
        return
    now, people = state.time.now, state.people
    roll = people.rolls[command.site]
    entry = roll.entries[command.holder]
    reported = None if command.undo else Reported(now, "hand", command.who)
    roll.entries[command.holder] = replace(entry, reported=reported, ticks=entry.ticks + 1)
    seen = people.holders.get(command.holder)
    if roll.drill_by or roll.over_at is not None or seen is None:
        return
    if seen.mustering == command.undo:
        return
    people.holders[command.holder] = replace(seen, mustering=command.undo)
    if command.undo:
        effects.notice(MusterExpected(at=now, zone=entry.zone, holder=command.holder))
    else:
        event = MusterReported(at=now, zone=entry.zone, holder=command.holder, who=command.who)
        effects.notice(event)


def _add(state: State, command: StaffAddToMuster, effects: Effects) -> None:
    """Put a person without a badge on the list, or refuse to with the reason."""
    roll = state.people.rolls.get(command.site)
    if roll is None:
        _refuse(state, command, "account_for", phrase("muster-off"), effects)
    elif (reason := _objection_to_adding(state, roll, command)) is not None:
        _refuse(state, command, "account_for", reason, effects)
    else:
        muster_roll.add(roll, command.name, command.zone, state.time.now, command.who)


def _look_up(state: State, command: StaffLookup, effects: Effects) -> None:
    """Refuse a search without a subject or a reason; any other is only recorded."""
    if not command.subject.strip():
        _refuse(state, command, "lookup", phrase("lookup-empty"), effects)
    elif not command.reason.strip():
        _refuse(state, command, "lookup", phrase("lookup-needs-reason"), effects)


def _refuse(
    state: State, command: AboutHolders, act: StaffAct, reason: Phrase, effects: Effects
) -> None:
    refused = StaffRefused(at=state.time.now, who=command.who, act=act, alert="", reason=reason)
    effects.emit(refused)


def _objection_to_muster(state: State, command: StaffMuster) -> Phrase | None:
    if all(row.id != command.site for row in state.rule_set.venue.sites):
        return phrase("mask-place-unknown", place=command.site)
    roll = state.people.rolls.get(command.site)
    is_on = roll is not None and roll.over_at is None
    if command.active:
        return phrase("muster-on") if is_on else None
    if roll is None or not is_on:
        return phrase("muster-off")
    return None if roll.drill_by else phrase("muster-no-drill")


def _objection_to_adding(
    state: State, roll: MusterRoll, command: StaffAddToMuster
) -> Phrase | None:
    if not command.name.strip():
        return phrase("muster-needs-name")
    venue = state.rule_set.venue
    if all((row.id, row.site) != (command.zone, command.site) for row in venue.zones):
        return phrase("mask-place-unknown", place=command.zone)
    if muster_roll.key_of(command.name) in roll.entries:
        return phrase("muster-added-already")
    if sum(bool(entry.name) for entry in roll.entries.values()) >= MOST_ADDED:
        return phrase("muster-full", most=MOST_ADDED)
    return None


def _objection_to_account(state: State, command: StaffAccountFor) -> Phrase | None:
    roll = state.people.rolls.get(command.site)
    entry = None if roll is None else roll.entries.get(command.holder)
    if entry is None:
        return phrase("muster-unknown")
    if command.undo:
        return None if entry.reported else phrase("muster-not-reported")
    if entry.reported is None:
        return None
    if entry.reported.how == "hand":
        return phrase("muster-ticked", person=entry.reported.who)
    return phrase("muster-reported")
