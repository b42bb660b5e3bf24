"""The journal's file: which is opened, which is refused, and what is said of a full, closed or damaged one."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from monitor.errors import JournalError
from monitor.journal import Journal, verify
from monitor.journal.database import VERSION
from tests.support.host_limits import as_nobody, no_room_beyond
from tests.support.journal import change, filled, opened
from tests.support.pipeline import ROOT, PipelineHarness

OLD = ROOT / "tests" / "data" / "journal-v1.sql"


def test_an_old_journal_opens_for_ever(tmp_path: Path) -> None:
    """The journal of version 1 that lies beside the tests opens, is whole, and its state can be recovered."""
    path = tmp_path / "j.db"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(OLD.read_text())
    with PipelineHarness(path) as line:
        assert line.journal.seq >= 10
        assert line.open_alerts()["duress"] == "d1 active"
        assert line.journal.zones()
    assert verify(path) == []


def test_the_old_journal_is_of_this_version_or_older() -> None:
    """The old journal keeps version 1; a new version does not replace it."""
    assert "PRAGMA user_version = 1" in OLD.read_text()
    assert VERSION >= 1


def test_a_newer_journal_is_refused(tmp_path: Path) -> None:
    """A monitor that is too old for the journal says so, to the writer and to readers, and changes nothing."""
    path = filled(tmp_path / "j.db")
    change(path, "PRAGMA user_version = 99")
    for read_only in (False, True):
        with pytest.raises(
            JournalError, match=r"version 99.*use the version of the monitor that wrote it"
        ):
            Journal(path, read_only=read_only)


def test_an_older_journal_is_not_changed_by_readers(tmp_path: Path) -> None:
    """Only the monitor upgrades a journal; a reader is refused with a message that says so."""
    path = tmp_path / "j.db"
    path.touch()
    with pytest.raises(JournalError, match="start the monitor once"):
        Journal(path, read_only=True)


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    """A database that is not a journal is refused before anything is written to it."""
    path = tmp_path / "j.db"
    change(path, "CREATE TABLE theirs (x)")
    with pytest.raises(JournalError, match="another program's database"):
        Journal(path)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]


def test_there_is_one_writer(tmp_path: Path) -> None:
    """A second monitor is refused while the first one writes, and readers are not; afterwards the second may write."""
    path = tmp_path / "j.db"
    with Journal(path) as journal:
        journal.commit([opened(1)])
        with pytest.raises(
            JournalError, match="another monitor is writing this journal; stop it first"
        ):
            Journal(path)
        with Journal(path, read_only=True) as reader:
            assert reader.seq == 1
    with Journal(path) as journal:
        assert journal.seq == 1


@pytest.mark.parametrize("way", ["a link to the file", "a link to the folder", "a hard link"])
def test_there_is_one_writer_by_any_path(tmp_path: Path, way: str) -> None:
    """Another process that opens the same file by another path is refused, even if the file was only just created."""
    path, other = tmp_path / "a" / "j.db", tmp_path / "b" / "other.db"
    with Journal(path) as journal:
        match way:
            case "a link to the folder":
                other = tmp_path / "b" / "j.db"
                other.parent.symlink_to(path.parent)
            case "a link to the file":
                other.parent.mkdir()
                other.symlink_to(path)
            case _:
                other.parent.mkdir()
                other.hardlink_to(path)
        code = "import sys, pathlib, monitor.journal as j; j.Journal(pathlib.Path(sys.argv[1]))"
        second = subprocess.run(
            [sys.executable, "-c", code, str(other)], capture_output=True, text=True, check=False
        )
        journal.commit([opened(1)])

    assert second.returncode != 0
    assert f"{other}: another monitor is writing this journal" in second.stderr


def test_a_reader_needs_a_journal(tmp_path: Path) -> None:
    """Only the monitor creates a journal."""
    with pytest.raises(JournalError, match="there is no journal; has the monitor run yet"):
        Journal(tmp_path / "j.db", read_only=True)
    assert not (tmp_path / "j.db").exists()


def test_a_full_disk_is_said_and_nothing_is_half_written(tmp_path: Path) -> None:
    """When the file can't grow, the whole batch is refused with advice; once there is room, the journal goes on."""
    path = tmp_path / "j.db"
    with Journal(path) as journal:
        journal.commit([opened(1)])
        with (
            no_room_beyond(path.with_name("j.db-wal").stat().st_size + 100),
            pytest.raises(JournalError, match=r"j\.db.*the disk is failing or full: check it"),
        ):
            journal.commit([opened(n) for n in range(2, 2000)])
    with Journal(path) as journal:
        assert journal.seq == 1
        assert journal.commit([opened(2)]) == 2
    assert verify(path) == []


def test_a_full_database_is_said(tmp_path: Path) -> None:
    """SQLite's own error for a full disk comes with advice as well."""
    with Journal(tmp_path / "j.db") as journal:
        journal._db.execute("PRAGMA max_page_count = 1")  # noqa: SLF001 - there is no other way to it
        with pytest.raises(JournalError, match="the disk is full: free some space"):
            journal.commit([opened(n) for n in range(2000)])
        assert journal.seq == 0


@pytest.mark.parametrize(
    ("blocked", "advice"),
    [
        ("j.db", "check owner, permissions and mount"),
        ("j.db.lock", "check owner, permissions and mount"),
        ("j.db-wal", "the disk is failing or full"),
    ],
)
def test_a_file_that_cant_be_opened_is_said(tmp_path: Path, blocked: str, advice: str) -> None:
    """When any of the journal's files can't be opened, the message says where to look."""
    (tmp_path / blocked).mkdir()
    with pytest.raises(JournalError, match=rf"j\.db.*{advice}"):
        Journal(tmp_path / "j.db")


@pytest.mark.parametrize("closed", [".", "j.db"])
def test_what_may_only_be_read_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed: str
) -> None:
    """For a folder or a file that only others may write, the message says what to check, and nothing is changed."""
    with Journal(tmp_path / "j.db") as journal:
        journal.commit([opened(1)])
    monkeypatch.chdir(tmp_path)
    for path in (tmp_path, *tmp_path.iterdir()):
        path.chmod(0o777)
    before = (tmp_path / "j.db").read_bytes()
    (tmp_path / closed).chmod(0o555)
    if closed == ".":
        (tmp_path / "j.db.lock").unlink()
    with (
        as_nobody(),
        pytest.raises(JournalError, match=r"j\.db.*check owner, permissions and mount"),
    ):
        Journal(Path("j.db"))
    assert (tmp_path / "j.db").read_bytes() == before


def test_a_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    """A folder that can't be created gives an error that people can read."""
    (tmp_path / "var").touch()
    with pytest.raises(JournalError, match=r"var.*check owner, permissions and mount"):
        Journal(tmp_path / "var" / "j.db")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """A file that is not an SQLite database is refused, and the message says what to do."""
    path = tmp_path / "j.db"
    path.write_bytes(b"hello" * 1000)
    with pytest.raises(
        JournalError, match="not a journal, or the file is damaged: put the latest backup"
    ):
        Journal(path)


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    """A truncated journal is not taken for a whole one."""
    path = filled(tmp_path / "j.db")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(JournalError, match="put the latest backup in its place"):
        Journal(path)
    assert verify(path)


def test_a_wrecked_page_is_refused(tmp_path: Path) -> None:
    """A page with invalid content is found before anything is read from it."""
    path = filled(tmp_path / "j.db")
    whole = bytearray(path.read_bytes())
    whole[8192 : 8192 + 64] = b"\xff" * 64
    path.write_bytes(whole)
    with pytest.raises(JournalError, match="put the latest backup in its place"):
        Journal(path)


def test_an_input_that_cant_be_read_is_said(tmp_path: Path) -> None:
    """A row with other content than the journal wrote is an error, not a gap."""
    path = filled(tmp_path / "j.db")
    change(path, "UPDATE input SET body = x'ff7b' WHERE kind = 'notice'")
    with Journal(path) as journal, pytest.raises(JournalError, match="a row cannot be read"):
        list(journal.inputs())


def test_a_failed_start_holds_nothing(tmp_path: Path) -> None:
    """After a refusal the file is not locked: it can be repaired and opened at once."""
    path = filled(tmp_path / "j.db")
    change(path, "PRAGMA user_version = 99")
    with pytest.raises(JournalError):
        Journal(path)
    change(path, f"PRAGMA user_version = {VERSION}")
    with Journal(path) as journal:
        assert journal.seq
