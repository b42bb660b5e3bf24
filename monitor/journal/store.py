"""Writes the journal: one writer, each batch one transaction, on the disk before anything is acknowledged."""

import fcntl
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b, sha256
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import msgspec

from monitor.core.alert import Alert
from monitor.core.input import Input
from monitor.core.transition import AlertChanged, ZoneChanged, ZoneStanding
from monitor.errors import JournalError
from monitor.journal.record import (
    ENCODE,
    TRANSITION,
    Record,
    Written,
    audited,
    input_row,
    read_input,
)

VERSION = 1
"""Of the schema."""
BUSY_MS = 10_000
"""So long a lock of another process (a backup, a checkpoint) is waited for."""


class Journal:
    """The journal's file, open.

    Args:
        path: the SQLite file; made if it isn't there, unless `read_only`.
        read_only: for everybody but the one writer.

    Raises:
        JournalError: the file can't be opened, trusted or written. So do all methods.

    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self.read_only = read_only
        self._lock: IO[bytes] | None = None
        with self._told():
            if read_only:
                if not path.exists():
                    raise JournalError(f"{path}: there is no journal; has the monitor run yet?")
                self._db = sqlite3.connect(
                    f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None
                )
                self._db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
                self._check_version()
            else:
                self._open_for_writing()
        self._seq: int = self._one("SELECT coalesce(max(seq), 0) FROM input")
        self._head: tuple[int, bytes] = self._audit_head()

    @property
    def seq(self) -> int:
        """The number of the latest input; 0 in a new journal."""
        return self._seq

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()
        if self._lock is not None:
            self._lock.close()

    # Writing ----------------------------------------------------------------------------------------------------

    def seen(self, ids: Sequence[bytes]) -> set[bytes]:
        """Return those of the identities that are in the journal already."""
        found: set[bytes] = set()
        with self._told():
            for start in range(0, len(ids), 500):
                part = ids[start : start + 500]
                marks = ",".join("?" * len(part))
                found.update(
                    row
                    for (row,) in self._db.execute(
                        f"SELECT id FROM input WHERE id IN ({marks})", part
                    )
                )  # noqa: S608 - marks are question marks
        return found

    def commit(self, records: Sequence[Record], snapshot: bytes | None = None) -> int:
        """Write inputs with their consequences, all or nothing; on return they are on the disk.

        Returns:
            The number of the last input.

        """
        if not records and snapshot is None:
            return self._seq
        first, head = self._seq + 1, self._head
        inputs = [input_row(first + n, record) for n, record in enumerate(records)]
        transitions: list[tuple[int, int, bytes]] = []
        alerts: dict[str, tuple[str, bool, int, bytes]] = {}
        zones: dict[str, tuple[str, int, bytes]] = {}
        trail: list[tuple[int, bytes, bytes]] = []
        for seq, record in enumerate(records, first):
            for n, transition in enumerate(record.transitions):
                transitions.append((seq, n, ENCODE.encode(transition)))
                match transition:
                    case AlertChanged(alert=alert):
                        alerts[alert.id] = (alert.id, alert.is_open, seq, ENCODE.encode(alert))
                    case ZoneChanged(standing=standing):
                        zones[standing.zone] = (standing.zone, seq, ENCODE.encode(standing))
                    case _:
                        pass
            for body in audited(record):
                head = head[0] + 1, sha256(head[1] + body).digest()
                trail.append((head[0], body, head[1]))
        last = self._seq + len(records)
        with self._told(), self._transaction():
            db = self._db
            db.executemany("INSERT INTO input VALUES (?, ?, ?, ?, ?, ?, ?, ?)", inputs)
            db.executemany("INSERT INTO transition VALUES (?, ?, ?)", transitions)
            db.executemany("INSERT OR REPLACE INTO alert VALUES (?, ?, ?, ?)", alerts.values())
            db.executemany("INSERT OR REPLACE INTO zone VALUES (?, ?, ?)", zones.values())
            db.executemany("INSERT INTO audit VALUES (?, ?, ?)", trail)
            if snapshot is not None:
                digest = blake2b(snapshot, digest_size=16).digest()
                db.execute(
                    "INSERT OR REPLACE INTO snapshot VALUES (?, ?, ?)", (last, digest, snapshot)
                )
                db.execute(
                    "DELETE FROM snapshot WHERE seq NOT IN (SELECT seq FROM snapshot ORDER BY seq DESC LIMIT 2)"
                )
        self._seq, self._head = last, head
        return last

    def advance(self, reader: str, seq: int) -> None:
        """Note that a reader has dealt with all transitions up to `seq`. A cursor never goes back."""
        with self._told(), self._transaction():
            self._db.execute(
                "INSERT INTO cursor VALUES (?, ?) ON CONFLICT (reader) DO UPDATE SET seq = max(seq, excluded.seq)",
                (reader, seq),
            )

    def checkpoint(self) -> None:
        """Move what is in the write-ahead log into the file; from another thread, on a connection of its own."""
        with self._told():
            db = sqlite3.connect(self.path, isolation_level=None)
            try:
                db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
                db.execute("PRAGMA wal_checkpoint(PASSIVE)")
            finally:
                db.close()

    # Reading ----------------------------------------------------------------------------------------------------

    def transitions(self, after: int, limit: int = 500) -> list[Written]:
        """Return the transitions of the inputs behind `after`, whole inputs only, about `limit` of them."""
        with self._told():
            rows = self._db.execute(
                "SELECT seq, n, body FROM transition WHERE seq > ? ORDER BY seq, n LIMIT ?",
                (after, limit),
            ).fetchall()
            if len(rows) == limit and rows[0][0] != rows[-1][0]:
                last = rows[-1][0]
                rows = [row for row in rows if row[0] != last]
            elif len(rows) == limit:
                rows = self._db.execute(
                    "SELECT seq, n, body FROM transition WHERE seq = ? ORDER BY n", (rows[0][0],)
                ).fetchall()
            return [Written(seq, n, TRANSITION.decode(body)) for seq, n, body in rows]

    def every_transition(self) -> Iterator[Written]:
        """Yield all transitions, in order."""
        with self._told():
            for seq, n, body in self._db.execute(
                "SELECT seq, n, body FROM transition ORDER BY seq, n"
            ):
                yield Written(seq, n, TRANSITION.decode(body))

    def messages(self) -> tuple[set[bytes], set[tuple[str, bytes]]]:
        """Return the identities of all messages, and topic and payload of all."""
        with self._told():
            rows = self._db.execute(
                "SELECT id, topic, payload FROM input WHERE id IS NOT NULL"
            ).fetchall()
        return {row[0] for row in rows}, {(row[1], row[2]) for row in rows}

    def inputs(self, after: int = 0) -> Iterator[tuple[int, Input]]:
        """Yield the inputs behind `after` with their numbers."""
        with self._told():
            for row in self._db.execute("SELECT * FROM input WHERE seq > ? ORDER BY seq", (after,)):
                yield row[0], read_input(row)

    def cursor(self, reader: str) -> int:
        """Return how far a reader has come; 0 for a new one."""
        return int(
            self._one("SELECT coalesce((SELECT seq FROM cursor WHERE reader = ?), 0)", reader)
        )

    def cursors(self) -> dict[str, int]:
        """Return how far each reader has come."""
        with self._told():
            return dict(self._db.execute("SELECT reader, seq FROM cursor"))

    def snapshots(self) -> Iterator[tuple[int, bytes]]:
        """Yield the sound snapshots, the latest first, each with the number of its input."""
        with self._told():
            rows = self._db.execute(
                "SELECT seq, digest, body FROM snapshot ORDER BY seq DESC"
            ).fetchall()
        for seq, digest, body in rows:
            if blake2b(body, digest_size=16).digest() == digest:
                yield seq, body

    def alerts(self, *, closed_too: bool = False) -> list[Alert]:
        """Return the open alerts, or all."""
        where = "" if closed_too else "WHERE is_open = 1"
        with self._told():
            rows = self._db.execute(f"SELECT body FROM alert {where} ORDER BY seq").fetchall()  # noqa: S608 - a constant
            return [msgspec.json.decode(body, type=Alert) for (body,) in rows]

    def zones(self) -> list[ZoneStanding]:
        """Return how the zones stand."""
        with self._told():
            rows = self._db.execute("SELECT body FROM zone ORDER BY id").fetchall()
            return [msgspec.json.decode(body, type=ZoneStanding) for (body,) in rows]

    # Inside -----------------------------------------------------------------------------------------------------

    def _open_for_writing(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = self.path.with_name(self.path.name + ".lock").open("wb")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise JournalError(
                f"{self.path}: another monitor is writing this journal; stop it first"
            ) from error
        self._db = sqlite3.connect(self.path, isolation_level=None)
        db = self._db
        db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        # Checkpoints inside a commit take tens of milliseconds: `checkpoint` does it from another thread.
        db.execute("PRAGMA wal_autocheckpoint = 0")
        if self._version() == 0:
            with self._transaction():
                for statement in (
                    files("monitor.journal").joinpath("schema.sql").read_text().split(";\n")
                ):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {VERSION}")
        self._check_version()
        (sound,) = db.execute("PRAGMA quick_check(1)").fetchone()
        if sound != "ok":
            raise JournalError(f"{self.path}: damaged: {sound}; put the latest backup in its place")

    def _check_version(self) -> None:
        if (found := self._version()) != VERSION:
            raise JournalError(
                f"{self.path}: its schema has version {found}, this monitor reads {VERSION}; use the monitor that wrote it"
            )

    def _version(self) -> int:
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        return int(version)

    def _audit_head(self) -> tuple[int, bytes]:
        with self._told():
            row = self._db.execute("SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1").fetchone()
        return (0, b"") if row is None else (row[0], row[1])

    def _one(self, query: str, *values: object) -> int:
        with self._told():
            (found,) = self._db.execute(query, values).fetchone()
            return int(found)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what SQLite says into what a person can act on."""
        try:
            yield
        except (sqlite3.Error, OSError, msgspec.MsgspecError) as error:
            raise JournalError(f"{self.path}: {error}{_advice(error)}") from error


def _advice(error: Exception) -> str:
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    for start, advice in _ADVICE.items():
        if name.startswith(start):
            return f"; {advice}"
    return ""


_ADVICE = {
    "SQLITE_FULL": "the disk is full: make room, then start the monitor again",
    "SQLITE_READONLY": "the file or its folder can't be written: check owner, permissions and mount",
    "PermissionError": "the file or its folder can't be written: check owner, permissions and mount",
    "SQLITE_CANTOPEN": "the file or its folder can't be opened: check owner, permissions and mount",
    "SQLITE_IOERR": "the disk fails: check it, then start the monitor again",
    "SQLITE_CORRUPT": "the file is damaged: put the latest backup in its place",
    "SQLITE_NOTADB": "this is no journal, or its beginning is damaged: put the latest backup in its place",
    "SQLITE_BUSY": "another process holds it: end that one",
    "ValidationError": "a row is damaged: put the latest backup in its place",
    "DecodeError": "a row is damaged: put the latest backup in its place",
}
