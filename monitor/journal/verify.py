"""Proves that a journal is intact: reads every row and lists each one that is not as it was written."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Literal

import msgspec

from monitor.core.alert import Alert
from monitor.core.transitions import LogEntry, Mask, ReadinessChanged, ZoneStatus
from monitor.journal.database import open_to_read
from monitor.journal.database_errors import UNREADABLE, as_journal_errors
from monitor.journal.head import Head
from monitor.journal.input_check import InputCheck
from monitor.journal.page_check import PageCheck
from monitor.journal.record import snapshot_digest
from monitor.journal.witness import Witnessed, read_witness

LastValues = Literal["alert", "zone", "readiness", "mask", "log_entry"]
"""The tables of last values."""
Chained = Literal["input", "audit"]
"""The tables whose rows are chained by their hashes."""
_DAMAGE = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_IOERR")
SLICE = 500
"""Rows that one slice reads: it takes the interpreter from the rest of the monitor for some ten milliseconds."""


def verify(
    path: Path, head: str | None = None, report: Callable[[int, int], None] | None = None
) -> list[str]:
    """Return everything that is wrong with a journal; an empty list means that it is intact.

    Args:
        path: the journal; the monitor may keep writing.
        head: a head of the journal or of the audit trail as noted earlier, ``N:HASH``; rows cut off since then are
            found.
        report: is called with the number of inputs read, and of all.

    Raises:
        JournalError: there is no journal, its schema has another version, or `head` is malformed.

    """
    noted = None if head is None else Head.read(head)
    with as_journal_errors(path):
        witnessed = read_witness(path)  # first: the journal may only grow after that
    wrong: list[str] = []
    try:
        with closing(open_to_read(path)) as db:
            db.execute("BEGIN")  # one consistent snapshot of all tables
            wrong += _structure(db)
            wrong += _inputs(db, report)
            wrong += _orphans(db)
            wrong += _references(db)
            for table in _TABLES:
                wrong += _last_values(db, table)
            wrong += PageCheck().read(db)
            wrong += _snapshots(db)
            wrong += _AuditCheck().read(db)
            wrong += _cut_off(db, witnessed, noted)
    except sqlite3.Error as error:
        wrong.append(f"unreadable: {error}")
    return wrong


def _inputs(db: sqlite3.Connection, report: Callable[[int, int], None] | None) -> Iterator[str]:
    """Yield what is wrong with the inputs, read in parts."""
    check, before = InputCheck(), -1
    (last,) = db.execute("SELECT coalesce(max(seq), 0) FROM input").fetchone()
    while check.seq != before:
        before = check.seq
        yield from check.read(db, limit=SLICE)
        if report is not None:
            report(check.seq, last)


def verify_in_slices(path: Path) -> Iterator[list[str]]:
    """Verify a journal while the monitor writes it: each step reads some rows and yields what is wrong with them.

    The structure is checked first, in one step: a start doesn't do that for the history of a large file.

    Raises:
        JournalError: there is no journal, its schema has another version, or it can't be opened at present.

    """
    yield _slice(path, partial(_structure, check="quick_check"))
    yield _slice(path, _references)
    yield _slice(path, _snapshots)
    for check in (InputCheck(), PageCheck(), _AuditCheck()):
        before = -1
        while check.seq != before:
            before = check.seq
            yield _slice(path, partial(check.read, limit=SLICE))
    for table in _TABLES:
        yield _slice(path, partial(_last_values, table=table))


def _slice(path: Path, check: Callable[[sqlite3.Connection], Iterator[str]]) -> list[str]:
    with as_journal_errors(path):
        try:
            with closing(open_to_read(path)) as db:
                db.execute("BEGIN")
                return list(check(db))
        except sqlite3.DatabaseError as error:
            # A file that can't be opened at present, or is locked, is not damaged.
            if not getattr(error, "sqlite_errorname", "").startswith(_DAMAGE):
                raise
            return [f"unreadable: {error}"]


def _structure(db: sqlite3.Connection, check: str = "integrity_check") -> Iterator[str]:
    for (row,) in db.execute(f"PRAGMA {check}(20)"):
        if row != "ok":
            yield f"structure: {row}"


def _orphans(db: sqlite3.Connection) -> Iterator[str]:
    orphans = "SELECT count(*) FROM transition WHERE seq NOT IN (SELECT seq FROM input)"
    (count,) = db.execute(orphans).fetchone()
    if count:
        yield f"transitions without an input: {count}"


def _references(db: sqlite3.Connection) -> Iterator[str]:
    (last,) = db.execute("SELECT coalesce(max(seq), 0) FROM input").fetchone()
    for table in ("alert", "zone", "readiness", "mask", "log_entry", "snapshot", "cursor"):
        (latest,) = db.execute(f"SELECT coalesce(max(seq), 0) FROM {table}").fetchone()  # noqa: S608 - constants
        if latest > last:
            yield f"{table}: refers to input {latest}, which is missing"


def _last_values(db: sqlite3.Connection, table: LastValues) -> Iterator[str]:
    """Compare the last values with the transitions that set them, unless those have been pruned."""
    before, kind = _TABLES[table]
    for subject, seq, body in db.execute(f"SELECT id, seq, body FROM {table}"):  # noqa: S608 - constants
        try:
            msgspec.json.decode(body, type=kind)
        except UNREADABLE as error:
            yield f"{table} {subject}: {error}"
            continue
        if not _is_recorded(db, seq, before + body):
            yield f"{table} {subject}: not as input {seq} left it"
    if table != "alert":
        return
    for subject, is_open, body in db.execute("SELECT id, is_open, body FROM alert"):
        with suppress(*UNREADABLE):
            if msgspec.json.decode(body, type=Alert).is_open != bool(is_open):
                yield f"alert {subject}: open in one column, closed in another"


_TABLES: Mapping[LastValues, tuple[bytes, type]] = {
    "alert": (b'"alert":', Alert),
    "zone": (b'"standing":', ZoneStatus),
    "readiness": (b"", ReadinessChanged),
    "mask": (b'"mask":', Mask),
    "log_entry": (b'"entry":', LogEntry),
}
"""Each table of last values: the text before its bodies in the transitions that hold them, and their type."""


def _is_recorded(db: sqlite3.Connection, seq: int, body: bytes) -> bool:
    """Return whether a transition of this input holds the body; true where retention has removed the transitions."""
    rows = db.execute("SELECT body FROM transition WHERE seq = ?", (seq,)).fetchall()
    return not rows or any(body in row for (row,) in rows)


def _snapshots(db: sqlite3.Connection) -> Iterator[str]:
    for seq, digest, body in db.execute("SELECT seq, digest, body FROM snapshot"):
        if snapshot_digest(body) != digest:
            yield f"snapshot {seq}: its digest does not match; it was changed or damaged"


class _AuditCheck:
    """Follows the audit trail: each hash covers its row and the previous hash."""

    def __init__(self) -> None:
        self.seq = 0
        """The number of the latest row that was read."""
        self._hash = b""

    def read(self, db: sqlite3.Connection, limit: int = -1) -> Iterator[str]:
        """Read on, at most `limit` rows; yield what is wrong with them."""
        rows = db.execute(
            "SELECT n, body, hash FROM audit WHERE n > ? ORDER BY n LIMIT ?", (self.seq, limit)
        )
        for n, body, found in rows:
            if n != self.seq + 1:
                yield f"audit {self.seq + 1}: missing"
            elif sha256(self._hash + body).digest() != found:
                yield f"audit {n}: its hash does not match; this row or an earlier one was changed"
            self.seq, self._hash = n, found


def _cut_off(
    db: sqlite3.Connection, witnessed: Witnessed | None, noted: Head | None
) -> Iterator[str]:
    """Compare the ends of both chains with the witness and with the head that a person has noted."""
    if witnessed is not None:
        (own,) = db.execute("SELECT id FROM journal").fetchone()
        seq = witnessed.seq
        (last,) = db.execute(
            "SELECT max((SELECT coalesce(max(seq), 0) FROM input), (SELECT coalesce(max(last), 0) FROM loss))"
        ).fetchone()
        if own != witnessed.journal:
            yield "witness: it belongs to another journal"
        elif seq > last:
            yield f"input {last + 1}: missing, to {seq}: the end of the journal was cut off, its witness knows more"
        elif _hash_of(db, "input", seq) not in (None, witnessed.hash):
            yield f"input {seq}: not the one that the witness knows; the journal was rewritten"
        number, head = witnessed.audit
        if own == witnessed.journal and number and _hash_of(db, "audit", number) != head:
            yield f"audit {number}: not the row that the witness knows; the trail was rewritten or cut off"
    if noted is None:
        return
    found = _hash_of(db, "input", noted.seq), _hash_of(db, "audit", noted.seq)
    if noted.hash in found:
        return
    (start,) = db.execute("SELECT seq FROM chain_start").fetchone()
    if found == (None, None) and noted.seq <= start:
        yield f"{noted.seq}: too old to be compared, retention has removed it; note a newer head"
    elif found == (None, None):
        yield f"{noted.seq}: missing, although its hash was noted: the end of the journal was cut off"
    else:
        yield f"{noted.seq}: not the row that was noted; the journal was rewritten"


def _hash_of(db: sqlite3.Connection, table: Chained, number: int) -> bytes | None:
    """Return the hash of one row; ``None`` if there is no such row, or it is older than the chain."""
    key = "n" if table == "audit" else "seq"
    row = db.execute(f"SELECT hash FROM {table} WHERE {key} = ?", (number,)).fetchone()  # noqa: S608 - constants
    return None if row is None else row[0]
