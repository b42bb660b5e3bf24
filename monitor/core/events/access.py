"""Access: people at access points, and their credentials (ONVIF AccessControl and Credential)."""

from typing import Annotated

from msgspec import Meta

from monitor.core.events.base import Event, PointEvent
from monitor.core.events.vocabulary import (
    CredentialStatus,
    DeniedReason,
    Direction,
    HolderClass,
    Method,
    Name,
    Text,
)


class _Access(PointEvent, frozen=True, kw_only=True):
    direction: Direction = "unknown"
    credential: Annotated[str, Meta(max_length=128)] = ""
    """A keyed hash of the card, never its number."""
    credential_issue: int = 0
    """The issue number of a re-issued card; 0 if the system has none."""
    holder: Annotated[str, Meta(max_length=128)] = ""
    """A pseudonym of the person; real names are never sent."""
    holder_class: HolderClass = "unknown"
    method: Method = "unknown"


class AccessGranted(_Access, frozen=True, kw_only=True, tag="access.granted"):
    """The controller granted access; whether the person passed is ``access.taken``."""


class AccessTaken(_Access, frozen=True, kw_only=True, tag="access.taken"):
    """A person passed."""


class AccessNotTaken(_Access, frozen=True, kw_only=True, tag="access.not_taken"):
    """Access was granted and no one passed."""


class AccessDenied(_Access, frozen=True, kw_only=True, tag="access.denied"):
    """The controller denied access."""

    reason: DeniedReason = "other"


class AccessDuress(_Access, frozen=True, kw_only=True, tag="access.duress"):
    """A person passes under threat. Silent: never shown on a public screen."""


class AccessMuster(_Access, frozen=True, kw_only=True, tag="access.muster"):
    """A person reported at an assembly point."""


class AccessRex(PointEvent, frozen=True, kw_only=True, tag="access.rex"):
    """A request to exit: the push button or sensor on the inner side."""

    refused: bool = False
    reason: DeniedReason = "other"


class AccessRead(_Access, frozen=True, kw_only=True, tag="access.read"):
    """A read without a decision."""


class CredentialState(Event, frozen=True, kw_only=True, tag="credential.state"):
    """The status of a credential in the registry (ONVIF Credential/State)."""

    credential: Name
    state: CredentialStatus
    holder: Annotated[str, Meta(max_length=128)] = ""
    by_device: bool = False
    """The device set it on its own, e.g. after three wrong PINs."""


class ApbForgiven(Event, frozen=True, kw_only=True, tag="apb.forgiven"):
    """A named person forgives an anti-passback violation: the badge may enter again."""

    credential: Name
    who: Name
    holder: Annotated[str, Meta(max_length=128)] = ""
    zone: Annotated[str, Meta(max_length=128)] = ""
    inside: Annotated[int, Meta(ge=0, le=1)] = 0
    """Whether its holder is in the zone: 1 or 0."""
    note: Text = ""


class ApbViolation(Event, frozen=True, kw_only=True, tag="apb.violation"):
    """Anti-passback: the credential entered twice without leaving."""

    credential: Name
    point: Annotated[str, Meta(max_length=128)] = ""
    active: bool = True


Access = (
    AccessGranted
    | AccessTaken
    | AccessNotTaken
    | AccessDenied
    | AccessDuress
    | AccessMuster
    | AccessRex
    | AccessRead
)
Credential = CredentialState | ApbViolation | ApbForgiven
