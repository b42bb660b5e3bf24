"""The journal of weeks: a start reads the ends of its history, and the rest is checked while the line runs."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from monitor.errors import JournalDamaged
from monitor.journal import Journal, database, verify_in_slices
from monitor.journal.database import HISTORY
from tests.support.journal import opened

PAGE = 4096


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A closed journal with a history of many pages, which counts as large."""
    monkeypatch.setattr(database, "CHECKED_WHOLE", 0)
    path = tmp_path / "j.db"
    with Journal(path) as journal:
        journal.commit([opened(n) for n in range(500)], b"{}")
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def root_of(path: Path, table: str) -> int:
    """The place in the file of the first page of a table."""
    with closing(sqlite3.connect(path)) as db:
        query = "SELECT rootpage FROM sqlite_schema WHERE name = ?"
        (page,) = db.execute(query, (table,)).fetchone()
    return (int(page) - 1) * PAGE


def garble(path: Path, at: int) -> None:
    """Overwrite one page."""
    whole = path.read_bytes()
    path.write_bytes(whole[:at] + b"\xff" * PAGE + whole[at + PAGE :])


def old_page(path: Path, table: str) -> int:
    """The place of the fourth page of rows of a table that has many (SQLite, database file format, 1.6)."""
    whole, root = path.read_bytes(), root_of(path, table)
    assert whole[root] == 5, "an interior page of a table"
    cell = root + int.from_bytes(whole[root + 18 : root + 20], "big")
    return (int.from_bytes(whole[cell : cell + 4], "big") - 1) * PAGE


def test_damage_in_old_history_does_not_delay_a_start(path: Path) -> None:
    """The monitor starts and takes messages in; the check that runs beside it finds the page."""
    garble(path, old_page(path, "input"))
    with Journal(path) as journal:
        assert journal.commit([opened(500)]) == 501
        found = next(verify_in_slices(path))
    assert any("unreadable" in row or "structure" in row for row in found)


def test_a_sound_history_is_found_sound(path: Path) -> None:
    """The check of the structure finds nothing in a file that is as it was written."""
    with Journal(path):
        assert next(verify_in_slices(path)) == []


@pytest.mark.parametrize("table", ["alert", "zone", "snapshot", "cursor", "readiness"])
def test_damage_in_the_present_refuses_a_start(path: Path, table: str) -> None:
    """What is so now must be readable before anything is acknowledged."""
    assert table not in HISTORY
    garble(path, root_of(path, table))
    with pytest.raises(JournalDamaged, match="put the latest backup in its place"):
        Journal(path)


def test_a_file_that_was_cut_refuses_a_start(path: Path) -> None:
    """A file that is shorter than it says has lost history."""
    path.write_bytes(path.read_bytes()[: 5 * PAGE])
    with pytest.raises(JournalDamaged):
        Journal(path)
