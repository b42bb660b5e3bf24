"""Transitions as CloudEvents, version 1.0, in structured mode (cloudevents.io)."""

from datetime import datetime

import msgspec
from msgspec import Struct

from monitor.core.ids import content_id
from monitor.core.transitions import (
    AlertChanged,
    MaskChanged,
    ReadinessChanged,
    Transition,
    ZoneChanged,
)
from monitor.journal import Written
from monitor.texts import in_english

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"


class CloudEvent(Struct, frozen=True, kw_only=True):
    """One transition."""

    specversion: str
    id: str
    """The same whenever the same journal entry is sent, so that a receiver can drop duplicates."""
    source: str
    type: str
    subject: str
    """The id of the alert, zone, site or mask."""
    time: datetime
    datacontenttype: str
    data: Transition
    """As in the journal, with the monitor's own sentences in English; see docs/webhooks.md."""


def event_of(entry: Written, congress: str) -> CloudEvent:
    """Return the CloudEvent of a journal entry.

    Raises:
        TypeError: webhooks are not sent transitions of this type.

    """
    transition = entry.transition
    kind, subject = _kind_and_subject(transition)
    return CloudEvent(
        specversion="1.0",
        id=_identity(entry),
        source=f"/venue-monitor/{congress}",
        type=f"venue.{kind}",
        subject=subject,
        time=transition.at,
        datacontenttype="application/json",
        data=in_english(transition),
    )


def _kind_and_subject(transition: Transition) -> tuple[str, str]:
    match transition:
        case AlertChanged(change=change, alert=alert):
            return f"alert.{change}", alert.id
        case ReadinessChanged(site=site, zone=zone):
            return "readiness.changed", zone or site
        case ZoneChanged(status=status):
            return "zone.changed", status.zone
        case MaskChanged(mask=mask, ended=ended):
            return ("mask.ended" if ended else "mask.begun"), mask.id
        case _:
            raise TypeError(f"webhooks are not sent {type(transition).__name__}")


def _identity(entry: Written) -> str:
    """Return the id. It covers the content too, since a journal restored from a backup reuses numbers."""
    content = b"%d.%d " % (entry.seq, entry.n) + msgspec.json.encode(entry.transition)
    return content_id(content, size=16)
