"""The outbox of pages: what has to be told to whom, and the record of every attempt to deliver it."""

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from monitor.core.transitions import PageOrdered
from monitor.journal.database import told, transaction
from monitor.journal.record import ENCODE, EPOCH, microseconds

PageState = Literal["waiting", "late", "delivered", "needless", "undelivered"]
"""What has become of a page.

``late``: it has reached nobody so far, which was said, and is still tried; ``needless``: it had not arrived when nobody
was needed any more; ``undelivered``: given up.
"""
Result = Literal["open", "delivered", "failed", "unknown"]
"""What has become of an attempt; ``open`` and ``unknown``: it may have arrived."""

_PAGE = msgspec.json.Decoder(PageOrdered)


class Opened(Struct, frozen=True, kw_only=True):
    """A page is about to be handed to a channel."""

    page: str
    n: int
    channel: str
    at: datetime
    is_repeat: bool


class Closed(Struct, frozen=True, kw_only=True):
    """It is known how that went."""

    page: str
    n: int
    at: datetime
    result: Result
    reason: str = ""


class Settled(Struct, frozen=True, kw_only=True):
    """What has become of a page."""

    page: str
    state: PageState


class Attempt(Opened, frozen=True, kw_only=True):
    """One attempt as the record has it."""

    closed_at: datetime | None = None
    result: Result = "open"
    reason: str = ""


class OutboxPage(Struct, frozen=True, kw_only=True):
    """One page with its attempts."""

    page: PageOrdered
    state: PageState
    attempts: tuple[Attempt, ...] = ()

    @property
    def may_have_arrived(self) -> bool:
        """An attempt was never closed, or nobody knows how it ended: who reads it again has to be told so."""
        return any(row.result in ("open", "unknown") for row in self.attempts)


class Outbox:
    """The pages of a journal.

    Raises:
        JournalError: the journal can't be read or written. So do all methods.

    """

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self._db = db
        self._path = path

    def add(self, pages: Iterable[tuple[int, PageOrdered]]) -> list[PageOrdered]:
        """Put pages in, each with the number of its input; return those that are new here."""
        new = []
        with told(self._path), transaction(self._db):
            for seq, page in pages:
                row = (page.id, seq, page.person, "waiting", ENCODE.encode(page))
                done = self._db.execute("INSERT OR IGNORE INTO page VALUES (?, ?, ?, ?, ?)", row)
                if done.rowcount:
                    new.append(page)
        return new

    def write(self, rows: Sequence[Opened | Closed | Settled]) -> None:
        """Write the record on, all in one transaction; on return it is on the disk."""
        with told(self._path), transaction(self._db):
            for row in rows:
                match row:
                    case Opened():
                        self._db.execute(
                            "INSERT INTO attempt (page, n, channel, opened_at, is_repeat) VALUES (?, ?, ?, ?, ?)",
                            (row.page, row.n, row.channel, microseconds(row.at), row.is_repeat),
                        )
                    case Closed():
                        self._db.execute(
                            "UPDATE attempt SET closed_at = ?, result = ?, reason = ? WHERE page = ? AND n = ?",
                            (microseconds(row.at), row.result, row.reason, row.page, row.n),
                        )
                    case Settled():
                        self._db.execute(
                            "UPDATE page SET state = ? WHERE id = ?", (row.state, row.page)
                        )

    def unfinished(self) -> list[OutboxPage]:
        """Return the pages that still have to be delivered, in the order in which they were ordered."""
        return self._pages("WHERE state IN ('waiting', 'late') ORDER BY seq, rowid", ())

    def latest(self, limit: int, person: str = "") -> list[OutboxPage]:
        """Return the latest pages, the newest first; all people's, or one's."""
        where = "WHERE person = ?2 OR ?2 = '' ORDER BY seq DESC, rowid DESC LIMIT ?1"
        return self._pages(where, (limit, person))

    def unreached(self) -> list[str]:
        """Return the people whom the last page that was settled, or is late, did not reach."""
        with told(self._path):
            rows = self._db.execute(
                "SELECT person, state, max(seq) FROM page WHERE state IN ('late', 'delivered', 'undelivered')"
                " GROUP BY person"
            )
            return [person for person, state, _ in rows if state != "delivered"]

    def _pages(self, where: str, values: tuple[object, ...]) -> list[OutboxPage]:
        with told(self._path):
            rows = self._db.execute(f"SELECT id, state, body FROM page {where}", values).fetchall()  # noqa: S608 - constants
            return [
                OutboxPage(page=_PAGE.decode(body), state=state, attempts=self._attempts(own))
                for own, state, body in rows
            ]

    def _attempts(self, page: str) -> tuple[Attempt, ...]:
        rows = self._db.execute(
            "SELECT page, n, channel, opened_at, closed_at, is_repeat, result, reason"
            " FROM attempt WHERE page = ? ORDER BY n",
            (page,),
        )
        return tuple(
            Attempt(
                page=own,
                n=n,
                channel=channel,
                at=_time(opened),
                closed_at=None if closed is None else _time(closed),
                is_repeat=bool(is_repeat),
                result=result,
                reason=reason,
            )
            for own, n, channel, opened, closed, is_repeat, result, reason in rows
        )


def _time(stored: int) -> datetime:
    return EPOCH + timedelta(microseconds=stored)
