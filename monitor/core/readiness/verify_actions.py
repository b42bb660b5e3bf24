"""Verifications that arrive before the form that bears them out: they wait for it, and are refused if none comes."""

from collections.abc import Callable, Iterator
from datetime import datetime

from monitor.core.effects import Effects
from monitor.core.events import AnyEvent
from monitor.core.events.work import ActionCancelled, ActionReopened, ActionVerified
from monitor.core.readiness import inspections
from monitor.core.state.state import State
from monitor.core.state.timers import VerificationTimer
from monitor.core.state.work import ActionState, PendingVerification
from monitor.core.utc import later

MOST = 8
"""The limit of verifications of one action that wait at a time."""


def wait(
    state: State, event: ActionVerified, action: ActionState, t: datetime, effects: Effects
) -> bool:
    """Let a verification wait for its form; return false if no form can make it true."""
    if not inspections.can_still_be_verified(state, event, action):
        return False
    rows = state.work.pending.get(event.action, [])
    until = later(t, state.rule_set.venue.readiness.verification_wait)
    for place, row in enumerate(rows):
        if (row.event.who, row.event.inspection) == (event.who, event.inspection):
            # Sent again: it does not wait longer for that.
            rows[place] = PendingVerification(event, t, row.until)
            return True
    if len(rows) >= MOST:
        return False
    state.work.pending[event.action] = [*rows, PendingVerification(event, t, until)]
    effects.wake(VerificationTimer(until, event.action))
    return True


def is_pending(state: State, event: ActionVerified) -> bool:
    """Return whether a verification waits for its form."""
    return any(row.event is event for row in state.work.pending.get(event.action, ()))


def awaited_until(state: State, name: str) -> datetime | None:
    """Return until when the form for a verification of an action is awaited; ``None`` if none waits."""
    return max((row.until for row in state.work.pending.get(name, ())), default=None)


def release(state: State) -> Iterator[PendingVerification]:
    """Yield and forget the verifications that are true by now."""
    for name, rows in list(state.work.pending.items()):
        action = state.work.actions.get(name)
        for row in rows:
            if action is not None and (
                action.stage == "verified" or inspections.is_verified(state, row.event, action)
            ):
                _forget(state, name, row)
                yield row


def outdated(state: State, event: AnyEvent, t: datetime) -> list[PendingVerification]:
    """Return and forget the verifications that an event makes void: later, the work was not enough or not required."""
    if not isinstance(event, ActionReopened | ActionCancelled):
        return []
    return _take(state, event.action, lambda row: row.at <= t)


def overdue(state: State, timer: VerificationTimer) -> list[PendingVerification]:
    """Return and forget the verifications for which no form has come in time."""
    return _take(state, timer.action, lambda row: row.until <= timer.due)


def _take(
    state: State, name: str, matches: Callable[[PendingVerification], bool]
) -> list[PendingVerification]:
    found = [row for row in state.work.pending.get(name, ()) if matches(row)]
    for row in found:
        _forget(state, name, row)
    return found


def _forget(state: State, name: str, row: PendingVerification) -> None:
    rows = state.work.pending[name] = [
        other for other in state.work.pending[name] if other is not row
    ]
    if not rows:
        del state.work.pending[name]
