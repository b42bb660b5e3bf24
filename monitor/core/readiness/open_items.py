"""What stands between a zone and its go besides checklists: corrective actions, certificates, and the sign-off."""

from collections.abc import Collection
from datetime import datetime
from typing import get_args

from monitor.core.events import AnyEvent
from monitor.core.events.inspection import (
    InspectionAmended,
    InspectionApproved,
    InspectionItem,
    InspectionRejected,
    InspectionSubmitted,
)
from monitor.core.events.work import (
    Action,
    ActionCancelled,
    ActionDone,
    ActionOpened,
    ActionReopened,
    ActionVerified,
    Certificate,
    CertificateIssued,
    Readiness,
    ReadinessSigned,
    ReadinessWithdrawn,
)
from monitor.core.state.state import LONG_AGO, ActionState, CertificateState, Moment, SignOff, State
from monitor.core.utc import utc
from monitor.core.venue.places import Place

MOST = 5_000
"""Actions, and certificates, that are followed; of more than these the monitor says that it can't."""
REBUILT = ("repair", "upgrade", "replace")
"""What is not the same afterwards, and has to be signed for again."""

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
    )
)
"""The event types from which readiness follows."""


def is_full(state: State, said: AnyEvent) -> bool:
    """Tell whether an event begins an action or certificate that is one too many."""
    if isinstance(said, Action):
        return len(state.actions) >= MOST and said.action not in state.actions
    if isinstance(said, Certificate):
        return len(state.certificates) >= MOST and _certificate(said) not in state.certificates
    return False


def follow(state: State, moment: Moment, place: Place) -> Collection[str]:
    """Take an event in; return the zones whose readiness it may change, an empty name for what belongs to none."""
    match moment.event:
        case InspectionItem() | InspectionSubmitted() | InspectionAmended():
            _unsign(state, moment, place)
            return {place.zone} - {""}
        case InspectionApproved() | InspectionRejected():
            return {place.zone} - {""}
        case ReadinessSigned(who=who) if place.zone:
            record = state.sign_offs.setdefault(place.zone, SignOff())
            if moment.t >= record.at:
                record.who, record.at = who, moment.t
            return {place.zone}
        case ReadinessWithdrawn(who=who) if place.zone:
            _lose(state, place.zone, moment.t, f"{who} took it back")
            return {place.zone}
        case said if isinstance(said, Certificate):
            return _certify(state, said, moment.t)
        case said if isinstance(said, Action):
            return _act(state, said, moment.t)
        case _:
            return ()


def _unsign(state: State, moment: Moment, place: Place) -> None:
    """A later fail, or a form that was changed, takes the sign-off away."""
    if place.of_checklist is None:
        return
    match moment.event:
        case InspectionItem(item=item, result="fail") if place.criticality not in (
            "",
            "observation",
        ):
            _lose(state, place.zone, moment.t, f"{place.of_checklist.id}, {item}: failed")
        case InspectionAmended() | InspectionSubmitted() as form if form.revision > 1:
            why = f"{place.of_checklist.id}: inspection {form.inspection} was amended"
            _lose(state, place.zone, moment.t, why)
        case _:
            pass


def _lose(state: State, zone: str, t: datetime, why: str) -> None:
    record = state.sign_offs.setdefault(zone, SignOff())
    record.lost_at, record.lost = max((record.lost_at, record.lost), (t, why))


def _act(state: State, said: Action, t: datetime) -> Collection[str]:
    record = state.actions.setdefault(said.action, ActionState(at=LONG_AGO))
    zones = {record.zone}
    record.zone, record.asset = said.zone or record.zone, said.asset or record.asset
    if isinstance(said, ActionOpened):
        record.kind, record.severity, record.due_at = said.kind, said.severity, said.due_at
        record.lead, record.coordinating = said.lead, said.coordinating
        record.from_item = said.from_item
    if t >= record.at:
        record.at = t
        _move(record, said)
    if isinstance(said, ActionDone) and record.zone and record.kind in (None, *REBUILT):
        # What was done nobody knows where the opening was not heard: the sign-off can't cover it.
        _lose(state, record.zone, t, f"{record.kind or 'work'} {said.action} was done")
    return zones | {record.zone}


def _move(record: ActionState, said: AnyEvent) -> None:
    match said:
        case ActionOpened() | ActionReopened():
            record.stage, record.done_by = "open", ""
        case ActionDone(who=who):
            record.stage, record.done_by = "done", who
        case ActionVerified(who=who) if not who or who != record.done_by:
            record.stage = "verified"
        case ActionCancelled():
            record.stage = "cancelled"
        case _:
            pass


def _certify(state: State, said: Certificate, t: datetime) -> Collection[str]:
    before = state.certificates.get(_certificate(said))
    if before is not None and before.at > t:
        return ()
    if isinstance(said, CertificateIssued):
        after = CertificateState(
            t, said.asset, said.kind, said.zone, said.issuer, utc(said.expires_at)
        )
    else:
        zone = "" if before is None else before.zone
        after = CertificateState(t, said.asset, said.kind, zone)
    state.certificates[_certificate(said)] = after
    return {after.zone} | (set() if before is None else {before.zone})


def _certificate(said: Certificate) -> str:
    return f"{said.asset} {said.kind}"
