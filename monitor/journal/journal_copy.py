"""A standby's copy of a journal: a journal file into which the rows of another one are written."""

from contextlib import ExitStack, closing
from pathlib import Path
from typing import IO, Self

from monitor.journal.changes import (
    IN_PARTS,
    Changes,
    CopyPosition,
    CopyRefused,
    Table,
    columns,
    input_digest,
)
from monitor.journal.copy_mark import CopyMark, copy_mark, set_copy_mark
from monitor.journal.database import open_to_write, take_lock, transaction
from monitor.journal.database_errors import as_journal_errors
from monitor.journal.last_values import LastValues
from monitor.journal.maintenance import remove
from monitor.journal.record import TRANSITION
from monitor.journal.work_events import WorkEvents


class JournalCopy:
    """An open copy; while it is open, no monitor can write it.

    Args:
        path: the file; created if it does not exist.

    The constructor and all methods raise:
        CopyRefused: the file is a journal of its own.
        JournalError: the file can't be opened, read or written.

    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: IO[bytes]
        with as_journal_errors(path), ExitStack() as on_failure:
            self._lock = on_failure.enter_context(take_lock(path))
            self._db = on_failure.enter_context(closing(open_to_write(path, _begin)))
            self._db.execute("PRAGMA wal_autocheckpoint = 1000")
            if not copy_mark(self._db):
                if self._one("SELECT count(*) FROM input"):
                    raise CopyRefused(
                        f"{path}: this is a journal of its own, not a copy; move it away, so that a copy can be made"
                    )
                set_copy_mark(self._db, CopyMark.UNFINISHED)
            on_failure.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._db.close()
        finally:
            self._lock.close()

    def position(self) -> CopyPosition:
        """Return what the copy has."""
        with as_journal_errors(self.path):
            seq = self._one("SELECT coalesce(max(seq), 0) FROM input")
            snapshot = self._db.execute(
                "SELECT seq, digest FROM snapshot ORDER BY seq DESC LIMIT 1"
            ).fetchone() or (0, b"")
            waiting = self._db.execute("SELECT id FROM page WHERE state IN ('waiting', 'late')")
            return CopyPosition(
                seq=seq,
                last_input=input_digest(self._db, seq),
                audit=self._one("SELECT coalesce(max(n), 0) FROM audit"),
                snapshot=snapshot[0],
                snapshot_digest=snapshot[1],
                page=self._one("SELECT coalesce(max(seq), 0) FROM page"),
                unsettled=tuple(own for (own,) in waiting),
                cursors=dict(self._db.execute("SELECT reader, seq FROM cursor")),
            )

    def apply(self, changes: Changes) -> None:
        """Write the rows in one transaction; durable on return.

        Raises:
            CopyRefused: the rows have other columns.

        """
        for name, table in changes.tables.items():
            if table.columns != columns(self._db, name):
                raise CopyRefused(
                    f"table {name} has other columns in the copy; install the same version of the monitor on both"
                    " machines"
                )
        with as_journal_errors(self.path), transaction(self._db):
            for name, table in changes.tables.items():
                if name not in IN_PARTS:
                    self._db.execute(f"DELETE FROM {name}")  # noqa: S608 - of our own schema
                self._write(name, table)
            self._update_last_values(changes.tables["transition"])
            self._forget(changes)
            if changes.is_complete:
                set_copy_mark(self._db, CopyMark.FINISHED)

    def named_photos(self) -> set[str]:
        """Return the digests of all photos that inspections name."""
        return WorkEvents(self._db, self.path).named_photos()

    def _write(self, name: str, table: Table) -> None:
        names = ", ".join(table.columns)
        marks = ", ".join("?" * len(table.columns))
        update = ", ".join(f"{column} = excluded.{column}" for column in table.columns)
        self._db.executemany(
            f"INSERT INTO {name} ({names}) VALUES ({marks}) ON CONFLICT DO UPDATE SET {update}",  # noqa: S608 - of our own schema
            table.rows,
        )

    def _update_last_values(self, transitions: Table) -> None:
        latest = LastValues()
        seq, n, body = (transitions.columns.index(column) for column in ("seq", "n", "body"))
        for row in transitions.rows:
            latest.update(row[seq], row[n], TRANSITION.decode(row[body]))
        latest.write(self._db)

    def _forget(self, changes: Changes) -> None:
        """Remove what the journal itself no longer has."""
        gone = self._db.execute("SELECT reader FROM cursor").fetchall()
        self._db.executemany(
            "DELETE FROM cursor WHERE reader = ?",
            [row for row in gone if row[0] not in changes.readers],
        )
        self._db.execute(
            "DELETE FROM snapshot WHERE seq NOT IN (SELECT seq FROM snapshot ORDER BY seq DESC LIMIT 2)"
        )
        remove(self._db, changes.first_seq - 1)

    def _one(self, query: str) -> int:
        (found,) = self._db.execute(query).fetchone()
        return int(found)


def _begin() -> None:
    """Allow a new file: a copy that is gone is made again."""
