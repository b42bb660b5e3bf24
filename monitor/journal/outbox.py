"""The outbox of pages: each page with its person, and the record of every attempt to deliver it."""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, assert_never

import msgspec
from msgspec import Struct

from monitor.core.phrase import Phrase, phrase
from monitor.core.transitions import PageOrdered
from monitor.journal.database import transaction
from monitor.journal.database_errors import as_journal_errors
from monitor.journal.record import ENCODE, EPOCH, microseconds

PageState = Literal["waiting", "late", "delivered", "needless", "undelivered"]
"""The state of a page.

``late``: not delivered in time, reported as such and still being tried; ``needless``: not delivered before it stopped
being needed; ``undelivered``: given up.
"""
AttemptResult = Literal["open", "delivered", "failed", "unknown"]
"""The result of an attempt; after ``open`` and ``unknown`` the page may have arrived."""

PRIMARY = "primary"
"""Stands for the channel of an attempt that the monitor before a take-over may have made."""
MOST_SEARCHED = 2_000
"""Pages that are searched for an alert: it takes milliseconds."""
_PHRASE = msgspec.json.Decoder(Phrase)
_PAGE = msgspec.json.Decoder(PageOrdered)


class AttemptOpened(Struct, frozen=True, kw_only=True):
    """A page is about to be handed to a channel."""

    page: str
    n: int
    channel: str
    at: datetime
    is_repeat: bool


class AttemptClosed(Struct, frozen=True, kw_only=True):
    """The result of an attempt is known."""

    page: str
    n: int
    at: datetime
    result: AttemptResult
    reason: Phrase | str = ""


class PageSettled(Struct, frozen=True, kw_only=True):
    """A page has reached a state."""

    page: str
    state: PageState


class Attempt(AttemptOpened, frozen=True, kw_only=True):
    """One attempt as recorded."""

    closed_at: datetime | None = None
    result: AttemptResult = "open"
    reason: Phrase | str = ""


class OutboxPage(Struct, frozen=True, kw_only=True):
    """One page with its attempts."""

    page: PageOrdered
    state: PageState
    attempts: tuple[Attempt, ...] = ()

    @property
    def may_have_arrived(self) -> bool:
        """An attempt has no recorded result, or an unknown one: a repeat must be marked as such."""
        return any(row.result in ("open", "unknown") for row in self.attempts)


class Outbox:
    """The pages of a journal.

    All methods raise:
        JournalError: the journal cannot be read or written.

    """

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self._db = db
        self._path = path

    def add(
        self,
        pages: Iterable[tuple[int, PageOrdered]],
        may_have_been_sent: Callable[[PageOrdered], bool] = lambda _: False,
    ) -> list[OutboxPage]:
        """Add pages, each with the number of its input; return those that were not in the outbox.

        Args:
            pages: the pages.
            may_have_been_sent: whether the monitor before a take-over may have sent a page.

        """
        new = []
        with as_journal_errors(self._path), transaction(self._db):
            for seq, page in pages:
                row = (page.id, seq, page.person, "waiting", ENCODE.encode(page))
                done = self._db.execute("INSERT OR IGNORE INTO page VALUES (?, ?, ?, ?, ?)", row)
                if done.rowcount:
                    if may_have_been_sent(page):
                        self._add_possible_attempt(page.id, page.at)
                    new.append(
                        OutboxPage(page=page, state="waiting", attempts=self._attempts(page.id))
                    )
        return new

    def mark_possibly_sent(self, at: datetime) -> None:
        """Record for each page that is not settled that another monitor may have sent it, inside a transaction."""
        for row in self.unfinished():
            if not row.may_have_arrived:
                self._add_possible_attempt(row.page.id, at)

    def write(self, rows: Sequence[AttemptOpened | AttemptClosed | PageSettled]) -> None:
        """Append to the record in one transaction; durable on return."""
        with as_journal_errors(self._path), transaction(self._db):
            for row in rows:
                match row:
                    case AttemptOpened():
                        self._db.execute(
                            "INSERT INTO attempt (page, n, channel, opened_at, is_repeat) VALUES (?, ?, ?, ?, ?)",
                            (row.page, row.n, row.channel, microseconds(row.at), row.is_repeat),
                        )
                    case AttemptClosed():
                        self._db.execute(
                            "UPDATE attempt SET closed_at = ?, result = ?, reason = ? WHERE page = ? AND n = ?",
                            (
                                microseconds(row.at),
                                row.result,
                                _stored(row.reason),
                                row.page,
                                row.n,
                            ),
                        )
                    case PageSettled():
                        self._db.execute(
                            "UPDATE page SET state = ? WHERE id = ?", (row.state, row.page)
                        )
                    case _:
                        assert_never(row)

    def unfinished(self) -> list[OutboxPage]:
        """Return the pages that still have to be delivered, in order."""
        return self._pages("WHERE state IN ('waiting', 'late') ORDER BY seq, rowid", ())

    def latest(self, limit: int, person: str = "") -> list[OutboxPage]:
        """Return the latest pages, newest first: of everyone, or of one person."""
        where = "WHERE person = ?2 OR ?2 = '' ORDER BY seq DESC, rowid DESC LIMIT ?1"
        return self._pages(where, (limit, person))

    def about(self, alert: str, limit: int) -> list[OutboxPage]:
        """Return the latest pages about one alert, newest first, among the latest pages of all."""
        where = (
            "WHERE rowid IN (SELECT rowid FROM page ORDER BY rowid DESC LIMIT ?3)"
            " AND instr(body, CAST(?1 AS BLOB)) ORDER BY rowid DESC LIMIT ?2"
        )
        pages = self._pages(where, (f'"{alert}"', limit, MOST_SEARCHED))
        return [row for row in pages if alert in row.page.more or _is_about(row.page, alert)]

    def unreached(self) -> list[str]:
        """Return the people who did not receive their latest settled or late page."""
        with as_journal_errors(self._path):
            rows = self._db.execute(
                "SELECT person, state, max(seq) FROM page WHERE state IN ('late', 'delivered', 'undelivered')"
                " GROUP BY person"
            )
            return [person for person, state, _ in rows if state != "delivered"]

    def _add_possible_attempt(self, page: str, at: datetime) -> None:
        when = microseconds(at)
        self._db.execute(
            "INSERT INTO attempt (page, n, channel, opened_at, closed_at, is_repeat, result, reason)"
            " SELECT ?1, coalesce(max(n), 0) + 1, ?2, ?3, ?3, 0, 'unknown', ?4 FROM attempt WHERE page = ?1",
            (page, PRIMARY, when, _stored(phrase("channel-before-take-over"))),
        )

    def _pages(self, where: str, values: tuple[object, ...]) -> list[OutboxPage]:
        with as_journal_errors(self._path):
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
                reason=_reason(reason),
            )
            for own, n, channel, opened, closed, is_repeat, result, reason in rows
        )


def _stored(reason: Phrase | str) -> str:
    """Return a reason as a row keeps it: a sentence as JSON, any other text as it is."""
    return ENCODE.encode(reason).decode() if isinstance(reason, Phrase) else reason


def _reason(text: str) -> Phrase | str:
    """Return the reason in a row; older versions wrote it in English."""
    try:
        return _PHRASE.decode(text)
    except msgspec.MsgspecError:
        return text


def _is_about(page: PageOrdered, alert: str) -> bool:
    return any(row.id == alert for row in page.alerts)


def _time(stored: int) -> datetime:
    return EPOCH + timedelta(microseconds=stored)
