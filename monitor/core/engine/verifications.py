"""Verifications of corrective actions: those that wait for their form count when it comes, or are refused in the end.

The sender, if named, receives the outcome as an answer.
"""

from collections.abc import Sequence

from monitor.core.engine.context import Context, Placed
from monitor.core.engine.stages.arrive import rejected
from monitor.core.events import AnyEvent
from monitor.core.events.work import ActionDone, ActionVerified
from monitor.core.phrase import Phrase, phrase
from monitor.core.readiness import open_items, verdict, verify_actions
from monitor.core.state.time import TimestampedEvent
from monitor.core.state.timers import VerificationTimer
from monitor.core.transitions import StaffAnswered

FOLLOWED: frozenset[type] = frozenset((ActionDone, ActionVerified))
"""The event types that rules may not see."""


def is_withheld(context: Context, event: AnyEvent) -> bool:
    """Keep a verification that no inspection bears out from the rules; inform its sender if none can.

    So is the end of work that was reported once more, or late, and has been inspected since: nothing is awaited.
    """
    if isinstance(event, ActionDone):
        return open_items.is_covered(context.state, event)
    if not isinstance(event, ActionVerified):
        return False
    if verify_actions.is_pending(context.state, event):
        return True
    if not open_items.is_refused(context.state, event):
        return False
    _refuse(context, event)
    return True


def settle(context: Context, events: Sequence[Placed]) -> list[Placed]:
    """Return the verifications that are true with these events, which have been recorded; refuse those made void."""
    for row, _ in events:
        for pending in verify_actions.outdated(context.state, row.event, row.t):
            _refuse(context, pending.event, phrase("work-reopened"))
    released = list(verify_actions.release(context.state))
    if not released:
        return []
    latest, _ = events[-1]
    t = context.state.time.watermark if latest.late else latest.t
    found = []
    for pending in released:
        event = pending.event
        _answer(context, event)
        found.append((TimestampedEvent(t, latest.n, event), context.rules.place_of(event)))
    return found


def expire(context: Context, timer: VerificationTimer) -> None:
    """Refuse the verifications for which no form has come in time."""
    state = context.state
    rows = verify_actions.overdue(state, timer)
    if not rows:
        return
    wait = round(state.rule_set.venue.readiness.verification_wait.total_seconds())
    for pending in rows:
        _refuse(context, pending.event, phrase("form-not-come", wait=wait))
    zone = state.work.actions[timer.action].zone
    zones = {zone if zone in context.rules.places.zones else ""}
    verdict.assess(
        state,
        state.rule_set.venue,
        zones,
        timer.due,
        context.effects,
        context.alerts.titles.render_phrase,
    )


def _refuse(context: Context, event: ActionVerified, cause: Phrase | str = "") -> None:
    """Notice that a verification does not count, and answer its sender.

    Args:
        context: the context.
        event: the verification.
        cause: what has ended its wait; empty if it has not waited.

    """
    why = phrase("work-not-verified", action=event.action, cause=cause, inspection=event.inspection)
    source = f"venue/{_site(context, event)}/action/{event.action}"
    context.effects.notice(rejected(context, source, why))
    _answer(context, event, why)


def _answer(context: Context, event: ActionVerified, refusal: Phrase | None = None) -> None:
    if not event.who:
        return
    answer = StaffAnswered(
        at=context.state.time.now,
        site=_site(context, event),
        who=event.who,
        id=event.id,
        accepted=refusal is None,
        reason=refusal or "",
    )
    context.effects.emit(answer)


def _site(context: Context, event: ActionVerified) -> str:
    places, action = context.rules.places, context.state.work.actions.get(event.action)
    zone = event.zone if action is None else action.zone
    return places.zones.get(zone, places.nowhere).site or context.rules.rule_set.venue.congress.id
