"""Access: somebody at an access point, and the badges (ONVIF AccessControl and Credential)."""

from typing import Annotated

from msgspec import Meta

from monitor.core.events.base import AtPoint, Said
from monitor.core.events.vocabulary import (
    CredentialStanding,
    DeniedReason,
    Direction,
    HolderClass,
    Method,
    Name,
    Text,
)


class _Access(AtPoint, frozen=True, kw_only=True):
    direction: Direction = "unknown"
    credential: Annotated[str, Meta(max_length=128)] = ""
    """A keyed hash of the card, never its number."""
    credential_issue: int = 0
    """Issue number of a re-issued card; 0 where the system has none."""
    holder: Annotated[str, Meta(max_length=128)] = ""
    """A pseudonym of the person; names stay off the bus."""
    holder_class: HolderClass = "unknown"
    method: Method = "unknown"


class AccessGranted(_Access, frozen=True, kw_only=True, tag="access.granted"):
    """The controller let somebody pass; whether they did is ``access.taken``."""


class AccessTaken(_Access, frozen=True, kw_only=True, tag="access.taken"):
    """Somebody passed."""


class AccessNotTaken(_Access, frozen=True, kw_only=True, tag="access.not_taken"):
    """Access was granted and nobody passed."""


class AccessDenied(_Access, frozen=True, kw_only=True, tag="access.denied"):
    """The controller refused."""

    reason: DeniedReason = "other"


class AccessDuress(_Access, frozen=True, kw_only=True, tag="access.duress"):
    """Somebody passes under threat. Silent: never on a public screen."""


class AccessMuster(_Access, frozen=True, kw_only=True, tag="access.muster"):
    """Somebody reported at an assembly point."""


class AccessRex(AtPoint, frozen=True, kw_only=True, tag="access.rex"):
    """Request to exit: the push button or sensor on the inner side."""

    refused: bool = False
    reason: DeniedReason = "other"


class AccessRead(_Access, frozen=True, kw_only=True, tag="access.read"):
    """A raw read without a decision."""


class CredentialState(Said, frozen=True, kw_only=True, tag="credential.state"):
    """The registry's word on one credential (ONVIF Credential/State)."""

    credential: Name
    state: CredentialStanding
    holder: Annotated[str, Meta(max_length=128)] = ""
    by_device: bool = False
    """The device did it by itself, e.g. after three wrong PINs."""


class ApbForgiven(Said, frozen=True, kw_only=True, tag="apb.forgiven"):
    """A named person forgives an anti-passback: the badge may come in again."""

    credential: Name
    who: Name
    holder: Annotated[str, Meta(max_length=128)] = ""
    zone: Annotated[str, Meta(max_length=128)] = ""
    inside: Annotated[int, Meta(ge=0, le=1)] = 0
    """Whether its holder is in the zone: 1 or 0."""
    note: Text = ""


class ApbViolation(Said, frozen=True, kw_only=True, tag="apb.violation"):
    """Anti-passback: the credential went in twice without going out."""

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
