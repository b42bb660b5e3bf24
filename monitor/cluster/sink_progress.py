"""How far the sinks of a site's reader are, and which pages are settled: for a journal that is written again."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from monitor.core.transitions import PageOrdered
from monitor.journal import Journal
from monitor.journal.outbox import PageSettled, PageState
from monitor.sinks.notify import DeliveryRow, NotifySink
from monitor.sinks.relay import Relay

NOTE_EVERY = 1.0
"""Seconds between two notes of how far the sinks are; after a loss they take what came since again."""
OPEN = ("waiting", "late")
FORGOTTEN = timedelta(days=1)
"""A page that is older than this, and of which nothing is known, is not sent again; judgement."""
_PAGE = 500


class SinkProgress:
    """The rows of one site in the topic `readers`.

    Args:
        rows: the topic, as read at the start.
        site: the id of the site's congress.
        put: writes a row, and does not wait.

    """

    def __init__(
        self, rows: Mapping[str, bytes], site: str, put: Callable[[str, bytes], None]
    ) -> None:
        self._rows = rows
        self._site = site
        self._put = put
        self._noted: dict[str, int] = {}

    def restore(self, journal: Journal, now: datetime) -> int:
        """Let the sinks of a journal that was written again continue where those of the lost one stopped.

        Pages that were settled stay so. One that was not may have been sent: it is sent again if it is still needed,
        marked as a repetition. A sink that takes every input begins anew, since what it had remembered is lost.

        Args:
            journal: before any of its sinks is opened.
            now: the present time.

        Returns:
            How many pages may be sent again.

        Raises:
            JournalError: the journal can't be read or written.

        """
        open_pages, begin, cursors = 0, self._key("sink", ""), journal.readers.cursors()
        rows = [row for row in self._rows.items() if row[0].startswith(begin)]
        for key, row in rows:
            name, cursor = key.removeprefix(begin), min(int(row), journal.seq)
            if cursors.get(name, 0) >= cursor:
                continue
            if name == NotifySink.name:
                open_pages, cursor = self._restore_pages(journal, now), journal.seq
            journal.readers.advance(name, cursor)
        return open_pages

    def settle(self, rows: Sequence[DeliveryRow]) -> None:
        """Note which pages are settled; does not wait."""
        for row in rows:
            if isinstance(row, PageSettled):
                self._put(self._key("page", row.page), row.state.encode())

    async def run(self, relays: Sequence[Relay]) -> None:
        """Note how far the sinks are, again and again, until cancelled."""
        while True:
            for relay in (row for row in relays if not row.is_stateful):
                if self._noted.get(relay.name) != relay.cursor:
                    self._noted[relay.name] = relay.cursor
                    self._put(self._key("sink", relay.name), str(relay.cursor).encode())
            await asyncio.sleep(NOTE_EVERY)

    def _restore_pages(self, journal: Journal, now: datetime) -> int:
        open_pages, after = 0, 0
        while rows := journal.transitions(after, _PAGE):
            after = rows[-1].seq
            pages = [
                (row.seq, row.transition) for row in rows if isinstance(row.transition, PageOrdered)
            ]
            states = {page.id: self._state(page, now) for _, page in pages}
            in_doubt = [row for row in pages if states[row[1].id] in OPEN]
            journal.outbox.add(in_doubt, lambda _: True)
            journal.outbox.add(pages)
            settled = [PageSettled(page=page, state=state) for page, state in states.items()]
            journal.outbox.write(settled)
            open_pages += len(in_doubt)
        return open_pages

    def _state(self, page: PageOrdered, now: datetime) -> PageState:
        row = self._rows.get(self._key("page", page.id))
        if row is None:
            return "waiting" if now - page.at < FORGOTTEN else "needless"
        state: PageState = msgspec.convert(row.decode(), PageState)
        return state

    def _key(self, kind: str, name: str) -> str:
        return f"{self._site} {kind} {name}"
