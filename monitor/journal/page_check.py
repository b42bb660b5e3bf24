"""Compares the pages in the outbox with the transitions that ordered them."""

import sqlite3
from collections.abc import Iterator
from contextlib import suppress

import msgspec

from monitor.core.transitions import PageOrdered
from monitor.journal.database_errors import UNREADABLE
from monitor.journal.record import TRANSITION

_PAGE = msgspec.json.Decoder(PageOrdered)


class PageCheck:
    """A check of all pages, in as many parts as it takes; retention may remove transitions between two parts."""

    def __init__(self) -> None:
        self.seq = 0
        """The row of the latest page that was read."""

    def read(self, db: sqlite3.Connection, limit: int = -1) -> Iterator[str]:
        """Read on, at most `limit` pages, inside a transaction of the caller; yield what is wrong with them."""
        rows = db.execute(
            "SELECT rowid, id, seq, body FROM page WHERE rowid > ? ORDER BY rowid LIMIT ?",
            (self.seq, limit),
        )
        for number, own, seq, body in rows:
            self.seq = number
            try:
                page = _PAGE.decode(body)
            except UNREADABLE as error:
                yield f"page {own}: {error}"
                continue
            if page.id != own or any(row != page for row in _ordered(db, seq, own)):
                yield f"page {own}: not as input {seq} ordered it"


def _ordered(db: sqlite3.Connection, seq: int, page: str) -> Iterator[PageOrdered]:
    """Yield a page as its input ordered it; nothing where retention has removed the transitions."""
    for (body,) in db.execute("SELECT body FROM transition WHERE seq = ?", (seq,)):
        with suppress(*UNREADABLE):  # a transition that can't be read is reported with its input
            match TRANSITION.decode(body):
                case PageOrdered(id=own) as ordered if own == page:
                    yield ordered
                case _:
                    pass
