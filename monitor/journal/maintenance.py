"""Maintains a journal's file: statistics, export, backup, retention, checkpoints."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import datetime
from itertools import takewhile
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple, Self

import msgspec

from monitor.errors import JournalError
from monitor.journal.database import (
    BUSY_MS,
    LARGEST_LOG,
    connect,
    create,
    open_to_read,
    transaction,
)
from monitor.journal.database_errors import as_journal_errors
from monitor.journal.head import Head
from monitor.journal.record import ENCODE, microseconds, read_input

PAGES = 1_000
"""Pages that are copied between two reports of a backup: 4 MB."""
CHUNK = 2_000
"""Inputs removed in one transaction, which blocks the writer for about 20 ms."""
RESTART_BUSY_MS = 50
"""Milliseconds for which a restart of the log may block the writer."""


def stats(path: Path) -> dict[str, Any]:
    """Return statistics: rows of each table, inputs by kind, zones by readiness, cursors, bytes, first and last input.

    Raises:
        JournalError: the journal cannot be read.

    """
    with as_journal_errors(path), closing(open_to_read(path)) as db:
        db.execute("BEGIN")
        tables = (
            "input",
            "transition",
            "alert",
            "zone",
            "snapshot",
            "audit",
            "page",
            "attempt",
            "log_entry",
        )
        counts = {name: _one(db, f"SELECT count(*) FROM {name}") for name in tables}  # noqa: S608 - constants
        return {
            "path": str(path),
            "bytes": path.stat().st_size + _wal(path),
            "rows": counts,
            "inputs": dict(
                db.execute("SELECT kind, count(*) FROM input GROUP BY kind ORDER BY kind")
            ),
            "zones": dict(
                db.execute(
                    "SELECT json_extract(body, '$.state'), count(*) FROM readiness "
                    "WHERE json_extract(body, '$.zone') != '' GROUP BY 1 ORDER BY 1"
                )
            ),
            "open_alerts": _one(db, "SELECT count(*) FROM alert WHERE is_open = 1"),
            "first_seq": _one(db, "SELECT coalesce(min(seq), 0) FROM input"),
            "last_seq": _one(db, "SELECT coalesce(max(seq), 0) FROM input"),
            "cursors": dict(db.execute("SELECT reader, seq FROM cursor")),
            "head": str(_chain_head(db)),
            "audit_head": _head(db),
        }


def export(path: Path, after: int = 0) -> Iterator[str]:
    """Yield every input with its transitions as one line of JSON, in order.

    Raises:
        JournalError: the journal cannot be read.

    """
    with as_journal_errors(path), closing(open_to_read(path)) as db:
        for row in db.execute("SELECT * FROM input WHERE seq > ? ORDER BY seq", (after,)):
            bodies = db.execute("SELECT body FROM transition WHERE seq = ? ORDER BY n", (row[0],))
            line = {
                "seq": row[0],
                "topic": row[4],
                "input": msgspec.to_builtins(read_input(row)),
                "transitions": [json.loads(body) for (body,) in bodies],
            }
            yield ENCODE.encode(line).decode()


class Messages(NamedTuple):
    """Messages in a journal."""

    seq: int
    """The latest of them, or the input after which they were looked for."""
    ids: set[bytes]
    """Their identities."""
    raw: set[tuple[str, bytes]]
    """Topic and payload of those that are kept verbatim."""


def messages(path: Path, after: int = 0) -> Messages:
    """Return the messages after an input.

    Raises:
        JournalError: the journal cannot be read.

    """
    with as_journal_errors(path), closing(open_to_read(path)) as db:
        rows = db.execute(
            "SELECT id, topic, payload, seq FROM input WHERE seq > ? AND id IS NOT NULL ORDER BY seq",
            (after,),
        ).fetchall()
    latest = rows[-1][3] if rows else after
    return Messages(latest, {row[0] for row in rows}, {(row[1], row[2]) for row in rows})


def backup(path: Path, target: Path, report: Callable[[int, int], None] | None = None) -> None:
    """Copy the journal while the monitor keeps writing; the copy is consistent.

    Args:
        path: the journal.
        target: the copy.
        report: is called with the number of pages copied, and of all.

    Raises:
        JournalError: the target exists or cannot be written.

    """
    if target.exists():
        raise JournalError(f"{target}: already exists; choose the name of a new file")
    with as_journal_errors(path), closing(open_to_read(path)) as db, ExitStack() as on_failure:
        on_failure.callback(target.unlink, missing_ok=True)  # a partial copy is worse than none
        with as_journal_errors(target):
            create(target)
            with closing(connect(target)) as copy:
                # One snapshot for all parts: otherwise the copy begins anew after each commit of the monitor.
                db.execute("BEGIN")
                db.execute("SELECT count(*) FROM sqlite_schema").fetchone()

                def on_part(_: int, remaining: int, total: int) -> None:
                    if report is not None:
                        report(total - remaining, total)

                db.backup(copy, pages=PAGES, progress=on_part)
        on_failure.pop_all()


class Maintenance:
    """A connection of its own that checkpoints a journal and removes old entries while another one writes.

    It stays open, so that maintenance goes on when no further file can be opened. Call its methods on another thread
    than the writer's, one at a time.

    Raises:
        JournalError: the journal cannot be opened.

    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._in_use = Lock()
        """Held while a method runs: a connection that is closed meanwhile ends the process."""
        with as_journal_errors(path):
            self._db = connect(path, check_same_thread=False)
            # If the power fails while entries are removed, they are back and the next call removes them.
            self._db.execute("PRAGMA synchronous = NORMAL")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._in_use:
            self._db.close()

    def checkpoint(self) -> None:
        """Move the write-ahead log into the file.

        During continuous writing the log only grows; above its limit the writer is blocked for some milliseconds, so
        that the log restarts.

        Raises:
            JournalError: the journal cannot be written.

        """
        with self._in_use, as_journal_errors(self._path):
            _, pages, _ = self._db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            (page,) = self._db.execute("PRAGMA page_size").fetchone()
            if pages * page > LARGEST_LOG:
                # The writer is blocked for as long as another connection reads: limit that time.
                self._db.execute(f"PRAGMA busy_timeout = {RESTART_BUSY_MS}")
                self._db.execute("PRAGMA wal_checkpoint(RESTART)")
                self._db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")

    def prune(self, before: datetime) -> int:
        """Remove up to 2,000 of the oldest inputs with their transitions; return the number removed.

        Call it again until it returns 0. Only inputs older than `before` are removed, oldest first. Inputs that a
        reader has not read, inputs after the older snapshot and the last input are kept: a reader or a restart still
        needs them. The audit trail is kept whole.

        Raises:
            JournalError: the journal cannot be written.

        """
        with self._in_use, as_journal_errors(self._path):
            return _prune(self._db, before)


def _prune(db: sqlite3.Connection, before: datetime) -> int:
    oldest = db.execute(
        "SELECT seq, received_at FROM input WHERE seq < ? ORDER BY seq LIMIT ?",
        (_needed_from(db), CHUNK),
    ).fetchall()
    limit = microseconds(before)
    gone = [seq for seq, _ in takewhile(lambda row: row[1] < limit, oldest)]
    if gone:
        with transaction(db):
            db.execute(
                "UPDATE chain_start SET (seq, hash) = (SELECT seq, hash FROM input WHERE seq = ?)"
                " WHERE seq < ?",
                (gone[-1], gone[-1]),
            )
            remove(db, gone[-1])
    return len(gone)


def remove(db: sqlite3.Connection, last: int) -> None:
    """Remove the inputs up to `last` with all that only belongs to them, inside a transaction of the caller."""
    for table in ("input", "transition", "log_change", "work_event", "evidence"):
        db.execute(f"DELETE FROM {table} WHERE seq <= ?", (last,))  # noqa: S608 - constants
    db.execute("DELETE FROM alert WHERE is_open = 0 AND seq <= ?", (last,))
    done = "SELECT id FROM page WHERE seq <= ? AND state NOT IN ('waiting', 'late')"
    db.execute(f"DELETE FROM attempt WHERE page IN ({done})", (last,))  # noqa: S608 - constants
    db.execute(f"DELETE FROM page WHERE id IN ({done})", (last,))  # noqa: S608 - constants


def _needed_from(db: sqlite3.Connection) -> int:
    """Return the number of the first input that a reader or a restart still needs."""
    last = _one(db, "SELECT coalesce(max(seq), 0) FROM input")
    snapshot = _one(db, "SELECT coalesce(min(seq), -1) FROM snapshot")
    unread = db.execute(
        "SELECT min(seq) FROM transition WHERE seq > (SELECT min(seq) FROM cursor WHERE NOT thorough)"
        " UNION SELECT seq + 1 FROM cursor WHERE thorough"
    )
    needed: list[int] = [seq for (seq,) in unread if seq is not None]
    return min(last, snapshot + 1, *needed)


def _one(db: sqlite3.Connection, query: str) -> int:
    (found,) = db.execute(query).fetchone()
    return int(found)


def _head(db: sqlite3.Connection) -> str:
    row = db.execute("SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1").fetchone()
    return "" if row is None else f"{row[0]}:{row[1].hex()}"


def _chain_head(db: sqlite3.Connection) -> Head:
    row = db.execute("SELECT seq, hash FROM input ORDER BY seq DESC LIMIT 1").fetchone()
    if row is None or row[1] is None:
        row = db.execute("SELECT seq, hash FROM chain_start").fetchone()
    return Head(*row)


def _wal(path: Path) -> int:
    log = path.with_name(path.name + "-wal")
    return log.stat().st_size if log.exists() else 0
