"""The record of deliveries, with group commit: records that arrive together are committed in one transaction."""

import asyncio

from monitor.errors import JournalError
from monitor.journal.outbox import AttemptClosed, AttemptOpened, Outbox, PageSettled


class DeliveryLog:
    """Records deliveries for many tasks; each continues when its own rows are durable."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._rows: list[AttemptOpened | AttemptClosed | PageSettled] = []
        self._written: asyncio.Future[None] | None = None

    async def write(self, *rows: AttemptOpened | AttemptClosed | PageSettled) -> None:
        """Record rows; durable on return.

        Raises:
            JournalError: they could not be written.

        """
        self._rows += rows
        if self._written is None:
            loop = asyncio.get_running_loop()
            self._written = loop.create_future()
            loop.call_soon(self._commit)
        await asyncio.shield(self._written)

    def _commit(self) -> None:
        rows, self._rows = self._rows, []
        written, self._written = self._written, None
        if written is None:
            return
        try:
            self._outbox.write(rows)
        except JournalError as error:
            written.set_exception(error)
        else:
            written.set_result(None)
