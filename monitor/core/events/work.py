"""Corrective actions, readings, certificates, sign-offs."""

from typing import Annotated

from msgspec import Meta

from monitor.core.events.base import OfZone, Said
from monitor.core.events.vocabulary import ActionKind, Name, Severity, Text, Unit, When


class _Action(Said, frozen=True, kw_only=True):
    action: Name
    zone: Annotated[str, Meta(max_length=128)] = ""
    asset: Annotated[str, Meta(max_length=128)] = ""
    who: Annotated[str, Meta(max_length=128)] = ""
    note: Text = ""


class ActionOpened(_Action, frozen=True, kw_only=True, tag="action.opened"):
    """Something has to be repaired, upgraded, cleaned or replaced."""

    kind: ActionKind
    lead: Annotated[str, Meta(max_length=128)] = ""
    """The one agency that answers for it."""
    coordinating: Annotated[tuple[Name, ...], Meta(max_length=20)] = ()
    """The agencies that take part."""
    from_item: Annotated[str, Meta(max_length=128)] = ""
    severity: Severity = "noncritical"
    due_at: When | None = None


class ActionAssigned(_Action, frozen=True, kw_only=True, tag="action.assigned"):
    """Somebody has it."""


class ActionStarted(_Action, frozen=True, kw_only=True, tag="action.started"):
    """Work began."""


class ActionDone(_Action, frozen=True, kw_only=True, tag="action.done"):
    """Work ended; the failure stands until somebody verified it."""


class ActionVerified(_Action, frozen=True, kw_only=True, tag="action.verified"):
    """A new inspection found it good."""

    inspection: Annotated[str, Meta(max_length=128)] = ""


class ActionReopened(_Action, frozen=True, kw_only=True, tag="action.reopened"):
    """It was not good after all."""


class ActionCancelled(_Action, frozen=True, kw_only=True, tag="action.cancelled"):
    """It need not be done."""


class ReadingRecorded(Said, frozen=True, kw_only=True, tag="reading.recorded"):
    """A measured value outside a checklist."""

    asset: Name
    quantity: Name
    value: float
    unit: Unit = "unknown"
    zone: Annotated[str, Meta(max_length=128)] = ""


class CertificateIssued(Said, frozen=True, kw_only=True, tag="certificate.issued"):
    """An examiner certified an asset: a lift, an extinguisher, a generator."""

    asset: Name
    kind: Name
    expires_at: When
    issuer: Annotated[str, Meta(max_length=128)] = ""
    zone: Annotated[str, Meta(max_length=128)] = ""
    """The zone that depends on the asset; empty: every site does."""


class CertificateRevoked(Said, frozen=True, kw_only=True, tag="certificate.revoked"):
    """The certificate holds no more."""

    asset: Name
    kind: Name


class ReadinessSigned(OfZone, frozen=True, kw_only=True, tag="readiness.signed"):
    """A named person signs that the zone is ready."""

    who: Name
    note: Text = ""


class ReadinessWithdrawn(OfZone, frozen=True, kw_only=True, tag="readiness.withdrawn"):
    """The sign-off is taken back."""

    who: Name
    note: Text = ""


Action = (
    ActionOpened
    | ActionAssigned
    | ActionStarted
    | ActionDone
    | ActionVerified
    | ActionReopened
    | ActionCancelled
)
Reading = ReadingRecorded
Certificate = CertificateIssued | CertificateRevoked
Readiness = ReadinessSigned | ReadinessWithdrawn
