"""The record of deliveries, with group commit: records that arrive together are committed in one transaction."""

import asyncio
from collections.abc import Callable, Sequence

from monitor.errors import JournalError
from monitor.journal.outbox import AttemptClosed, AttemptOpened, Outbox, PageSettled

DeliveryRow = AttemptOpened | AttemptClosed | PageSettled


class DeliveryLog:
    """Records deliveries for many tasks; each continues when its own rows are durable.

    Args:
        outbox: the pages, on disk.
        on_written: is given the rows that are durable.

    """

    def __init__(
        self, outbox: Outbox, on_written: Callable[[Sequence[DeliveryRow]], None] = lambda _: None
    ) -> None:
        self._outbox = outbox
        self._on_written = on_written
        self._rows: list[DeliveryRow] = []
        self._written: asyncio.Future[None] | None = None

    async def write(self, *rows: DeliveryRow) -> None:
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
            self._on_written(rows)
            written.set_result(None)
