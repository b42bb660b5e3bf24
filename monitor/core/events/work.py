"""Corrective actions, readings, certificates and sign-offs."""

from typing import Annotated

from msgspec import Meta

from monitor.core.events.base import Event, ZoneEvent
from monitor.core.events.vocabulary import ActionKind, Name, Severity, Text, Unit, When


class _Action(Event, frozen=True, kw_only=True):
    action: Name
    zone: Annotated[str, Meta(max_length=128)] = ""
    asset: Annotated[str, Meta(max_length=128)] = ""
    who: Annotated[str, Meta(max_length=128)] = ""
    note: Text = ""


class ActionOpened(_Action, frozen=True, kw_only=True, tag="action.opened"):
    """Something must be repaired, upgraded, cleaned or replaced."""

    kind: ActionKind
    lead: Annotated[str, Meta(max_length=128)] = ""
    """The agency responsible for it."""
    coordinating: Annotated[tuple[Name, ...], Meta(max_length=20)] = ()
    """The agencies that take part."""
    from_item: Annotated[str, Meta(max_length=128)] = ""
    severity: Severity = "noncritical"
    due_at: When | None = None


class ActionAssigned(_Action, frozen=True, kw_only=True, tag="action.assigned"):
    """The action was assigned to a person."""


class ActionStarted(_Action, frozen=True, kw_only=True, tag="action.started"):
    """Work began."""


class ActionDone(_Action, frozen=True, kw_only=True, tag="action.done"):
    """Work ended; the failure stays open until it is verified."""


class ActionVerified(_Action, frozen=True, kw_only=True, tag="action.verified"):
    """A new inspection confirmed the work."""

    inspection: Annotated[str, Meta(max_length=128)] = ""


class ActionReopened(_Action, frozen=True, kw_only=True, tag="action.reopened"):
    """The work turned out to be insufficient."""


class ActionCancelled(_Action, frozen=True, kw_only=True, tag="action.cancelled"):
    """The action is no longer required."""


class ReadingRecorded(Event, frozen=True, kw_only=True, tag="reading.recorded"):
    """A value measured outside a checklist."""

    asset: Name
    quantity: Name
    value: float
    unit: Unit = "unknown"
    zone: Annotated[str, Meta(max_length=128)] = ""


class AssetChanged(Event, frozen=True, kw_only=True, tag="asset.changed"):
    """A system or installation was changed: another version, configuration or part."""

    asset: Name
    who: Annotated[str, Meta(max_length=128)] = ""
    """Who changed it, if that is known."""
    what: Annotated[str, Meta(max_length=256)] = ""
    """What is different, e.g. the version."""
    sha256: Annotated[str, Meta(pattern=r"^([0-9a-f]{64})?$")] = ""
    """The digest of what is installed now, if the sender knows it."""


class CertificateIssued(Event, frozen=True, kw_only=True, tag="certificate.issued"):
    """An examiner certified an asset: a lift, an extinguisher, a generator."""

    asset: Name
    kind: Name
    expires_at: When
    issuer: Annotated[str, Meta(max_length=128)] = ""
    zone: Annotated[str, Meta(max_length=128)] = ""
    """The zone that depends on the asset; empty if every site does."""


class CertificateRevoked(Event, frozen=True, kw_only=True, tag="certificate.revoked"):
    """The certificate is no longer valid."""

    asset: Name
    kind: Name


class ReadinessSigned(ZoneEvent, frozen=True, kw_only=True, tag="readiness.signed"):
    """A named person signed that the zone is ready."""

    who: Name
    note: Text = ""


class ReadinessWithdrawn(ZoneEvent, frozen=True, kw_only=True, tag="readiness.withdrawn"):
    """The sign-off was withdrawn."""

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
Asset = AssetChanged
Certificate = CertificateIssued | CertificateRevoked
Readiness = ReadinessSigned | ReadinessWithdrawn
