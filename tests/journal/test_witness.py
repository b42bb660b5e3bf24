"""The witness beside the journal, and the hash chain in it: no input is lost, replaced or edited unnoticed."""

import os
import shutil
import sqlite3
import stat
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.errors import JournalLoss
from monitor.journal import Journal, Maintenance, backup, stats, verify
from monitor.journal.head import Head
from monitor.journal.record import digests
from monitor.journal.witness import read_witness, witness_path
from tests.support.journal import change, filled, flip, opened
from tests.support.pipeline import START, copy_as_killed


def written(path: Path, n: int = 10) -> Path:
    """A journal with n inputs, as a killed monitor leaves it: most of it in the log, and its witness."""
    with Journal(path.with_name("running.db")) as journal:
        for row in range(n):
            journal.commit([opened(row)])
        copy_as_killed(journal.path, path)
        shutil.copy(witness_path(journal.path), witness_path(path))
    return path


def test_what_a_kill_leaves_fits_its_witness(tmp_path: Path) -> None:
    """The witness knows the latest commit, and a start finds nothing missing."""
    path = written(tmp_path / "j.db")
    known = read_witness(path)
    with Journal(path) as journal:
        assert known is not None
        assert (known.seq, known.hash) == journal.head
        assert known.journal == journal.id
        assert journal.loss is None
        assert not journal.lacks_witness
    assert verify(path) == []


def test_a_flipped_byte_in_the_log_is_a_loss(tmp_path: Path) -> None:
    """SQLite forgets the damaged frame and all after it without an error; the witness remembers them."""
    path = written(tmp_path / "j.db")
    log = path.with_name("j.db-wal")
    whole = log.read_bytes()
    flip(log, len(whole) - 2000)
    damaged = log.read_bytes()
    with pytest.raises(JournalLoss, match=r"journal ends at 9, was at 10: so its witness"):
        Journal(path)
    assert any("its witness knows more" in line for line in verify(path))
    assert path.with_name("j.db-wal.kept").read_bytes() == damaged


def test_a_flipped_byte_at_the_beginning_of_the_log_is_a_loss(tmp_path: Path) -> None:
    """When even the tables are gone, the loss is reported and no new tables are created."""
    path = written(tmp_path / "j.db")
    flip(path.with_name("j.db-wal"), 100)
    for _ in range(2):
        with pytest.raises(JournalLoss, match=r"journal ends at 0, was at 10: so its witness"):
            Journal(path)


@pytest.mark.parametrize("is_empty", [True, False])
def test_a_journal_that_is_gone_is_a_loss(tmp_path: Path, is_empty: bool) -> None:
    """An empty or missing file is not taken for a first start, and nothing is created or deleted."""
    path = written(tmp_path / "j.db")
    path.unlink()
    if is_empty:
        path.touch()
    before = sorted((each.name, each.stat().st_size) for each in tmp_path.iterdir())
    with pytest.raises(JournalLoss, match="journal ends at 0, was at 10"):
        Journal(path)
    after = sorted((each.name, each.stat().st_size) for each in tmp_path.iterdir())
    assert [row for row in after if row[0] not in ("j.db.lock", "j.db-wal.kept")] == before


def test_a_restored_backup_names_what_is_missing(tmp_path: Path) -> None:
    """A backup has less than the witness knows; once accepted, it continues with numbers that were never used."""
    path = tmp_path / "j.db"
    with Journal(path) as journal:
        journal.commit([opened(n) for n in range(5)])
        backup(path, tmp_path / "copy.db")
        journal.commit([opened(n) for n in range(5, 9)])
    shutil.copy(tmp_path / "copy.db", path)
    with pytest.raises(JournalLoss, match="journal ends at 5, was at 9: so its witness"):
        Journal(path)
    with Journal(path, accept_loss=True) as journal:
        assert journal.loss is not None
        assert (journal.loss.ends, journal.loss.was) == (5, 9)
        assert journal.seq == 9
    with Journal(path) as journal:
        assert journal.loss is None
        assert journal.commit([opened(20)]) == 10
    assert verify(path) == []


def test_an_empty_journal_continues_once_its_loss_is_accepted(tmp_path: Path) -> None:
    """Once the loss is accepted, a new file continues with the numbers after those that were lost."""
    path = written(tmp_path / "j.db")
    path.write_bytes(b"")
    with Journal(path, accept_loss=True) as journal:
        assert journal.commit([opened(1)]) == 11
    with Journal(path) as journal:
        assert journal.seq == 11
    assert verify(path) == []


def test_another_journal_in_its_place_is_a_loss(tmp_path: Path) -> None:
    """Another journal is refused even if it has as many inputs, because the witness does not know it."""
    path, other = written(tmp_path / "j.db"), written(tmp_path / "other" / "j.db", 12)
    for suffix in ("", "-wal"):
        shutil.copy(other.with_name(other.name + suffix), path.with_name(path.name + suffix))
    with pytest.raises(JournalLoss, match="its witness knows another journal"):
        Journal(path)


def test_a_journal_ahead_of_its_witness_is_whole(tmp_path: Path) -> None:
    """A crash between commit and witness loses nothing: the message was not acknowledged."""
    path = tmp_path / "j.db"
    with Journal(path) as journal:
        journal.commit([opened(1)])
        shutil.copy(witness_path(path), tmp_path / "before")
        journal.commit([opened(2)])
    shutil.copy(tmp_path / "before", witness_path(path))
    with Journal(path) as journal:
        assert journal.seq == 2
        assert not journal.lacks_witness


def test_a_torn_write_leaves_the_record_before(tmp_path: Path) -> None:
    """Damage in the latest record falls back to the one before; damage in both is reported."""
    path = written(tmp_path / "j.db")
    latest = read_witness(path)
    slots = witness_path(path).read_bytes()
    for at in (20, 4096 + 20):
        flip(witness_path(path), at)
        found = read_witness(path)
        assert found == latest or (found is not None and found.seq == 9)
        witness_path(path).write_bytes(slots)
    flip(witness_path(path), 20)
    flip(witness_path(path), 4096 + 20)
    with Journal(path) as journal:
        assert journal.lacks_witness


def test_a_missing_witness_is_reported_and_made_anew(tmp_path: Path) -> None:
    """A journal reports once that its witness is missing."""
    path = written(tmp_path / "j.db")
    witness_path(path).unlink()
    with Journal(path) as journal:
        assert journal.lacks_witness
    with Journal(path) as journal:
        assert not journal.lacks_witness


def test_an_older_journal_gets_a_witness(tmp_path: Path) -> None:
    """The first start of this version finds nothing missing in a journal that never had a witness."""
    path = tmp_path / "j.db"
    with closing(sqlite3.connect(path)) as db:
        db.executescript((Path(__file__).parents[1] / "data" / "journal-v1.sql").read_text())
    with Journal(path) as journal:
        assert journal.loss is None
        assert not journal.lacks_witness
        before = journal.seq
    with Journal(path) as journal:
        assert not journal.lacks_witness
        journal.commit([opened(1)])
        assert journal.seq == before + 1
    assert verify(path) == []


def test_the_witness_is_durable_before_a_commit_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When a commit returns, both the journal and the witness are on the disk."""
    path = tmp_path / "j.db"
    with Journal(path) as journal:
        synced: list[int] = []
        sync = os.fdatasync

        def note(file: int) -> None:
            sync(file)
            known = read_witness(path)
            assert known is not None
            synced.append(known.seq)

        monkeypatch.setattr(os, "fdatasync", note)
        journal.commit([opened(1), opened(2)])
        assert synced == [2]


def test_an_edited_input_with_a_new_checksum_is_found(tmp_path: Path) -> None:
    """The checksum can be recomputed without knowing the other inputs, but the hash chain shows the edit."""
    path = filled(tmp_path / "j.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        row = list(db.execute("SELECT * FROM input WHERE topic LIKE '%zone/hall'").fetchone())
        found = db.execute("SELECT body FROM transition WHERE seq = ? ORDER BY n", (row[0],))
        bodies = [body for (body,) in found]
        row[6] = row[6].replace(b"11", b"12")
        checksum, own = digests(row[:8], bodies, b"")
        statement = "UPDATE input SET payload = ?, checksum = ? WHERE seq = ?"
        db.execute(statement, (row[6], checksum, row[0]))
    assert any(f"input {row[0]}: its hash does not match" in line for line in verify(path))
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE input SET hash = ? WHERE seq = ?", (own, row[0]))
    assert any("its hash does not match" in line for line in verify(path))


def test_a_tail_that_was_cut_off_is_proved_by_a_noted_head(tmp_path: Path) -> None:
    """Without the witness, only a head that was noted before shows that the end is missing."""
    path = tmp_path / "j.db"
    with Journal(path) as journal:
        journal.commit([opened(n) for n in range(5)])
    head = stats(path)["head"]
    assert Head.read(head).seq == 5
    change(path, "DELETE FROM input WHERE seq = 5")
    witness_path(path).unlink()
    assert verify(path) == []
    assert verify(path, head) == [
        "5: missing, although its hash was noted: the end of the journal was cut off"
    ]


def test_the_chain_holds_after_retention(tmp_path: Path) -> None:
    """Retention leaves the hash that the rest is chained to, so the first inputs can't be cut off unnoticed."""
    path = tmp_path / "j.db"
    with Journal(path) as journal:
        journal.commit([opened(n, START + timedelta(minutes=n)) for n in range(9)], b"{}")
        head = journal.head
        with Maintenance(path) as maintenance:
            assert maintenance.prune(START + timedelta(minutes=4)) == 4
        assert journal.hash_at(3) is None
        assert journal.hash_at(9) == head.hash
    assert verify(path) == []
    change(path, "DELETE FROM input WHERE seq = 5")
    assert any("input 6: its hash does not match" in line for line in verify(path))


def test_no_other_user_reads_the_journal(tmp_path: Path) -> None:
    """All files are created with 0640 at most, and those of earlier versions are tightened."""
    path = tmp_path / "j.db"
    before = os.umask(0)
    try:
        with Journal(path) as journal:
            journal.commit([opened(1)])
            modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()}
            backup(path, tmp_path / "copy.db")
    finally:
        os.umask(before)
    assert set(modes) == {"j.db", "j.db-wal", "j.db-shm", "j.db.lock", "j.db.witness"}
    assert {mode & ~0o640 for mode in modes.values()} == {0}
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o640
    path.chmod(0o644)
    witness_path(path).chmod(0o600)
    with Journal(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        assert stat.S_IMODE(witness_path(path).stat().st_mode) == 0o600
