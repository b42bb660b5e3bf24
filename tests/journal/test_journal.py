"""Commits on a real file: atomic, durable, nothing twice."""

from pathlib import Path

import pytest

from monitor.errors import JournalError
from monitor.journal import Journal, stats
from tests.support.journal import opened
from tests.support.pipeline import copy_as_killed


def test_a_batch_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """If one row of a batch cannot be written, none is, and the next batch gets the same numbers."""
    with Journal(tmp_path / "j.db") as journal:
        journal.commit([opened(1)])
        with pytest.raises(JournalError, match="UNIQUE"):
            journal.commit([opened(2), opened(1)], snapshot=b"{}")
        assert journal.seq == 1
        assert not list(journal.snapshots())
        assert journal.commit([opened(2), opened(3)]) == 3
        assert journal.seen([b"1", b"2", b"3", b"4"]) == {b"1", b"2", b"3"}


def test_what_a_kill_leaves_is_complete(tmp_path: Path) -> None:
    """What was committed survives a kill, although nothing was closed."""
    with Journal(tmp_path / "j.db") as journal:
        journal.commit([opened(n) for n in range(10)], snapshot=b"{}")
        left = copy_as_killed(journal.path, tmp_path / "left" / "j.db")
    with Journal(left) as journal:
        assert journal.seq == 10
        assert [seq for seq, _ in journal.inputs()] == list(range(1, 11))


def test_an_empty_commit_writes_nothing(tmp_path: Path) -> None:
    """A commit without records writes no row."""
    with Journal(tmp_path / "j.db") as journal:
        assert journal.commit([]) == 0
        assert stats(journal.path)["rows"]["input"] == 0
