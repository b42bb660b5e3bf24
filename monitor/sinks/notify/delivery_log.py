"""Keeps the record of deliveries: what many have to write at the same moment goes to the disk in one transaction."""

import asyncio

from monitor.errors import JournalError
from monitor.journal.outbox import Closed, Opened, Outbox, Settled


class Clerk:
    """Writes for many; each goes on when what it said is on the disk."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._rows: list[Opened | Closed | Settled] = []
        self._written: asyncio.Future[None] | None = None

    async def write(self, *rows: Opened | Closed | Settled) -> None:
        """Return when these are on the disk.

        Raises:
            JournalError: they are not.

        """
        self._rows += rows
        if self._written is None:
            loop = asyncio.get_running_loop()
            self._written = loop.create_future()
            loop.call_soon(self._write)
        await asyncio.shield(self._written)

    def _write(self) -> None:
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
