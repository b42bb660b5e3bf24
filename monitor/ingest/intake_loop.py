"""The intake loop: takes batches from the inbox, commits them, and acknowledges them."""

from collections.abc import Callable

from monitor.ingest.connection_status import ConnectionStatus
from monitor.ingest.inbox import Inbox
from monitor.ingest.pipeline import Pipeline

BATCH_WHILE_PAGING = 50
"""Messages in a batch while pages are sent: each step of a page waits for a batch, and people wait for the page."""


class IntakeLoop:
    """Processes what arrives, batch by batch.

    Args:
        inbox: the messages.
        pipeline: processes them.
        connection: is updated with every batch.
        is_paging: whether pages are being sent.

    """

    def __init__(
        self,
        inbox: Inbox,
        pipeline: Pipeline,
        connection: ConnectionStatus,
        is_paging: Callable[[], bool],
    ) -> None:
        self._inbox = inbox
        self._pipeline = pipeline
        self._connection = connection
        self._is_paging = is_paging
        self._batch = inbox.batch

    async def run(self) -> None:
        """Run until cancelled; a message is acknowledged only when it is in the journal."""
        async for batch in self._inbox:
            self._connection.received(batch[-1])
            self._connection.check()
            before = self._pipeline.journal.seq
            self._pipeline.take(batch)
            self._inbox.acknowledge(batch)
            # Our own messages, which come back to us, and repetitions tell nothing about a backlog.
            if self._pipeline.journal.seq > before:
                self._connection.processed()
            self._pipeline.metrics.acknowledged.inc(len(batch))
            limit = BATCH_WHILE_PAGING if self._is_paging() else self._batch
            self._inbox.batch = min(self._batch, limit)
