"""Which senders may act for people over MQTT: those that the configuration names, and nobody else.

The last level of the topic names the sender. The broker's access list has to see to it that only the sender publishes
there; the list of names sees to it that a sender whom the broker lets in by mistake does not act for anybody.
"""

from collections.abc import Container

from monitor.core.bounded_text import short_id
from monitor.core.decode import sender_of
from monitor.core.events.monitor_senders import MonitorSenderUnnamed
from monitor.core.inputs import Arrival, Rejected
from monitor.core.phrase import Phrase, phrase


def named_only(given: Arrival | Rejected, named: Container[str]) -> Arrival | Rejected:
    """Return a message as it was decoded, or its rejection if it is a command of a sender who is not named."""
    sender = sender_of(given.source)
    if sender is None or sender[1] in named or not isinstance(given, Arrival):
        return given
    return Rejected(
        received_at=given.received_at,
        source=given.source,
        reason=phrase("sender-not-named"),
        id=next((event.id for event in given.events), ""),
    )


def sender_unnamed(given: Rejected) -> MonitorSenderUnnamed | None:
    """Return what the monitor notices about a message that was rejected because its sender is not named."""
    match sender_of(given.source), given.reason:
        case (_, sender), Phrase(id="sender-not-named"):
            return MonitorSenderUnnamed(
                at=given.received_at, sender=short_id(sender), source=short_id(given.source)
            )
        case _:
            return None
