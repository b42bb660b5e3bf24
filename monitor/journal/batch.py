"""One commit of the journal: the rows that a batch of records adds to its tables."""

import sqlite3
from collections.abc import Sequence
from hashlib import sha256

from monitor.core.inputs import Arrival
from monitor.journal.audit import AUDITED, audited
from monitor.journal.last_values import LastValues
from monitor.journal.record import ENCODE, InputRow, Record, input_row
from monitor.journal.work_events import INDEXED, IndexRows

_NOTED = AUDITED | INDEXED
"""The types of events that belong in the audit trail or in an index, even if nothing follows."""


class Batch:
    """The rows of consecutive inputs.

    Args:
        records: the inputs with their transitions.
        first: the number of the first input.
        before: the hash of the input before.
        head: number and hash of the latest row of the audit trail.

    """

    def __init__(
        self, records: Sequence[Record], first: int, before: bytes, head: tuple[int, bytes]
    ) -> None:
        self.hash = before
        """The hash of the latest input after this batch."""
        self.head = head
        """Number and hash of the latest row of the audit trail after this batch."""
        self.last_transition_seq: int | None = None
        """The number of the latest input with transitions."""
        self._inputs: list[InputRow] = []
        self._transitions: list[tuple[int, int, bytes]] = []
        self._last_values = LastValues()
        self._index = IndexRows()
        self._audit: list[tuple[int, bytes, bytes]] = []
        for seq, record in enumerate(records, first):
            self._add(seq, record)

    def write(self, db: sqlite3.Connection) -> None:
        """Write the rows, inside a transaction of the caller."""
        db.executemany("INSERT INTO input VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", self._inputs)
        if self._transitions:
            db.executemany("INSERT INTO transition VALUES (?, ?, ?)", self._transitions)
            self._last_values.write(db)
        self._index.write(db)
        db.executemany("INSERT INTO audit VALUES (?, ?, ?)", self._audit)

    def _add(self, seq: int, record: Record) -> None:
        given, transitions = record.input, record.transitions
        bodies = [ENCODE.encode(each) for each in transitions] if transitions else []
        row, self.hash = input_row(seq, record, bodies, self.hash)
        self._inputs.append(row)
        if type(given) is Arrival and not bodies and _NOTED.isdisjoint(map(type, given.events)):
            return  # as most messages are
        if record.id is not None:
            self._index.add(seq, given)
        if bodies:
            self.last_transition_seq = seq
            self._transitions += [(seq, n, body) for n, body in enumerate(bodies)]
            for n, transition in enumerate(transitions):
                self._last_values.update(seq, n, transition)
        for body in audited(record):
            self.head = self.head[0] + 1, sha256(self.head[1] + body).digest()
            self._audit.append((self.head[0], body, self.head[1]))
