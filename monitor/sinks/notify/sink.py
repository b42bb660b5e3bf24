"""Takes the pages that were ordered out of the journal and puts them into the outbox."""

from collections.abc import Sequence

from monitor.core.transitions import PageOrdered
from monitor.journal import Outbox, Written
from monitor.sinks.notify.delivery import Delivery


class NotifySink:
    """The reader of the journal in front of `Delivery`: it never waits for a channel."""

    name = "notify"

    def __init__(self, outbox: Outbox, delivery: Delivery) -> None:
        self._outbox = outbox
        self._delivery = delivery

    async def take(self, entries: Sequence[Written]) -> None:
        """Put pages into the outbox; one that is there already is not put in again. See `relay.Sink`."""
        ordered = [
            (entry.seq, entry.transition)
            for entry in entries
            if isinstance(entry.transition, PageOrdered)
        ]
        if ordered:
            for page in self._outbox.add(ordered):
                self._delivery.put(page)
