"""The journal, open: one writer, one transaction per batch, durable before anything is acknowledged."""

from collections.abc import Sequence
from contextlib import ExitStack, closing
from datetime import datetime
from functools import partial
from pathlib import Path
from shutil import copyfile
from typing import IO, Self

from monitor.errors import JournalLoss
from monitor.journal.batch import Batch
from monitor.journal.copy_mark import CopyMark, copy_mark, set_copy_mark
from monitor.journal.database import (
    create,
    lock_file,
    open_to_read,
    open_to_write,
    take_lock,
    transaction,
)
from monitor.journal.database_errors import as_journal_errors
from monitor.journal.head import Head
from monitor.journal.outbox import Outbox
from monitor.journal.photos import Photos, photos_path
from monitor.journal.queries import Queries
from monitor.journal.readers import Readers
from monitor.journal.record import (
    Record,
    snapshot_digest,
)
from monitor.journal.shift_log import ShiftLog
from monitor.journal.witness import Witness, Witnessed
from monitor.journal.work_events import WorkEvents


class Journal(Queries):
    """An open journal.

    Args:
        path: the SQLite file; created if it does not exist, unless `read_only`.
        read_only: for every process but the one writer.
        accept_loss: continue although the witness knows of inputs that are missing.

    The constructor raises:
        JournalLoss: the witness knows of inputs that are missing.
    The constructor and all methods raise:
        JournalError: the file cannot be opened, read or written, or is damaged.

    """

    def __init__(self, path: Path, *, read_only: bool = False, accept_loss: bool = False) -> None:
        self.path = path  # named by errors before the file is open
        self.read_only = read_only
        self.loss: JournalLoss | None = None
        """The loss that was accepted when the journal was opened."""
        self._locks: list[IO[bytes]] = []
        self._witness: Witness | None = None
        with as_journal_errors(path), ExitStack() as on_failure:
            if not read_only:
                self._locks.append(on_failure.enter_context(take_lock(path)))
                if path.exists():
                    self._locks.append(on_failure.enter_context(lock_file(path)))
                self._witness = on_failure.enter_context(closing(Witness(path)))
                if not path.exists() or not path.stat().st_size:
                    # SQLite would delete the log of a file that is gone.
                    self._before_creation(accept_loss=accept_loss)
            before_creation = partial(self._before_creation, accept_loss=accept_loss)
            opened = open_to_read(path) if read_only else open_to_write(path, before_creation)
            super().__init__(on_failure.enter_context(closing(opened)), path)
            if len(self._locks) == 1:
                self._locks.append(on_failure.enter_context(lock_file(path)))  # it is new
            self._seq = self._one(
                "SELECT max((SELECT coalesce(max(seq), 0) FROM input), (SELECT coalesce(max(last), 0) FROM loss))"
            )
            self._accepted = self._one("SELECT coalesce(max(last), 0) FROM loss")
            """What was lost up to this input is accepted."""
            (self.id,) = self._db.execute("SELECT id FROM journal").fetchone()
            self._hash = self.hash_at(self._seq) or b""
            self._last_transition_seq = self._one("SELECT coalesce(max(seq), 0) FROM transition")
            self._head = self._audit_head()
            self._has_version_4 = bool(
                self._one(
                    "SELECT count(*) FROM identity_in_version_4"
                    " WHERE seq >= (SELECT min(seq) FROM input)"
                )
            )
            self.outbox = Outbox(self._db, path)
            """The pages, and the record of their delivery."""
            self.shift_log = ShiftLog(self._db, path)
            """The shift log, for those who read it."""
            self.work_events = WorkEvents(self._db, path)
            """Inspections, actions and their photos, by their ids."""
            self.photos = Photos(photos_path(path))
            """The files of the photos that inspections name."""
            self.readers = Readers(self._db, path)
            """How far each reader has read."""
            self.lacks_witness = False
            """Whether the witness of earlier starts was missing or unreadable when the journal was opened."""
            if self._witness is not None:
                self._compare(self._witness, accept_loss=accept_loss)
            on_failure.pop_all()

    @property
    def seq(self) -> int:
        """The number of the latest input; 0 in a new journal."""
        return self._seq

    @property
    def last_transition_seq(self) -> int:
        """The number of the latest input with transitions; a reader of transitions has nothing to read after it."""
        return self._last_transition_seq

    @property
    def head(self) -> Head:
        """The head of the hash chain over all inputs."""
        return Head(self._seq, self._hash)

    @property
    def copy_mark(self) -> CopyMark:
        """Whether this is a copy of another monitor's journal."""
        with as_journal_errors(self.path):
            return copy_mark(self._db)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and release the lock."""
        try:
            with as_journal_errors(self.path):
                self._db.close()
        finally:
            if self._witness is not None:
                self._witness.close()
            for lock in self._locks:
                lock.close()

    # Writing ----------------------------------------------------------------------------------------------------

    @property
    def has_version_4(self) -> bool:
        """Whether there are inputs that have the identity of version 4; retention removes them in time."""
        return self._has_version_4

    def commit(self, records: Sequence[Record], snapshot: bytes | None = None) -> int:
        """Write inputs with their transitions in one transaction; durable on return.

        Returns:
            The number of the last input.

        """
        if not records and snapshot is None:
            return self._seq
        batch = Batch(records, self._seq + 1, self._hash, self._head)
        last = self._seq + len(records)
        with as_journal_errors(self.path):
            with transaction(self._db):
                batch.write(self._db)
                if snapshot is not None:
                    self._write_snapshot(last, snapshot)
            self._seq, self._hash, self._head = last, batch.hash, batch.head
            self._last_transition_seq = batch.last_transition_seq or self._last_transition_seq
            if records:
                self._bear_witness()
        return last

    def accept(self, loss: JournalLoss) -> None:
        """Continue after a loss, on the word of a person: the next input gets the number after the latest known one.

        Numbers are never used twice: they identify inputs in other systems, too.
        """
        self.loss = loss
        first, last = self._seq + 1, max(loss.was, self._seq + 1)
        with as_journal_errors(self.path):
            self._db.execute("INSERT INTO loss VALUES (?, ?)", (first, last))
            self._seq = self._accepted = last
            self._bear_witness()

    def find_loss(self, known: Head, known_by: str, journal: bytes = b"") -> JournalLoss | None:
        """Compare the journal with what is known of it; return what is missing or was replaced.

        Args:
            known: the head as it was; an empty hash is not compared.
            known_by: who knows it.
            journal: the id of the journal that it was the head of; empty if unknown.

        """
        ends = self._seq
        if known.seq <= self._accepted:
            return None
        if journal and journal != self.id:
            reason = f"{known_by} knows another journal"
        elif known.seq > ends:
            reason = f"so {known_by}"
        elif known.hash and (own := self.hash_at(known.seq)) is not None and own != known.hash:
            reason = f"its input {known.seq} is not the one that {known_by} knows"
        else:
            return None
        return JournalLoss(self.path, ends=ends, was=known.seq, reason=reason)

    def take_over(self, at: datetime) -> None:
        """Turn a copy into a journal of its own; pages that are not settled may have been sent by the other monitor."""
        with as_journal_errors(self.path), transaction(self._db):
            self.outbox.mark_possibly_sent(at)
            set_copy_mark(self._db, CopyMark.NONE)
        self.lacks_witness = False  # a copy has none

    # Inside -----------------------------------------------------------------------------------------------------

    def _before_creation(self, *, accept_loss: bool) -> None:
        """Refuse to create a journal in the place of one that is gone."""
        known = None if self._witness is None else self._witness.known
        if known is None or not known.seq:
            return
        self.loss = JournalLoss(self.path, ends=0, was=known.seq, reason="so its witness")
        if not accept_loss:
            self._keep_log()
            raise self.loss

    def _compare(self, witness: Witness, *, accept_loss: bool) -> None:
        """Compare the journal with its witness, and create one where there is none."""
        known, loss = witness.known, self.loss
        if known is None:
            chained = "SELECT EXISTS (SELECT 1 FROM input WHERE hash IS NOT NULL)"
            self.lacks_witness = bool(self._one(chained))
        elif loss is None:
            loss = self.find_loss(Head(known.seq, known.hash), "its witness", known.journal)
        if loss is None:
            self._bear_witness()
        elif accept_loss:
            self.accept(loss)
        else:
            self._keep_log()
            raise loss

    def _keep_log(self) -> None:
        """Keep a copy of the log as it is: SQLite deletes it when the journal is closed, with what it can't read."""
        log, kept = (
            self.path.with_name(self.path.name + suffix) for suffix in ("-wal", "-wal.kept")
        )
        if log.exists() and log.stat().st_size and not kept.exists():
            create(kept)
            copyfile(log, kept)

    def _bear_witness(self) -> None:
        if self._witness is not None:
            self._witness.write(Witnessed(self.id, self._seq, self._hash, self._head))

    def _write_snapshot(self, seq: int, snapshot: bytes) -> None:
        """Write the snapshot of the state after an input; keep the latest two."""
        row = (seq, snapshot_digest(snapshot), snapshot)
        self._db.execute("INSERT OR REPLACE INTO snapshot VALUES (?, ?, ?)", row)
        self._db.execute(
            "DELETE FROM snapshot WHERE seq NOT IN (SELECT seq FROM snapshot ORDER BY seq DESC LIMIT 2)"
        )

    def _audit_head(self) -> tuple[int, bytes]:
        with as_journal_errors(self.path):
            row = self._db.execute("SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1").fetchone()
        return (0, b"") if row is None else (row[0], row[1])
