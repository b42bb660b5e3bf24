"""Open items besides checklists: corrective actions, certificates, and the sign-off of each zone."""

from collections.abc import Collection
from datetime import datetime
from typing import assert_never, get_args

from monitor.core.bounded_text import cut
from monitor.core.effects import Effects
from monitor.core.events import AnyEvent
from monitor.core.events.device import ConfigChanged
from monitor.core.events.inspection import (
    InspectionAmended,
    InspectionApproved,
    InspectionItem,
    InspectionRejected,
    InspectionSubmitted,
)
from monitor.core.events.work import (
    Action,
    ActionAssigned,
    ActionCancelled,
    ActionDone,
    ActionOpened,
    ActionReopened,
    ActionStarted,
    ActionVerified,
    AssetChanged,
    Certificate,
    CertificateIssued,
    Readiness,
    ReadinessSigned,
    ReadinessWithdrawn,
)
from monitor.core.meaning.frozen_asset import changed_asset, frozen_by
from monitor.core.phrase import Phrase, phrase, sort_key
from monitor.core.readiness import inspections, verify_actions
from monitor.core.state.senders import has_room
from monitor.core.state.state import State
from monitor.core.state.time import LONG_AGO, TimestampedEvent
from monitor.core.state.work import ActionState, CertificateState, SignOffState
from monitor.core.transitions import LogNoted
from monitor.core.utc import utc
from monitor.core.venue.places import Place

MOST = 5_000
"""The quotas of actions and certificates tracked; the monitor reports when they are exceeded."""
REBUILT = ("repair", "upgrade", "replace")
"""Work that changes a zone, so that it needs a new sign-off."""

FOLLOWED: frozenset[type] = frozenset(
    (
        InspectionItem,
        InspectionSubmitted,
        InspectionAmended,
        InspectionApproved,
        InspectionRejected,
        *get_args(Action),
        *get_args(Certificate),
        *get_args(Readiness),
        AssetChanged,
        ConfigChanged,
    )
)
"""The event types from which readiness is derived."""


def is_full(state: State, event: AnyEvent) -> bool:
    """Return whether an event starts an action or certificate beyond the limit."""
    if isinstance(event, Action):
        known = event.action in state.work.actions
        return not (known or has_room(state, event, len(state.work.actions), MOST))
    if isinstance(event, Certificate):
        known = _certificate(event) in state.work.certificates
        return not (known or has_room(state, event, len(state.work.certificates), MOST))
    return False


def record(
    state: State, timestamped: TimestampedEvent, place: Place, effects: Effects
) -> Collection[str]:
    """Record an event; return the zones whose readiness it may change, with an empty name for the sites."""
    match timestamped.event:
        case InspectionItem() | InspectionSubmitted() | InspectionAmended():
            _unsign(state, timestamped, place)
            return {place.zone} - {""}
        case InspectionApproved() | InspectionRejected():
            return {place.zone} - {""}
        case ReadinessSigned(who=who) if place.zone:
            known = state.work.sign_offs.setdefault(place.zone, SignOffState())
            if (timestamped.t, who) != (known.at, known.who) and timestamped.t >= known.at:
                known.who, known.at = who, timestamped.t
                what = phrase("log-signed-off", who=who, zone=place.zone)
                _enter_in_log(state, timestamped, place, what, effects)
            return {place.zone}
        case ReadinessWithdrawn(who=who, note=note) if place.zone:
            why = phrase("sign-off-withdrawn", who=who, note=cut(note))
            if _lose(state, place.zone, timestamped.t, why):
                what = phrase("log-sign-off-withdrawn", who=who, zone=place.zone)
                _enter_in_log(state, timestamped, place, what, effects)
            return {place.zone}
        case event if isinstance(event, Certificate):
            return _certify(state, event, timestamped.t)
        case event if isinstance(event, Action):
            return {*_act(state, event, timestamped.t, effects), *_reopen(state, timestamped)}
        case AssetChanged() | ConfigChanged():
            return _reopen(state, timestamped)
        case _:
            return ()


def _reopen(state: State, timestamped: TimestampedEvent) -> set[str]:
    """Void the sign-off of the zones in which a checklist freezes what was changed; return them."""
    event, zones = timestamped.event, set[str]()
    for checklist in frozen_by(state.rule_set.venue, event):
        asset = changed_asset(event)
        why = phrase("sign-off-asset-changed", checklist=checklist.name, asset=asset)
        _lose(state, checklist.zone, timestamped.t, why)
        zones.add(checklist.zone)
    return zones


def _unsign(state: State, timestamped: TimestampedEvent, place: Place) -> None:
    """Void the sign-off after a failed item or an amended form."""
    if place.of_checklist is None:
        return
    match timestamped.event:
        case InspectionItem(item=item, result="fail") if (
            place.criticality not in ("", "observation") and not timestamped.superseded
        ):
            lines = {row.id: row.text for row in place.of_checklist.items}
            why = phrase(
                "sign-off-item-failed",
                checklist=place.of_checklist.name,
                item=lines.get(item, item),
            )
            _lose(state, place.zone, timestamped.t, why)
        case InspectionAmended() | InspectionSubmitted() as form if form.revision > 1:
            why = phrase(
                "sign-off-amended",
                checklist=place.of_checklist.name,
                inspection=form.inspection,
            )
            _lose(state, place.zone, timestamped.t, why)
        case _:
            pass


def _lose(state: State, zone: str, t: datetime, why: Phrase) -> bool:
    """Void the sign-off; return whether this is news: a kept message may come again."""
    known = state.work.sign_offs.setdefault(zone, SignOffState())
    before, after = (known.lost_at, known.lost), (t, why)
    known.lost_at, known.lost = max(before, after, key=lambda row: (row[0], sort_key(row[1])))
    return (known.lost_at, known.lost) != before


def _enter_in_log(
    state: State, timestamped: TimestampedEvent, place: Place, what: Phrase, effects: Effects
) -> None:
    note: str = getattr(timestamped.event, "note", "")
    now, t = state.time.now, timestamped.t
    effects.emit(
        LogNoted(at=now, happened_at=t, site=place.site, zone=place.zone, what=what, note=note)
    )


def _act(state: State, event: Action, t: datetime, effects: Effects) -> Collection[str]:
    action = state.work.actions.setdefault(event.action, ActionState(at=LONG_AGO))
    zones = {action.zone}
    action.zone, action.asset = event.zone or action.zone, event.asset or action.asset
    if isinstance(event, ActionOpened):
        action.kind, action.severity, action.due_at = event.kind, event.severity, event.due_at
        action.lead, action.coordinating = event.lead, event.coordinating
        action.from_item = event.from_item
        action.note, action.opened_by = cut(event.note), event.who
    if t >= action.at:
        if action.worked_at is None and action.at != LONG_AGO:
            action.worked_at = action.at  # From a snapshot that did not have it.
        action.refused = False
        if isinstance(event, ActionVerified) and not inspections.is_verified(state, event, action):
            # It does not count as the latest report: an earlier one about the work may be on its way, too.
            action.refused = not verify_actions.wait(state, event, action, t, effects)
        else:
            action.at = t
            _move(action, event, t)
    elif action.stage == "verified":
        _begin_again(state, action, event, t)
    if isinstance(event, ActionDone) and action.zone and action.kind in (None, *REBUILT):
        # Without the opening event the kind of work is unknown, so the sign-off cannot cover it.
        why = phrase("sign-off-work-done", kind=action.kind or "", action=event.action)
        _lose(state, action.zone, t, why)
    return zones | {action.zone}


def _begin_again(state: State, action: ActionState, event: Action, t: datetime) -> None:
    """Judge a verified action again after a late report of work: work later than the inspection is a new claim."""
    if not isinstance(event, ActionStarted | ActionDone):
        return
    if action.worked_at is not None and t <= action.worked_at:
        return
    action.worked_at = t
    if isinstance(event, ActionDone):
        action.done_by = event.who
    proof = action.verified_by
    if proof is None or not inspections.is_verified(state, proof, action):
        action.stage = "done" if isinstance(event, ActionDone) else "open"


def is_covered(state: State, event: ActionDone) -> bool:
    """Tell whether the end of work that was just recorded lies before an inspection that has verified the action."""
    action = state.work.actions.get(event.action)
    return action is not None and action.stage == "verified"


def is_refused(state: State, event: ActionVerified) -> bool:
    """Tell whether a verification that was just recorded can't become true."""
    action = state.work.actions.get(event.action)
    return action is not None and action.refused and action.stage != "verified"


def _move(action: ActionState, event: Action, t: datetime) -> None:
    match event:
        case ActionOpened() | ActionReopened():
            action.stage, action.done_by, action.worked_at = "open", "", t
        case ActionStarted():
            action.worked_at = t
            if action.stage == "verified":
                action.stage = "open"
        case ActionDone(who=who):
            action.stage, action.done_by, action.worked_at = "done", who, t
        case ActionVerified():
            action.stage, action.verified_by = "verified", event
        case ActionCancelled():
            action.stage = "cancelled"
        case ActionAssigned():
            pass
        case _:
            assert_never(event)


def _certify(state: State, event: Certificate, t: datetime) -> Collection[str]:
    before = state.work.certificates.get(_certificate(event))
    if before is not None and before.at > t:
        return ()
    if isinstance(event, CertificateIssued):
        after = CertificateState(
            t, event.asset, event.kind, event.zone, event.issuer, utc(event.expires_at)
        )
    else:
        zone = "" if before is None else before.zone
        after = CertificateState(t, event.asset, event.kind, zone)
    state.work.certificates[_certificate(event)] = after
    return {after.zone} | (set() if before is None else {before.zone})


def _certificate(event: Certificate) -> str:
    return f"{event.asset} {event.kind}"
