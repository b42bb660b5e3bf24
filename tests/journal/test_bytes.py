"""What a commit writes, to the byte: the journal of an earlier version continues, and its chain of hashes with it."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from msgspec.structs import replace

from monitor.core.inputs import RosterChanged, RulesChanged
from monitor.journal import Journal, Record
from tests.ingest.test_upgrade import restore

BATCH = 100
TABLES = (
    *("input", "transition", "audit", "alert", "zone", "readiness", "mask"),
    *("log_change", "log_entry", "work_event", "evidence"),
)
WRITTEN = {
    "inputs": "4e61842e127cd65a828f20182ac3af9a2625daca52663fc02c45b99f0675f903",
    "inputs and transitions": "01e48bbeda795522d1c1e2988242fc76695cabecff7fc164c7dd676760a63b40",
}
"""The digest of all rows. Rows became leaner without a change of them; what delivery events gained since is in it.

A field that an event or a transition gains changes them: take the new ones over if nothing else has changed.
"""


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Record]:
    """The recorded evening of journal-e089d02, without rules and rosters, whose models grow."""
    path = restore(tmp_path_factory.mktemp("recorded") / "journal.db")
    with Journal(path) as journal, closing(sqlite3.connect(path)) as db:
        sent = db.execute("SELECT topic, payload FROM input ORDER BY seq").fetchall()
        entries = journal.entries(0, len(sent))
        return [
            Record(entry.input(), entry.transitions(), entry.id, *message)
            for entry, message in zip(entries, sent, strict=True)
            if not isinstance(entry.input(), RulesChanged | RosterChanged)
        ]


@pytest.mark.parametrize("what", WRITTEN)
def test_the_same_records_are_the_same_bytes(
    records: Sequence[Record], what: str, tmp_path: Path
) -> None:
    """Every row of every table that a batch writes is the one that earlier versions have written."""
    if what == "inputs":
        records = [replace(record, transitions=[]) for record in records]
    path = tmp_path / "journal.db"
    Journal(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE chain_start SET hash = zeroblob(32)")  # each journal's own is random
    with Journal(path) as journal:
        for start in range(0, len(records), BATCH):
            journal.commit(records[start : start + BATCH])
    assert _digest(path) == WRITTEN[what]


def _digest(path: Path) -> str:
    found = sha256()
    with closing(sqlite3.connect(path)) as db:
        for table in TABLES:
            for row in db.execute(f"SELECT * FROM {table} ORDER BY 1, 2"):  # noqa: S608 - constants
                found.update(repr(row).encode())
    return found.hexdigest()
