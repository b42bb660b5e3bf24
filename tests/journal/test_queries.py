"""What is read from a journal is what was written."""

from pathlib import Path

import pytest

from monitor.core.decode import decode
from monitor.core.inputs import Arrival, Rejected
from monitor.errors import JournalDamaged
from monitor.journal import Journal, Record
from tests.support.journal import change, filled, opened
from tests.support.pipeline import START, event_payload


def test_many_identities_are_looked_up_at_once(tmp_path: Path) -> None:
    """The journal looks up more identities at once than SQLite accepts in one query."""
    with Journal(tmp_path / "j.db") as journal:
        journal.commit([opened(n) for n in range(1200)])
        asked = [str(n).encode() for n in range(0, 3000, 2)]
        assert journal.seen(asked) == {row for row in asked if int(row) < 1200}


def test_entries_are_the_inputs_with_their_transitions(tmp_path: Path) -> None:
    """Entries come in order, up to the limit, each with its own transitions."""
    path = filled(tmp_path / "j.db")
    with Journal(path) as journal:
        whole = journal.entries(0, 1_000_000)
        assert [(entry.seq, entry.input()) for entry in whole] == list(journal.inputs())
        assert [
            (entry.seq, transition) for entry in whole for transition in entry.transitions()
        ] == [(row.seq, row.transition) for row in journal.transitions(0, 1_000_000)]
        assert all(entry.received_at == entry.input().received_at for entry in whole)
        assert [entry.seq for entry in journal.entries(3, 4)] == [4, 5, 6, 7]
        assert journal.entries(journal.seq) == []


def test_a_damaged_entry_says_what_to_do(tmp_path: Path) -> None:
    """What is decoded on demand fails like all that is read: with the journal's name, and what to do."""
    path = filled(tmp_path / "j.db")
    change(
        path,
        "UPDATE input SET body = x'7b' WHERE seq = 1",
        "UPDATE transition SET body = x'7b'",
    )
    with Journal(path) as journal:
        with pytest.raises(JournalDamaged, match=r"j\.db: .*; a row cannot be read; .* backup"):
            journal.entries(0)[0].input()
        told = journal.entries(journal.last_transition_seq - 1, 1)[0]
        assert isinstance(told.input(), Rejected)
        with pytest.raises(JournalDamaged, match=r"j\.db: .*; a row cannot be read; .* backup"):
            told.transitions()


def test_how_long_a_reader_has_been_waiting(tmp_path: Path) -> None:
    """A reader waits from the first input after its cursor on; a stateless one, from the first with transitions."""
    path = filled(tmp_path / "j.db")
    with Journal(path) as journal:
        times = {entry.seq: entry.received_at for entry in journal.entries(0, 1_000_000)}
        seqs = [row.seq for row in journal.transitions(0, 1_000_000)]
        assert journal.first_received_after(2, stateful=True) == times[3]
        assert (
            journal.first_received_after(seqs[0])
            == times[next(seq for seq in seqs if seq > seqs[0])]
        )
        assert journal.first_received_after(journal.seq, stateful=True) is None
        assert journal.first_received_after(journal.last_transition_seq) is None


def test_two_snapshots_are_kept_and_a_damaged_one_is_passed_over(tmp_path: Path) -> None:
    """The latest two are kept; if the digest of the later one does not match, the earlier one is used."""
    path = tmp_path / "j.db"
    with Journal(path) as journal:
        for n in range(3):
            journal.commit([opened(n)], snapshot=b"state %d" % n)
        assert list(journal.snapshots()) == [(3, b"state 2"), (2, b"state 1")]
    change(path, "UPDATE snapshot SET body = x'00' WHERE seq = 3")
    with Journal(path) as journal:
        assert list(journal.snapshots()) == [(2, b"state 1")]


def test_transitions_are_read_in_whole_inputs(tmp_path: Path) -> None:
    """The transitions of one input are never split, even if there are more than the limit."""
    with Journal(filled(tmp_path / "j.db")) as journal:
        every = journal.transitions(0, 10_000)
        largest = max(
            len([row for row in every if row.seq == seq]) for seq in {r.seq for r in every}
        )
        assert largest > 1
        for limit in range(1, largest + 2):
            read, after = [], 0
            while part := journal.transitions(after, limit):
                read += part
                after = part[-1].seq
            assert read == every
        assert journal.last_transition_seq == every[-1].seq


def test_an_arrival_is_what_it_was(tmp_path: Path) -> None:
    """What is read back equals what was written: a message in our own format or a vendor's, retained or not."""
    payload = event_payload("door.opened", START, point="d1")
    own = decode("venue/centre/door/d1", payload, START, retained=True)
    assert isinstance(own, Arrival)
    vendor = Arrival(received_at=START, source="esp-rfid/d1", events=own.events * 2)
    with Journal(tmp_path / "j.db") as journal:
        journal.commit(
            [
                Record(own, [], b"1", "venue/centre/door/d1", payload),
                Record(vendor, [], b"2", "esp-rfid/d1", b'{"card": "0012345678"}'),
            ]
        )
        assert [given for _, given in journal.inputs()] == [own, vendor]
    assert b"0012345678" not in (tmp_path / "j.db").read_bytes()
