"""Puts a transition into a CloudEvent, version 1.0, in structured mode (cloudevents.io)."""

from datetime import datetime
from hashlib import blake2b

import msgspec
from msgspec import Struct

from monitor.core.transitions import (
    AlertChanged,
    MaskChanged,
    ReadinessChanged,
    Transition,
    ZoneChanged,
)
from monitor.journal import Written

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"


class CloudEvent(Struct, frozen=True, kw_only=True):
    """One thing that happened."""

    specversion: str
    id: str
    """The same whenever the same entry of the journal is told: what has been seen counts once."""
    source: str
    type: str
    subject: str
    """The alert's, zone's, site's or mask's id."""
    time: datetime
    datacontenttype: str
    data: Transition
    """As the journal has it; docs/webhooks.md."""


def event_of(entry: Written, congress: str) -> CloudEvent:
    """Return the CloudEvent of a journal entry of which a webhook is told."""
    said = entry.transition
    kind, subject = _what(said)
    return CloudEvent(
        specversion="1.0",
        id=_identity(entry),
        source=f"/venue-monitor/{congress}",
        type=f"venue.{kind}",
        subject=subject,
        time=said.at,
        datacontenttype="application/json",
        data=said,
    )


def _what(said: Transition) -> tuple[str, str]:
    match said:
        case AlertChanged(change=change, alert=alert):
            return f"alert.{change}", alert.id
        case ReadinessChanged(site=site, zone=zone):
            return "readiness.changed", zone or site
        case ZoneChanged(standing=standing):
            return "zone.changed", standing.zone
        case MaskChanged(mask=mask, ended=ended):
            return ("mask.ended" if ended else "mask.begun"), mask.id
        case _:
            raise TypeError(f"no webhook is told of {type(said).__name__}")


def _identity(entry: Written) -> str:
    """Return the id: from the content too, since a journal restored from a backup counts its numbers anew."""
    told = b"%d.%d " % (entry.seq, entry.n) + msgspec.json.encode(entry.transition)
    return blake2b(told, digest_size=16).hexdigest()
