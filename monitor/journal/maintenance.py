"""Looks after a journal's file: figures, export, backup, retention."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from itertools import takewhile
from pathlib import Path
from typing import Any

import msgspec

from monitor.errors import JournalError
from monitor.journal.database import connect, open_to_read, told, transaction
from monitor.journal.record import ENCODE, microseconds, read_input

CHUNK = 2_000
"""Inputs removed in one transaction: it holds the writer up for some 20 ms."""


def stats(path: Path) -> dict[str, Any]:
    """Return the figures: rows of each table, inputs by kind, zones by readiness, cursors, bytes, first and last input.

    Raises:
        JournalError: it can't be read.

    """
    with told(path), closing(open_to_read(path)) as db:
        db.execute("BEGIN")
        tables = ("input", "transition", "alert", "zone", "snapshot", "audit", "page", "attempt")
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
            "audit_head": _head(db),
        }


def export(path: Path, after: int = 0) -> Iterator[str]:
    """Yield every input with its transitions as one line of JSON, in order.

    Raises:
        JournalError: it can't be read.

    """
    with told(path), closing(open_to_read(path)) as db:
        for row in db.execute("SELECT * FROM input WHERE seq > ? ORDER BY seq", (after,)):
            followed = db.execute("SELECT body FROM transition WHERE seq = ? ORDER BY n", (row[0],))
            line = {
                "seq": row[0],
                "topic": row[4],
                "input": msgspec.to_builtins(read_input(row)),
                "transitions": [json.loads(body) for (body,) in followed],
            }
            yield ENCODE.encode(line).decode()


def messages(path: Path) -> tuple[set[bytes], set[tuple[str, bytes]]]:
    """Return the identities of all messages, and topic and payload of all that are kept as they came."""
    with told(path), closing(open_to_read(path)) as db:
        rows = db.execute("SELECT id, topic, payload FROM input WHERE id IS NOT NULL").fetchall()
    return {row[0] for row in rows}, {(row[1], row[2]) for row in rows}


def backup(path: Path, target: Path) -> None:
    """Copy the journal while the monitor writes on; the copy is whole.

    Raises:
        JournalError: the target exists, or can't be written.

    """
    if target.exists():
        raise JournalError(f"{target}: exists already; give the name of a new file")
    with told(path), closing(open_to_read(path)) as db:
        try:
            with told(target), closing(connect(target)) as copy:
                db.backup(copy)
        except BaseException:
            target.unlink(missing_ok=True)  # half a copy is worse than none
            raise


def prune(path: Path, before: datetime) -> int:
    """Remove the oldest inputs with their transitions, 2,000 at most; return how many: call again until there are none.

    Only what is older than `before`, from the old end. Never what a reader has not had yet, never past the older
    snapshot, never the last one: what a reader or a restart still needs stays. The audit trail stays whole.

    Raises:
        JournalError: it can't be written.

    """
    with told(path), closing(connect(path)) as db:
        oldest = db.execute(
            "SELECT seq, received_at FROM input WHERE seq < ? ORDER BY seq LIMIT ?",
            (_needed_from(db), CHUNK),
        ).fetchall()
        limit = microseconds(before)
        gone = [seq for seq, _ in takewhile(lambda row: row[1] < limit, oldest)]
        if gone:
            # Should the power fail now, it is all there again, and goes the next time.
            db.execute("PRAGMA synchronous = NORMAL")
            with transaction(db):
                for table in ("input", "transition"):
                    db.execute(f"DELETE FROM {table} WHERE seq <= ?", (gone[-1],))  # noqa: S608 - constants
                db.execute("DELETE FROM alert WHERE is_open = 0 AND seq <= ?", (gone[-1],))
                done = "SELECT id FROM page WHERE seq <= ? AND state NOT IN ('waiting', 'late')"
                db.execute(f"DELETE FROM attempt WHERE page IN ({done})", (gone[-1],))  # noqa: S608 - constants
                db.execute(f"DELETE FROM page WHERE id IN ({done})", (gone[-1],))  # noqa: S608 - constants
        return len(gone)


def _needed_from(db: sqlite3.Connection) -> int:
    """Return the number of the first input that somebody still needs."""
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


def _wal(path: Path) -> int:
    log = path.with_name(path.name + "-wal")
    return log.stat().st_size if log.exists() else 0
