"""Looks after a journal's file: figures, proof that it is whole, export, backup, retention."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any

import msgspec

from monitor.errors import JournalError
from monitor.journal.record import ENCODE, TRANSITION, microseconds, read_input


def stats(path: Path) -> dict[str, Any]:
    """Return the journal's figures: rows of each table, inputs by kind, cursors, bytes, first and last input."""
    with closing(_open(path)) as db:
        tables = ("input", "transition", "alert", "zone", "snapshot", "audit")
        counts = {name: _one(db, f"SELECT count(*) FROM {name}") for name in tables}  # noqa: S608 - constants
        return {
            "path": str(path),
            "bytes": path.stat().st_size + _wal(path),
            "rows": counts,
            "inputs": dict(
                db.execute("SELECT kind, count(*) FROM input GROUP BY kind ORDER BY kind")
            ),
            "open_alerts": _one(db, "SELECT count(*) FROM alert WHERE is_open = 1"),
            "first_seq": _one(db, "SELECT coalesce(min(seq), 0) FROM input"),
            "last_seq": _one(db, "SELECT coalesce(max(seq), 0) FROM input"),
            "cursors": dict(db.execute("SELECT reader, seq FROM cursor")),
            "audit_head": _head(db),
        }


def verify(path: Path) -> list[str]:
    """Return everything that is wrong with a journal; an empty list means that it is whole.

    Reads every row: the file's structure, each input and transition, the snapshots' digests, the audit chain.
    """
    wrong: list[str] = []
    try:
        with closing(_open(path)) as db:
            wrong += [
                f"structure: {row}"
                for (row,) in db.execute("PRAGMA integrity_check(20)")
                if row != "ok"
            ]
            wrong += _bad_rows(db)
            wrong += [
                f"snapshot {seq}: its digest doesn't fit; it was changed or damaged"
                for seq, digest, body in db.execute("SELECT seq, digest, body FROM snapshot")
                if blake2b(body, digest_size=16).digest() != digest
            ]
            wrong += _broken_chain(db)
            orphans = _one(
                db,
                "SELECT count(*) FROM transition WHERE seq > (SELECT coalesce(max(seq), 0) FROM input)",
            )
            if orphans:
                wrong.append(f"{orphans} transitions have no input")
    except sqlite3.Error as error:
        wrong.append(f"unreadable: {error}")
    return wrong


def export(path: Path, after: int = 0) -> Iterator[str]:
    """Yield every input with its transitions as one line of JSON, in order."""
    with closing(_open(path)) as db:
        for row in db.execute("SELECT * FROM input WHERE seq > ? ORDER BY seq", (after,)):
            followed = db.execute("SELECT body FROM transition WHERE seq = ? ORDER BY n", (row[0],))
            line = {
                "seq": row[0],
                "topic": row[4],
                "input": msgspec.to_builtins(read_input(row)),
                "transitions": [json.loads(body) for (body,) in followed],
            }
            yield ENCODE.encode(line).decode()


def backup(path: Path, target: Path) -> None:
    """Copy the journal while the monitor writes on; the copy is whole.

    Raises:
        JournalError: the target exists, or can't be written.

    """
    if target.exists():
        raise JournalError(f"{target}: exists already; give the name of a new file")
    try:
        with closing(_open(path)) as db, closing(sqlite3.connect(target)) as copy:
            db.backup(copy)
    except sqlite3.Error as error:
        raise JournalError(f"{target}: {error}") from error


def prune(path: Path, before: datetime) -> int:
    """Remove inputs that are older, with their transitions; return how many.

    Never past the slowest cursor, never past the older snapshot: what a reader or a restart still needs stays. The
    audit trail stays whole.
    """
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute("PRAGMA busy_timeout = 10000")
            keep = _one(
                db,
                "SELECT min(coalesce((SELECT min(seq) FROM cursor), 0),"
                " coalesce((SELECT min(seq) FROM snapshot), 0))",
            )
            db.execute("BEGIN IMMEDIATE")
            gone = db.execute(
                "DELETE FROM input WHERE seq <= ? AND received_at < ?", (keep, microseconds(before))
            ).rowcount
            db.execute(
                "DELETE FROM transition WHERE seq < (SELECT coalesce(min(seq), 0) FROM input)"
            )
            db.execute(
                "DELETE FROM alert WHERE is_open = 0 AND seq < (SELECT coalesce(min(seq), 0) FROM input)"
            )
            db.execute("COMMIT")
            return gone
    except sqlite3.Error as error:
        raise JournalError(f"{path}: {error}") from error


def _open(path: Path) -> sqlite3.Connection:
    if not path.exists():
        raise JournalError(f"{path}: there is no journal; has the monitor run yet?")
    try:
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        db.execute("PRAGMA busy_timeout = 10000")
        db.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.Error as error:
        raise JournalError(f"{path}: {error}") from error
    return db


def _one(db: sqlite3.Connection, query: str) -> int:
    (found,) = db.execute(query).fetchone()
    return int(found)


def _head(db: sqlite3.Connection) -> str:
    row = db.execute("SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1").fetchone()
    return "" if row is None else f"{row[0]}:{row[1].hex()}"


def _wal(path: Path) -> int:
    log = path.with_name(path.name + "-wal")
    return log.stat().st_size if log.exists() else 0


def _bad_rows(db: sqlite3.Connection) -> Iterator[str]:
    for row in db.execute("SELECT * FROM input ORDER BY seq"):
        try:
            read_input(row)
        except msgspec.MsgspecError as error:
            yield f"input {row[0]}: {error}"
    for seq, n, body in db.execute("SELECT seq, n, body FROM transition"):
        try:
            TRANSITION.decode(body)
        except msgspec.MsgspecError as error:
            yield f"transition {seq}.{n}: {error}"


def _broken_chain(db: sqlite3.Connection) -> Iterator[str]:
    before, expected = b"", 1
    for n, body, found in db.execute("SELECT n, body, hash FROM audit ORDER BY n"):
        if n != expected:
            yield f"audit {expected}: missing"
        if sha256(before + body).digest() != found:
            yield f"audit {n}: its hash doesn't fit; this row or one before it was changed"
        before, expected = found, n + 1
