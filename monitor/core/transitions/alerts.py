"""Transitions of alerts, and of the masks that hide expected ones."""

from datetime import datetime

from msgspec import Struct

from monitor.core.alert import Alert, Change
from monitor.core.events.vocabulary import MaskKind
from monitor.core.phrase import Phrase


class AlertChanged(Struct, frozen=True, kw_only=True, tag="alert"):
    """An alert was raised or has changed."""

    at: datetime
    change: Change
    alert: Alert
    """The alert after the change."""
    who: str = ""
    note: str | Phrase = ""


class Mask(Struct, frozen=True, kw_only=True):
    """Alerts of one rule, or of all, are expected at one place for a limited time, with the owner and the reason."""

    id: str
    """The same for the same rule and place: a new mask there replaces the one before."""
    what: str
    """A rule's id, or ``*``."""
    kind: MaskKind
    point: str = ""
    zone: str = ""
    site: str = ""
    owner: str
    reason: str
    since: datetime
    until: datetime

    def hides(self, alert: Alert) -> bool:
        """Return whether an alert is one of those expected; life safety never is."""
        return (
            alert.severity != "life_safety"
            and self.what in ("*", alert.rule)
            and self.point in ("", alert.point)
            and self.zone in ("", alert.zone)
            and self.site in ("", alert.site)
        )


class MaskChanged(Struct, frozen=True, kw_only=True, tag="mask"):
    """A mask has begun or ended: by a person, or because its time has run out."""

    at: datetime
    mask: Mask
    ended: bool = False
    who: str = ""
    note: str | Phrase = ""
    site: str = ""
    """The site of its place."""
