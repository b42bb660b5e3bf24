"""Commands about one alert, such as to acknowledge, hand over or close it: executed, or refused with the reason."""

from collections.abc import Callable
from typing import assert_never

from monitor.core.alert import Alert
from monitor.core.alerts.command_check import ACTS, is_unverified, objection
from monitor.core.alerts.lifecycle import AlertLifecycle
from monitor.core.effects import Effects
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
from monitor.core.transitions import StaffRefused
from monitor.core.utc import utc


def execute(
    lifecycle: AlertLifecycle,
    command: Staff,
    effects: Effects,
    further: Callable[[Alert], Phrase | None] = lambda _: None,
) -> None:
    """Execute a command about an alert, or refuse it with the reason.

    Args:
        lifecycle: changes the alert.
        command: what a person does.
        effects: receives a refusal.
        further: returns why it is refused for what neither the alert nor its sender tell.

    """
    state = lifecycle.state
    alert = state.alerts.open.get(command.alert)
    if alert is None:
        _refuse(state, command, phrase("alert-unknown"), effects)
        return
    reason = objection(state, alert, command) or further(alert)
    if reason is not None:
        _refuse(state, command, reason, effects)
        return
    _act(lifecycle, alert, command)


def _act(lifecycle: AlertLifecycle, alert: Alert, command: Staff) -> None:
    """Change an alert as a person wants."""
    match command:
        case StaffAcknowledge(who=who):
            unverified = is_unverified(lifecycle.state, who)
            lifecycle.acknowledge(alert, who, command.note, unverified=unverified)
        case StaffShelve():
            lifecycle.shelve(alert, command.who, utc(command.until), command.reason)
        case StaffUnshelve():
            lifecycle.unshelve(alert, command.who, command.note)
        case StaffHandOver():
            lifecycle.hand_over(alert, command.who, command.to, command.note)
        case StaffEscalate():
            lifecycle.escalate(alert, command.who, command.note)
        case StaffTick(step=step):
            act = lifecycle.untick if command.undo else lifecycle.tick
            act(alert, command.who, step, command.note)
        case StaffNote():
            lifecycle.note(alert, command.who, command.note)
        case StaffClose():
            lifecycle.close(alert, command.who, command.note, command.disposition)
        case _:
            assert_never(command)


def _refuse(state: State, command: Staff, reason: Phrase, effects: Effects) -> None:
    effects.emit(
        StaffRefused(
            at=state.time.now,
            who=command.who,
            act=ACTS[type(command)][1],
            alert=command.alert,
            reason=reason,
        )
    )
