"""Inspections and actions in the journal by their ids, and the photos that they name."""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple, get_args

from monitor.core.events import ReceivedEvent, kind_of
from monitor.core.events.inspection import (
    Evidence,
    Inspection,
    InspectionAmended,
    InspectionItem,
    InspectionSubmitted,
)
from monitor.core.events.work import Action
from monitor.core.inputs import Arrival, Input
from monitor.journal.database_errors import as_journal_errors
from monitor.journal.record import EPOCH, microseconds, read_input

FORMS = ("inspection.submitted", "inspection.amended")
"""The types of events that are whole forms."""
INDEXED = frozenset(get_args(Inspection | Action))
"""The types of events that the index has."""


class WorkRow(NamedTuple):
    """An event of an inspection or action, as it came in."""

    seq: int
    received_at: datetime
    source: str
    """The topic it was received on, or where in this process it came from."""
    event: Inspection | Action


class NamedPhoto(NamedTuple):
    """An item of an inspection that names a photo."""

    seq: int
    """The number of the input that names it."""
    received_at: datetime
    checklist: str
    inspection: str
    item: str
    sha256: str


class IndexRows:
    """The rows that inputs add to the index, to be written with them."""

    def __init__(self) -> None:
        self._events: list[tuple[int, int, str, str, str]] = []
        self._evidence: list[tuple[str, int, str, str, str]] = []

    def add(self, seq: int, given: Input) -> None:
        """Take over what an input is about."""
        if not isinstance(given, Arrival):
            return
        for n, event in enumerate(given.events):
            if type(event) not in INDEXED:
                continue
            if isinstance(event, Inspection):
                row = (seq, n, kind_of(event), event.inspection, event.checklist)
                self._events.append(row)
                self._evidence += [
                    (photo.sha256, seq, item, event.checklist, event.inspection)
                    for item, photo in _named(event)
                ]
            if isinstance(event, Action):
                self._events.append((seq, n, kind_of(event), event.action, ""))

    def write(self, db: sqlite3.Connection) -> None:
        """Write the rows, inside a transaction of the caller."""
        db.executemany("INSERT INTO work_event VALUES (?, ?, ?, ?, ?)", self._events)
        db.executemany("INSERT OR IGNORE INTO evidence VALUES (?, ?, ?, ?, ?)", self._evidence)


class WorkEvents:
    """The index of a journal.

    All methods raise:
        JournalError: the journal cannot be read.

    """

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self._db = db
        self._path = path

    def of(self, subject: str) -> list[WorkRow]:
        """Return the events of an inspection or action, in order."""
        return self._rows("WHERE subject = ? ORDER BY seq, n", (subject,))

    def latest_form(self, inspection: str) -> WorkRow | None:
        """Return the form of an inspection with the highest revision; ``None`` if none came."""
        forms = [
            row
            for row in self.of(inspection)
            if isinstance(row.event, InspectionSubmitted | InspectionAmended)
        ]
        return max(forms, key=lambda row: (_revision(row), row.seq), default=None)

    def latest(self, checklist: str, limit: int) -> list[WorkRow]:
        """Return the latest forms and single answers of a checklist, the latest first."""
        return self._rows(
            "WHERE checklist = ? AND work_event.kind IN (?, ?, 'inspection.item') ORDER BY seq DESC, n DESC LIMIT ?",
            (checklist, *FORMS, limit),
        )

    def since(self, at: datetime, limit: int = 1_000) -> list[WorkRow]:
        """Return the forms that were received after a time, the latest first."""
        return self._rows(
            "WHERE work_event.kind IN (?, ?) AND received_at > ? ORDER BY seq DESC, n DESC LIMIT ?",
            (*FORMS, microseconds(at), limit),
        )

    def photos_of(self, checklist: str, item: str = "", limit: int = 20) -> list[NamedPhoto]:
        """Return the latest photos of a checklist, or of one item of it, the latest first."""
        only = " AND item = ?" if item else ""
        return self._photos(
            f"WHERE checklist = ?{only} ORDER BY seq DESC LIMIT ?",
            (checklist, *((item,) if item else ()), limit),
        )

    def naming(self, sha256: str) -> list[NamedPhoto]:
        """Return what names a photo."""
        return self._photos("WHERE sha256 = ? ORDER BY seq", (sha256,))

    def named_photos(self) -> set[str]:
        """Return the digests of all photos that anything names."""
        with as_journal_errors(self._path):
            return {own for (own,) in self._db.execute("SELECT DISTINCT sha256 FROM evidence")}

    def named_between(self, after: datetime, until: datetime) -> list[NamedPhoto]:
        """Return the photos that were named in a span of time."""
        return self._photos(
            "WHERE received_at > ? AND received_at <= ? ORDER BY seq",
            (microseconds(after), microseconds(until)),
        )

    def _photos(self, where: str, values: Sequence[object]) -> list[NamedPhoto]:
        query = (
            "SELECT seq, received_at, checklist, inspection, item, sha256"  # noqa: S608 - constants
            f" FROM evidence JOIN input USING (seq) {where}"
        )
        with as_journal_errors(self._path):
            rows = self._db.execute(query, values).fetchall()
        return [
            NamedPhoto(row[0], EPOCH + timedelta(microseconds=row[1]), *row[2:]) for row in rows
        ]

    def _rows(self, where: str, values: Sequence[object]) -> list[WorkRow]:
        query = f"SELECT n, input.* FROM work_event JOIN input USING (seq) {where}"  # noqa: S608 - constants
        found = []
        with as_journal_errors(self._path):
            for n, *row in self._db.execute(query, values).fetchall():
                given = read_input(tuple(row))
                if isinstance(given, Arrival) and isinstance(
                    event := given.events[n], Inspection | Action
                ):
                    found.append(WorkRow(row[0], given.received_at, given.source, event))
        return found


def _named(event: ReceivedEvent) -> Iterator[tuple[str, Evidence]]:
    match event:
        case InspectionItem(item=item, evidence=photos):
            yield from ((item, photo) for photo in photos)
        case InspectionSubmitted(items=items) | InspectionAmended(items=items):
            yield from ((row.item, photo) for row in items for photo in row.evidence)
        case _:
            pass


def _revision(row: WorkRow) -> int:
    revision: int = getattr(row.event, "revision", 1)
    return revision
