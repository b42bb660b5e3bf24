"""Puts a change of an alert into GoAlert's generic API (``/api/v2/generic/incoming``)."""

from msgspec import Struct

from monitor.core.alert import Change, Condition, Handling
from monitor.core.transitions import AlertChanged, Transition

LONGEST_SUMMARY, LONGEST_DETAILS = 1024, 6 * 1024
"""Characters that GoAlert keeps."""
_NEWS = (Change.RAISED, Change.RETURNED, Change.UNSHELVED)


class Incoming(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What GoAlert is told: an alert, or that it is over."""

    summary: str
    details: str = ""
    dedup: str
    """Our alert's id. Without it GoAlert would take alerts of the same summary for one."""
    action: str = ""
    """``close``: it is over."""


def incoming_of(changed: Transition) -> Incoming | None:
    """Return what to tell; ``None`` if it is no news there. It has no words for acknowledged or cleared-but-open."""
    if not isinstance(changed, AlertChanged):
        return None
    alert = changed.alert
    hidden = alert.handling is Handling.SHELVED
    if hidden or not alert.is_open:
        if changed.change is Change.RAISED:
            return None  # masked from the start: nobody was told
        return Incoming(summary=alert.title[:LONGEST_SUMMARY], dedup=alert.id, action="close")
    # More of the same is news where it has another severity than when it was told, which its note says.
    graver = changed.change is Change.RECURRED and changed.note
    if alert.condition is Condition.CLEARED or not (graver or changed.change in _NEWS):
        return None
    where = " / ".join(filter(None, (alert.site, alert.zone, alert.point)))
    told = f"{alert.severity}\n{where}\nsince {alert.happened_at:%Y-%m-%d %H:%M}Z\n\n{alert.do}"
    return Incoming(
        summary=alert.title[:LONGEST_SUMMARY], details=told[:LONGEST_DETAILS], dedup=alert.id
    )
