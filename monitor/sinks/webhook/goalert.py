"""Changes of alerts as requests to GoAlert's generic API (``/api/v2/generic/incoming``)."""

from msgspec import Struct

from monitor.core.alert import Change, Condition, Handling
from monitor.core.transitions import AlertChanged, Transition

LONGEST_SUMMARY, LONGEST_DETAILS = 1024, 6 * 1024
"""Characters that GoAlert keeps."""
_SILENT = (Change.TICKED, Change.UNTICKED, Change.NOTED)
"""They change nothing that GoAlert knows."""
_NOTIFIED = (Change.RAISED, Change.RETURNED, Change.UNSHELVED)


class Incoming(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A request: an alert, or its end."""

    summary: str
    details: str = ""
    dedup: str
    """The alert's id. Without it GoAlert would merge alerts with the same summary."""
    action: str = ""
    """``close``: the alert has ended."""


def incoming_of(changed: Transition) -> Incoming | None:
    """Return the request for a change; ``None`` if there is none: GoAlert has no acknowledged or cleared alerts."""
    if not isinstance(changed, AlertChanged) or changed.change in _SILENT:
        return None
    alert = changed.alert
    hidden = alert.handling is Handling.SHELVED
    if hidden or not alert.is_open:
        if changed.change is Change.RAISED:
            return None  # masked from the start: never sent
        return Incoming(summary=alert.title[:LONGEST_SUMMARY], dedup=alert.id, action="close")
    # A recurrence has a note if its severity has changed: that is worth another request.
    escalated = changed.change is Change.RECURRED and changed.note
    if alert.condition is Condition.CLEARED or not (escalated or changed.change in _NOTIFIED):
        return None
    where = " / ".join(filter(None, (alert.site, alert.zone, alert.point)))
    details = f"{alert.severity}\n{where}\nsince {alert.happened_at:%Y-%m-%d %H:%M}Z\n\n{alert.do}"
    return Incoming(
        summary=alert.title[:LONGEST_SUMMARY], details=details[:LONGEST_DETAILS], dedup=alert.id
    )
