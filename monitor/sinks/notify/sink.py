"""Moves ordered pages from the journal to the outbox."""

from collections.abc import Callable, Sequence

from monitor.core.transitions import PageOrdered
from monitor.journal import Outbox, Written
from monitor.sinks.notify.delivery import Delivery


class NotifySink:
    """The sink that feeds `Delivery`; it never waits for a channel.

    Args:
        outbox: the pages, on disk.
        delivery: delivers them.
        may_have_been_sent: whether the monitor before a take-over may have sent a page.

    """

    name = "notify"

    def __init__(
        self,
        outbox: Outbox,
        delivery: Delivery,
        may_have_been_sent: Callable[[PageOrdered], bool] = lambda _: False,
    ) -> None:
        self._outbox = outbox
        self._delivery = delivery
        self._may_have_been_sent = may_have_been_sent

    async def take(self, entries: Sequence[Written]) -> None:
        """Add pages to the outbox, except those already in it; see `relay.Sink`."""
        ordered = [
            (entry.seq, entry.transition)
            for entry in entries
            if isinstance(entry.transition, PageOrdered)
        ]
        if ordered:
            for row in self._outbox.add(ordered, self._may_have_been_sent):
                self._delivery.put(row)
