"""The readers of the journal: how far each has read, and the state that it saved there."""

import sqlite3
from collections.abc import Collection
from pathlib import Path

from monitor.journal.database import transaction
from monitor.journal.database_errors import as_journal_errors


class Readers:
    """The cursors of a journal.

    All methods raise:
        JournalError: the journal cannot be read or written.

    """

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self._db = db
        self._path = path

    def register(self, readers: Collection[str], *, stateful: Collection[str] = ()) -> None:
        """Register exactly these readers: retention keeps what they have not read. The cursors of others are deleted.

        Args:
            readers: the names of all readers; a new one starts at the beginning of the journal.
            stateful: those that read every input, and not only inputs with transitions.

        """
        with as_journal_errors(self._path), transaction(self._db):
            gone = [(name,) for name in self.cursors() if name not in readers]
            self._db.executemany("DELETE FROM cursor WHERE reader = ?", gone)
            rows = [(name, name in stateful) for name in readers]
            self._db.executemany(
                "INSERT INTO cursor (reader, seq, thorough) VALUES (?, 0, ?)"
                " ON CONFLICT (reader) DO UPDATE SET thorough = excluded.thorough",
                rows,
            )

    def register_at_tail(self, reader: str) -> None:
        """Register a reader; a new one starts after the latest input."""
        with as_journal_errors(self._path), transaction(self._db):
            self._db.execute(
                "INSERT OR IGNORE INTO cursor (reader, seq)"
                " SELECT ?, coalesce(max(seq), 0) FROM input",
                (reader,),
            )

    def advance(self, reader: str, seq: int, state: bytes | None = None) -> None:
        """Move a reader's cursor to `seq` and save its state there; a cursor never goes back."""
        with as_journal_errors(self._path), transaction(self._db):
            self._db.execute(
                "INSERT INTO cursor (reader, seq, memory) VALUES (?, ?, ?) ON CONFLICT (reader)"
                " DO UPDATE SET seq = excluded.seq, memory = excluded.memory WHERE excluded.seq >= seq",
                (reader, seq, state),
            )

    def cursor(self, reader: str) -> int:
        """Return the number of the latest input that a reader has dealt with; 0 for a new reader."""
        return self.cursors().get(reader, 0)

    def cursors(self) -> dict[str, int]:
        """Return the cursor of each reader."""
        with as_journal_errors(self._path):
            return dict(self._db.execute("SELECT reader, seq FROM cursor"))

    def saved_state(self, reader: str) -> bytes | None:
        """Return the state that a reader saved at its cursor; ``None`` for a new or a stateless reader."""
        with as_journal_errors(self._path):
            row = self._db.execute(
                "SELECT memory FROM cursor WHERE reader = ?", (reader,)
            ).fetchone()
        return None if row is None else row[0]
