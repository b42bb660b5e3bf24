"""The event for an entry that a sink refused."""

from datetime import datetime

from monitor.core.events.monitor_delivery import MonitorSinkRefused
from monitor.core.phrase import Phrase
from monitor.texts import plain


def refusal(at: datetime, sink: str, why: Phrase | str) -> MonitorSinkRefused:
    """Return the event, with the reason in English and for people."""
    return MonitorSinkRefused(
        at=at, sink=sink, reason=plain(why), phrase=why if isinstance(why, Phrase) else None
    )
