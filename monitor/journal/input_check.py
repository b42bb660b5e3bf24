"""Follows the hash chain of a journal: reads inputs with their transitions, and finds each that is not as written."""

import sqlite3
from collections.abc import Iterator

from monitor.journal.database_errors import UNREADABLE
from monitor.journal.record import TRANSITION, InputRow, digests, read_input


class InputCheck:
    """A check of all inputs, in as many parts as it takes; retention may remove inputs between two parts."""

    def __init__(self) -> None:
        self.seq = 0
        """The number of the latest input that was read."""
        self._hash = b""

    def read(self, db: sqlite3.Connection, limit: int = -1) -> Iterator[str]:
        """Read on, at most `limit` inputs, inside a transaction of the caller; yield what is wrong with them."""
        start, start_hash = db.execute("SELECT seq, hash FROM chain_start").fetchone()
        (first,) = db.execute("SELECT min(seq) FROM input").fetchone()
        lost = dict(db.execute("SELECT first, last FROM loss"))
        rows = db.execute(
            "SELECT * FROM input WHERE seq > ? ORDER BY seq LIMIT ?", (self.seq, limit)
        )
        for row in rows:
            seq: int = row[0]
            expected = self.seq + 1
            if seq not in (first, expected) and lost.get(expected) != seq - 1:
                yield f"input {expected}: missing" + (
                    f", to {seq - 1}" if seq > expected + 1 else ""
                )
            before = start_hash if self.seq <= start else self._hash
            yield from _wrong(db, row, before, is_chained=seq > start)
            self.seq, self._hash = seq, row[9] or b""


def _wrong(
    db: sqlite3.Connection, row: InputRow, before: bytes, *, is_chained: bool
) -> Iterator[str]:
    seq = row[0]
    found = db.execute("SELECT body FROM transition WHERE seq = ? ORDER BY n", (seq,)).fetchall()
    bodies = [body for (body,) in found]
    checksum, own = digests(row[:8], bodies, before)
    if checksum != row[8]:
        yield f"input {seq}: the input or its transitions are not as they were written"
        return
    if is_chained and own != row[9]:
        yield f"input {seq}: its hash does not match; this input, its transitions or the one before it were changed"
    try:
        read_input(row)
        for body in bodies:
            TRANSITION.decode(body)
    except UNREADABLE as error:
        yield f"input {seq}: {error}"
