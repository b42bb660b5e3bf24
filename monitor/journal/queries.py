"""What is in an open journal: inputs, transitions, snapshots, and the last values of alerts, zones and masks."""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from monitor.core.alert import Alert
from monitor.core.inputs import Input
from monitor.core.transitions import Mask, ReadinessChanged, Transition, ZoneStatus
from monitor.journal.database_errors import as_journal_errors
from monitor.journal.record import (
    EPOCH,
    TRANSITION,
    Entry,
    Written,
    microseconds,
    read_input,
    snapshot_digest,
)


class Queries:
    """Reads a journal, and changes nothing.

    Args:
        db: the open file.
        path: the file, for messages.

    All methods raise:
        JournalError: the file cannot be read, or is damaged.

    """

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self.path = path
        self._db = db

    def seen(self, ids: Sequence[bytes]) -> set[bytes]:
        """Return the identities that are already in the journal."""
        found: set[bytes] = set()
        with as_journal_errors(self.path):
            for start in range(0, len(ids), 500):
                part = ids[start : start + 500]
                marks = ",".join("?" * len(part))
                query = f"SELECT id FROM input WHERE id IN ({marks})"  # noqa: S608 - question marks
                found.update(row for (row,) in self._db.execute(query, part))
        return found

    def message(self, own: bytes) -> Input | None:
        """Return the message with an identity; ``None`` if it is not in the journal."""
        with as_journal_errors(self.path):
            row = self._db.execute("SELECT * FROM input WHERE id = ?", (own,)).fetchone()
            return None if row is None else read_input(row)

    def entry_of(self, own: bytes) -> Entry | None:
        """Return the message with an identity, and what followed; ``None`` if it is not in the journal."""
        with as_journal_errors(self.path):
            row = self._db.execute("SELECT * FROM input WHERE id = ?", (own,)).fetchone()
            if row is None:
                return None
            bodies = self._db.execute(
                "SELECT body FROM transition WHERE seq = ? ORDER BY n", (row[0],)
            ).fetchall()
        return Entry(row, [body for (body,) in bodies], self.path)

    def transitions_of(self, own: bytes) -> list[Transition] | None:
        """Return the transitions of the message with an identity; ``None`` if it is not in the journal."""
        with as_journal_errors(self.path):
            row = self._db.execute("SELECT seq FROM input WHERE id = ?", (own,)).fetchone()
            if row is None:
                return None
            rows = self._db.execute(
                "SELECT body FROM transition WHERE seq = ? ORDER BY n", row
            ).fetchall()
            return [TRANSITION.decode(body) for (body,) in rows]

    def transitions(self, after: int, limit: int = 500) -> list[Written]:
        """Return about `limit` transitions of the inputs after `after`; an input's transitions are never split."""
        with as_journal_errors(self.path):
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
        """Return at most `limit` inputs after `after`, with their transitions."""
        with as_journal_errors(self.path):
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
            return [Entry(row, bodies.get(row[0], ()), self.path) for row in rows]

    def inputs(self, after: int = 0) -> Iterator[tuple[int, Input]]:
        """Yield the inputs after `after` with their numbers."""
        with as_journal_errors(self.path):
            for row in self._db.execute("SELECT * FROM input WHERE seq > ? ORDER BY seq", (after,)):
                yield row[0], read_input(row)

    def inputs_at(self, numbers: Sequence[int]) -> Iterator[tuple[int, Input]]:
        """Yield the inputs with these numbers, as far as the journal has them, each with its number."""
        with as_journal_errors(self.path):
            for start in range(0, len(numbers), 500):
                part = numbers[start : start + 500]
                marks = ",".join("?" * len(part))
                query = f"SELECT * FROM input WHERE seq IN ({marks})"  # noqa: S608 - question marks
                for row in self._db.execute(query, part):
                    yield row[0], read_input(row)

    def mentioning(self, text: str, after: int, until: int) -> Iterator[Input]:
        """Yield the messages after one input and until another in which a text occurs, the latest first."""
        with as_journal_errors(self.path):
            rows = self._db.execute(
                "SELECT * FROM input WHERE seq > ? AND seq <= ? AND kind = 'arrival'"
                " AND instr(coalesce(body, payload), ?) > 0 ORDER BY seq DESC",
                (after, until, text.encode()),
            ).fetchall()
            for row in rows:
                yield read_input(row)

    def first_received_after(self, after: int, *, stateful: bool = False) -> datetime | None:
        """Return when the first input after a reader's cursor was received; ``None`` if there is none.

        Args:
            after: the cursor.
            stateful: count every input, and not only inputs with transitions.

        """
        first = "?" if stateful else "(SELECT min(seq) - 1 FROM transition WHERE seq > ?)"
        query = f"SELECT received_at FROM input WHERE seq > {first} ORDER BY seq LIMIT 1"  # noqa: S608 - constants
        with as_journal_errors(self.path):
            row = self._db.execute(query, (after,)).fetchone()
        return None if row is None else EPOCH + timedelta(microseconds=row[0])

    def seq_before(self, t: datetime) -> int:
        """Return the number of the latest input received before a time; 0 if there is none."""
        return self._one(
            "SELECT coalesce((SELECT seq FROM input WHERE received_at < ? ORDER BY seq DESC LIMIT 1), 0)",
            microseconds(t),
        )

    def hash_at(self, seq: int) -> bytes | None:
        """Return the head of the hash chain after an input; ``None`` where retention has removed it."""
        with as_journal_errors(self.path):
            start, before = self._db.execute("SELECT seq, hash FROM chain_start").fetchone()
            if seq < start:
                return None
            row = self._db.execute(
                "SELECT hash FROM input WHERE seq <= ? AND seq > ? ORDER BY seq DESC LIMIT 1",
                (seq, start),
            ).fetchone()
        return bytes(before if row is None else row[0])

    def snapshots(self) -> Iterator[tuple[int, bytes]]:
        """Yield the undamaged snapshots, latest first, each with the number of its input."""
        with as_journal_errors(self.path):
            rows = self._db.execute(
                "SELECT seq, digest, body FROM snapshot ORDER BY seq DESC"
            ).fetchall()
        for seq, digest, body in rows:
            if snapshot_digest(body) == digest:
                yield seq, body

    def alerts(self, *, closed_too: bool = False) -> list[Alert]:
        """Return the open alerts; with `closed_too`, all alerts that are not pruned."""
        where = "" if closed_too else "WHERE is_open = 1"
        with as_journal_errors(self.path):
            rows = self._db.execute(f"SELECT body FROM alert {where} ORDER BY seq").fetchall()  # noqa: S608 - a constant
            return [msgspec.json.decode(body, type=Alert) for (body,) in rows]

    def alert(self, own: str) -> Alert | None:
        """Return an alert, open or closed; ``None`` if the id is unknown or the alert is pruned."""
        with as_journal_errors(self.path):
            row = self._db.execute("SELECT body FROM alert WHERE id = ?", (own,)).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=Alert)

    def zones(self) -> list[ZoneStatus]:
        """Return the status of each zone."""
        with as_journal_errors(self.path):
            rows = self._db.execute("SELECT body FROM zone ORDER BY id").fetchall()
            return [msgspec.json.decode(body, type=ZoneStatus) for (body,) in rows]

    def readiness(self) -> list[ReadinessChanged]:
        """Return the readiness of sites and zones, each site before its zones."""
        with as_journal_errors(self.path):
            rows = self._db.execute("SELECT body FROM readiness ORDER BY id").fetchall()
            return [msgspec.json.decode(body, type=ReadinessChanged) for (body,) in rows]

    def masks(self) -> list[Mask]:
        """Return the masks in force."""
        with as_journal_errors(self.path):
            rows = self._db.execute("SELECT body FROM mask ORDER BY seq").fetchall()
            return [msgspec.json.decode(body, type=Mask) for (body,) in rows]

    def _one(self, query: str, *values: object) -> int:
        with as_journal_errors(self.path):
            (found,) = self._db.execute(query, values).fetchone()
            return int(found)
