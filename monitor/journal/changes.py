"""What a standby's copy of the journal lacks, read in one transaction while the monitor keeps writing."""

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import msgspec
from msgspec import Struct

from monitor.core.ids import digest
from monitor.errors import JournalError
from monitor.journal.database import VERSION, open_to_read
from monitor.journal.database_errors import as_journal_errors

Row = tuple[Any, ...]

MOST_INPUTS = 2_000
"""Inputs in one answer; reading them takes about 20 ms."""
MOST_BYTES = 8 * 1024 * 1024
"""Bytes of inputs in one answer, unless the first input alone has more."""
MOST_AUDIT_ROWS = 5_000
"""Rows of the audit trail in one answer."""
LAST_VALUES = ("alert", "zone", "readiness", "mask", "log_entry", "log_change")
"""The tables that follow from the transitions; a copy derives them, except for what was before its first input."""
OF_INPUTS = ("transition", "work_event", "evidence")
"""The tables whose rows belong to one input each."""
IN_PARTS = frozenset(
    {"input", *OF_INPUTS, *LAST_VALUES, "audit", "snapshot", "page", "attempt", "cursor"}
)
"""The tables of which an answer has the rows that the copy lacks; of the others, which are small, it has all rows."""


class CopyPosition(Struct, frozen=True, kw_only=True):
    """What a copy has."""

    version: int = VERSION
    """Of its schema."""
    seq: int = 0
    """The number of its latest input."""
    last_input: bytes = b""
    """The digest of that input's row, by which two journals are told apart."""
    audit: int = 0
    """The number of the latest row of its audit trail."""
    snapshot: int = 0
    """The input of its latest snapshot."""
    snapshot_digest: bytes = b""
    """The digest of that snapshot: a later one of the same input replaces it."""
    page: int = 0
    """The input of its latest page."""
    unsettled: tuple[str, ...] = ()
    """The ids of its pages that are still to be delivered."""
    cursors: dict[str, int] = {}
    """The cursor of each reader."""


class Table(Struct, frozen=True, kw_only=True):
    """Rows of one table."""

    columns: tuple[str, ...]
    rows: list[Row]


class Changes(Struct, frozen=True, kw_only=True):
    """Rows that a copy lacks."""

    first_seq: int
    """The oldest input of the journal; retention has removed what was before."""
    last_seq: int
    """The latest input of the journal, as of this answer."""
    seq: int
    """The latest input that the copy has once it has these rows."""
    is_complete: bool
    """The copy then lacks nothing."""
    readers: tuple[str, ...]
    """The readers that have a cursor."""
    tables: dict[str, Table]


class CopyRefused(JournalError):
    """The copy can't be continued until a person corrects something."""


class ChangesReader:
    """A connection of its own that reads for a copy; call it on another thread than the writer's, one call at a time.

    Raises:
        JournalError: the journal can't be opened.

    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with as_journal_errors(path):
            self._db = open_to_read(path, check_same_thread=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def changes(self, position: CopyPosition) -> Changes:
        """Return the next rows that a copy lacks.

        Raises:
            CopyRefused: the copy has another schema, is of another journal, or lacks inputs that retention removed.
            JournalError: the journal can't be read.

        """
        if position.version != VERSION:
            raise CopyRefused(
                f"the copy's schema has version {position.version}, the journal's {VERSION}; install the same version"
                " of the monitor on both machines"
            )
        with as_journal_errors(self._path):
            self._db.execute("BEGIN")
            try:
                return _read(self._db, position)
            finally:
                self._db.execute("ROLLBACK")


def table_names(db: sqlite3.Connection) -> list[str]:
    """Return the names of all tables."""
    rows = db.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    )
    return [name for (name,) in rows]


def input_digest(db: sqlite3.Connection, seq: int) -> bytes:
    """Return the digest of an input's row; empty if there is no such input."""
    row = db.execute("SELECT * FROM input WHERE seq = ?", (seq,)).fetchone()
    return b"" if row is None else digest(msgspec.msgpack.encode(row), size=16)


def _read(db: sqlite3.Connection, position: CopyPosition) -> Changes:
    first_seq, last_seq = db.execute(
        "SELECT coalesce(min(seq), 0), coalesce(max(seq), 0) FROM input"
    ).fetchone()
    _check(db, position, first_seq, last_seq)
    inputs = _inputs(db, position.seq)
    seq: int = inputs[-1][0] if inputs else position.seq
    since = {"after": position.seq, "to": seq}
    tables = {
        "input": _table(db, "input", inputs),
        **{
            name: _select(db, name, "WHERE seq > :after AND seq <= :to", since)
            for name in OF_INPUTS
        },
        "audit": _select(
            db,
            "audit",
            "WHERE n > :n ORDER BY n LIMIT :most",
            {"n": position.audit, "most": MOST_AUDIT_ROWS},
        ),
        "snapshot": _select(
            db,
            "snapshot",
            "WHERE seq >= :after AND seq <= :to AND digest != :digest ORDER BY seq",
            since | {"after": position.snapshot, "digest": position.snapshot_digest},
        ),
        **_pages(db, position, seq),
    }
    if not position.seq:
        for name in LAST_VALUES:
            tables[name] = _select(db, name, "WHERE seq < :first", {"first": first_seq})
    readers = dict(db.execute("SELECT reader, seq FROM cursor"))
    moved = [
        name
        for name, cursor in readers.items()
        if cursor <= seq and cursor != position.cursors.get(name)
    ]
    tables["cursor"] = _select(db, "cursor", f"WHERE reader IN ({_marks(moved)})", moved)
    for name in table_names(db):
        if name not in IN_PARTS:
            tables[name] = _select(db, name, "", ())
    return Changes(
        first_seq=first_seq,
        last_seq=last_seq,
        seq=seq,
        is_complete=seq == last_seq and len(tables["audit"].rows) < MOST_AUDIT_ROWS,
        readers=tuple(readers),
        tables=tables,
    )


def _check(db: sqlite3.Connection, position: CopyPosition, first_seq: int, last_seq: int) -> None:
    is_next = position.seq == first_seq - 1  # nothing is missing, but there is nothing to compare
    if not position.seq or is_next or input_digest(db, position.seq) == position.last_input:
        return
    if position.seq > last_seq:
        reason = f"the journal ends at input {last_seq}, before the copy: was the journal replaced?"
    elif position.seq < first_seq:
        reason = f"retention has removed the inputs from {position.seq} to {first_seq - 1}"
    else:
        reason = f"the copy has another input {position.seq}: it is of another journal"
    raise CopyRefused(f"{reason}; move the copy away, so that it is made anew")


def _inputs(db: sqlite3.Connection, after: int) -> list[Row]:
    found: list[Row] = []
    size = 0
    for row in db.execute(
        "SELECT * FROM input WHERE seq > ? ORDER BY seq LIMIT ?", (after, MOST_INPUTS)
    ):
        size += sum(len(cell) for cell in row if isinstance(cell, bytes | str))
        if found and size > MOST_BYTES:
            break
        found.append(row)
    return found


def _pages(db: sqlite3.Connection, position: CopyPosition, seq: int) -> dict[str, Table]:
    """Return the pages that the copy lacks or has not as settled, with their attempts."""
    chosen = [
        own
        for (own,) in db.execute(
            "SELECT id FROM page WHERE seq >= ? AND seq <= ? ORDER BY seq, rowid",
            (position.page, seq),
        )
    ]
    known = set(chosen)
    chosen += [own for own in position.unsettled if own not in known]
    # The order of `page` is that of its rowid, which a copy gives anew.
    pages = [_select(db, "page", "WHERE id = ?", (own,)) for own in chosen]
    attempts = [_select(db, "attempt", "WHERE page = ? ORDER BY n", (own,)) for own in chosen]
    return {
        "page": _table(db, "page", [row for table in pages for row in table.rows]),
        "attempt": _table(db, "attempt", [row for table in attempts for row in table.rows]),
    }


def _select(
    db: sqlite3.Connection, name: str, where: str, values: Mapping[str, Any] | Sequence[Any]
) -> Table:
    query = f"SELECT * FROM {name} {where}"  # noqa: S608 - names of our own schema, and constants
    return _table(db, name, db.execute(query, values).fetchall())


def _table(db: sqlite3.Connection, name: str, rows: list[Row]) -> Table:
    return Table(columns=columns(db, name), rows=rows)


def columns(db: sqlite3.Connection, name: str) -> tuple[str, ...]:
    """Return the columns of a table, in order."""
    return tuple(row[1] for row in db.execute(f"PRAGMA table_info({name})"))


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
