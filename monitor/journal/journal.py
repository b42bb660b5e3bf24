"""Writes the journal: one writer, each batch one transaction, on the disk before anything is acknowledged."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from hashlib import blake2b, sha256
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import msgspec

from monitor.core.alert import Alert
from monitor.core.inputs import Input
from monitor.core.readiness.verdict import key
from monitor.core.transitions import (
    AlertChanged,
    Mask,
    MaskChanged,
    ReadinessChanged,
    ZoneChanged,
    ZoneStanding,
)
from monitor.journal.database import (
    LARGEST_LOG,
    connect,
    open_to_read,
    open_to_write,
    take_lock,
    told,
    transaction,
)
from monitor.journal.outbox import Outbox
from monitor.journal.record import (
    ENCODE,
    EPOCH,
    TRANSITION,
    Entry,
    Record,
    Written,
    audited,
    input_row,
    microseconds,
    read_input,
)


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
        with told(path), ExitStack() as on_failure:
            if not read_only:
                self._lock = on_failure.enter_context(take_lock(path))
            opened = open_to_read(path) if read_only else open_to_write(path)
            self._db = on_failure.enter_context(closing(opened))
            self._seq = self._one("SELECT coalesce(max(seq), 0) FROM input")
            self._last_told = self._one("SELECT coalesce(max(seq), 0) FROM transition")
            self._head: tuple[int, bytes] = self._audit_head()
            self.outbox = Outbox(self._db, path)
            """The pages, and the record of their delivery."""
            on_failure.pop_all()

    @property
    def seq(self) -> int:
        """The number of the latest input; 0 in a new journal."""
        return self._seq

    @property
    def last_told(self) -> int:
        """The number of the latest input from which something followed: who has come so far has read everything."""
        return self._last_told

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
        try:
            with told(self.path):
                self._db.close()
        finally:
            if self._lock is not None:
                self._lock.close()

    # Writing ----------------------------------------------------------------------------------------------------

    def seen(self, ids: Sequence[bytes]) -> set[bytes]:
        """Return those of the identities that are in the journal already."""
        found: set[bytes] = set()
        with told(self.path):
            for start in range(0, len(ids), 500):
                part = ids[start : start + 500]
                marks = ",".join("?" * len(part))
                query = f"SELECT id FROM input WHERE id IN ({marks})"  # noqa: S608 - question marks
                found.update(row for (row,) in self._db.execute(query, part))
        return found

    def commit(self, records: Sequence[Record], snapshot: bytes | None = None) -> int:
        """Write inputs with their consequences, all or nothing; on return they are on the disk.

        Returns:
            The number of the last input.

        """
        if not records and snapshot is None:
            return self._seq
        first, head, latest = self._seq + 1, self._head, self._last_told
        inputs: list[tuple[object, ...]] = []
        transitions: list[tuple[int, int, bytes]] = []
        alerts: dict[str, tuple[str, bool, int, bytes]] = {}
        zones: dict[str, tuple[str, int, bytes]] = {}
        ready: dict[str, tuple[str, int, bytes]] = {}
        masks: dict[str, tuple[str, int, bytes] | None] = {}
        trail: list[tuple[int, bytes, bytes]] = []
        for seq, record in enumerate(records, first):
            followed = [ENCODE.encode(transition) for transition in record.transitions]
            inputs.append(input_row(seq, record, followed))
            transitions += [(seq, n, body) for n, body in enumerate(followed)]
            latest = seq if followed else latest
            for transition in record.transitions:
                match transition:
                    case AlertChanged(alert=alert):
                        alerts[alert.id] = (alert.id, alert.is_open, seq, ENCODE.encode(alert))
                    case ZoneChanged(standing=standing):
                        zones[standing.zone] = (standing.zone, seq, ENCODE.encode(standing))
                    case ReadinessChanged(site=site, zone=zone):
                        name = key(site, zone)
                        ready[name] = (name, seq, ENCODE.encode(transition))
                    case MaskChanged(mask=mask, ended=ended):
                        masks[mask.id] = None if ended else (mask.id, seq, ENCODE.encode(mask))
                    case _:
                        pass
            for body in audited(record):
                head = head[0] + 1, sha256(head[1] + body).digest()
                trail.append((head[0], body, head[1]))
        last = self._seq + len(records)
        with told(self.path), transaction(self._db):
            db = self._db
            db.executemany("INSERT INTO input VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", inputs)
            db.executemany("INSERT INTO transition VALUES (?, ?, ?)", transitions)
            db.executemany("INSERT OR REPLACE INTO alert VALUES (?, ?, ?, ?)", alerts.values())
            db.executemany("INSERT OR REPLACE INTO zone VALUES (?, ?, ?)", zones.values())
            db.executemany("INSERT OR REPLACE INTO readiness VALUES (?, ?, ?)", ready.values())
            db.executemany("DELETE FROM mask WHERE id = ?", [(name,) for name in masks])
            db.executemany("INSERT INTO mask VALUES (?, ?, ?)", filter(None, masks.values()))
            db.executemany("INSERT INTO audit VALUES (?, ?, ?)", trail)
            if snapshot is not None:
                digest = blake2b(snapshot, digest_size=16).digest()
                db.execute(
                    "INSERT OR REPLACE INTO snapshot VALUES (?, ?, ?)", (last, digest, snapshot)
                )
                db.execute(
                    "DELETE FROM snapshot WHERE seq NOT IN (SELECT seq FROM snapshot ORDER BY seq DESC LIMIT 2)"
                )
        self._seq, self._last_told, self._head = last, latest, head
        return last

    def enlist(self, readers: Collection[str], thorough: Collection[str] = ()) -> None:
        """Note who reads: nothing goes before these have had it. A reader that is gone holds nothing back any more.

        Args:
            readers: the names of all.
            thorough: those of them that read every input, and not only what followed.

        """
        with told(self.path), transaction(self._db):
            gone = [(name,) for name in self.cursors() if name not in readers]
            self._db.executemany("DELETE FROM cursor WHERE reader = ?", gone)
            new = [(name, name in thorough) for name in readers]
            self._db.executemany(
                "INSERT INTO cursor (reader, seq, thorough) VALUES (?, 0, ?)"
                " ON CONFLICT (reader) DO UPDATE SET thorough = excluded.thorough",
                new,
            )

    def welcome(self, reader: str) -> None:
        """Let a reader that is new begin with what comes next, and not with the oldest that is there."""
        with told(self.path), transaction(self._db):
            self._db.execute(
                "INSERT OR IGNORE INTO cursor (reader, seq) VALUES (?, ?)", (reader, self._seq)
            )

    def advance(self, reader: str, seq: int, memory: bytes | None = None) -> None:
        """Note that a reader has dealt with everything up to `seq`, and what it remembers there.

        A cursor never goes back.
        """
        with told(self.path), transaction(self._db):
            self._db.execute(
                "INSERT INTO cursor (reader, seq, memory) VALUES (?, ?, ?) ON CONFLICT (reader)"
                " DO UPDATE SET seq = excluded.seq, memory = excluded.memory WHERE excluded.seq >= seq",
                (reader, seq, memory),
            )

    def checkpoint(self) -> None:
        """Move what is in the write-ahead log into the file; from another thread, on a connection of its own.

        While there is no end of writing, the log only grows; beyond its limit the writer waits, some milliseconds,
        until it can begin anew.
        """
        with told(self.path), closing(connect(self.path)) as db:
            _, pages, _ = db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            (page,) = db.execute("PRAGMA page_size").fetchone()
            if pages * page > LARGEST_LOG:
                # It holds the writer up for as long as somebody else reads: not longer than this.
                db.execute("PRAGMA busy_timeout = 50")
                db.execute("PRAGMA wal_checkpoint(RESTART)")

    # Reading ----------------------------------------------------------------------------------------------------

    def transitions(self, after: int, limit: int = 500) -> list[Written]:
        """Return the transitions of the inputs behind `after`, whole inputs only, about `limit` of them."""
        with told(self.path):
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

    def entries(self, after: int, limit: int = 1_000) -> list[Entry]:
        """Return the inputs behind `after` with what followed from each, as many as `limit`."""
        with told(self.path):
            rows = self._db.execute(
                "SELECT * FROM input WHERE seq > ? ORDER BY seq LIMIT ?", (after, limit)
            ).fetchall()
            if not rows:
                return []
            bodies: dict[int, list[bytes]] = {}
            for seq, body in self._db.execute(
                "SELECT seq, body FROM transition WHERE seq > ? AND seq <= ? ORDER BY seq, n",
                (after, rows[-1][0]),
            ):
                bodies.setdefault(seq, []).append(body)
            return [Entry(row, bodies.get(row[0], ())) for row in rows]

    def waits_since(self, after: int, *, thorough: bool = False) -> datetime | None:
        """Return when the first input behind `after` came in; ``None`` if there is none.

        Args:
            after: how far a reader has come.
            thorough: it reads every input, and not only those from which something followed.

        """
        first = "?" if thorough else "(SELECT min(seq) - 1 FROM transition WHERE seq > ?)"
        query = f"SELECT received_at FROM input WHERE seq > {first} ORDER BY seq LIMIT 1"  # noqa: S608 - constants
        with told(self.path):
            row = self._db.execute(query, (after,)).fetchone()
        return None if row is None else EPOCH + timedelta(microseconds=row[0])

    def memory(self, reader: str) -> bytes | None:
        """Return what a reader remembers at its cursor; ``None`` for one that has not read yet."""
        with told(self.path):
            row = self._db.execute(
                "SELECT memory FROM cursor WHERE reader = ?", (reader,)
            ).fetchone()
        return None if row is None else row[0]

    def seq_before(self, t: datetime) -> int:
        """Return the number of the latest input that was received before a time; 0 if there is none."""
        return self._one(
            "SELECT coalesce((SELECT seq FROM input WHERE received_at < ? ORDER BY seq DESC LIMIT 1), 0)",
            microseconds(t),
        )

    def inputs(self, after: int = 0) -> Iterator[tuple[int, Input]]:
        """Yield the inputs behind `after` with their numbers."""
        with told(self.path):
            for row in self._db.execute("SELECT * FROM input WHERE seq > ? ORDER BY seq", (after,)):
                yield row[0], read_input(row)

    def cursor(self, reader: str) -> int:
        """Return how far a reader has come; 0 for a new one."""
        return self._one("SELECT coalesce((SELECT seq FROM cursor WHERE reader = ?), 0)", reader)

    def cursors(self) -> dict[str, int]:
        """Return how far each reader has come."""
        with told(self.path):
            return dict(self._db.execute("SELECT reader, seq FROM cursor"))

    def snapshots(self) -> Iterator[tuple[int, bytes]]:
        """Yield the sound snapshots, the latest first, each with the number of its input."""
        with told(self.path):
            rows = self._db.execute(
                "SELECT seq, digest, body FROM snapshot ORDER BY seq DESC"
            ).fetchall()
        for seq, digest, body in rows:
            if blake2b(body, digest_size=16).digest() == digest:
                yield seq, body

    def alerts(self, *, closed_too: bool = False) -> list[Alert]:
        """Return the open alerts, or all."""
        where = "" if closed_too else "WHERE is_open = 1"
        with told(self.path):
            rows = self._db.execute(f"SELECT body FROM alert {where} ORDER BY seq").fetchall()  # noqa: S608 - a constant
            return [msgspec.json.decode(body, type=Alert) for (body,) in rows]

    def alert(self, own: str) -> Alert | None:
        """Return one alert, open or closed; ``None`` if there was none with this id, or it is pruned."""
        with told(self.path):
            row = self._db.execute("SELECT body FROM alert WHERE id = ?", (own,)).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=Alert)

    def zones(self) -> list[ZoneStanding]:
        """Return how the zones stand."""
        with told(self.path):
            rows = self._db.execute("SELECT body FROM zone ORDER BY id").fetchall()
            return [msgspec.json.decode(body, type=ZoneStanding) for (body,) in rows]

    def readiness(self) -> list[ReadinessChanged]:
        """Return how ready sites and zones are, each site before its zones."""
        with told(self.path):
            rows = self._db.execute("SELECT body FROM readiness ORDER BY id").fetchall()
            return [msgspec.json.decode(body, type=ReadinessChanged) for (body,) in rows]

    def masks(self) -> list[Mask]:
        """Return the masks in force."""
        with told(self.path):
            rows = self._db.execute("SELECT body FROM mask ORDER BY seq").fetchall()
            return [msgspec.json.decode(body, type=Mask) for (body,) in rows]

    # Inside -----------------------------------------------------------------------------------------------------

    def _audit_head(self) -> tuple[int, bytes]:
        with told(self.path):
            row = self._db.execute("SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1").fetchone()
        return (0, b"") if row is None else (row[0], row[1])

    def _one(self, query: str, *values: object) -> int:
        with told(self.path):
            (found,) = self._db.execute(query, values).fetchone()
            return int(found)
