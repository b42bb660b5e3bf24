"""The journal keeps its promises on a real file: all or nothing, nothing twice, nothing lost or changed unseen."""

import json
import os
import resource
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.core.decode import decode
from monitor.core.events.monitor import MonitorStarted
from monitor.core.inputs import Arrival, Notice
from monitor.errors import JournalError
from monitor.journal import Journal, Record, backup, export, prune, stats, verify
from monitor.journal.database import LARGEST_LOG, VERSION
from tests.support.pipeline import ROOT, START, Line, left_by_a_kill, said

STORY: list[tuple[str, str, dict[str, object]]] = [
    ("door/d1", "door.alarm", {"point": "d1", "alarm": "forced_open"}),
    ("access/d1", "access.duress", {"point": "d1"}),
    ("zone/hall", "zone.count", {"zone": "hall", "count": 11}),
    ("zone/hall", "zone.count", {"zone": "hall", "count": 3}),
    ("door/d99", "door.opened", {"point": "d99"}),
    ("staff/ann", "staff.acknowledge", {"who": "ann", "alert": "none"}),
    ("door/d1", "door.alarm", {"point": "d1", "alarm": "normal"}),
]
OLD = ROOT / "tests" / "data" / "journal-v1.sql"


def opened(n: int, at: datetime = START) -> Record:
    """The n-th opening of a door, as the pipeline hands it over."""
    topic, payload = "venue/centre/door/d1", said("door.opened", at, point="d1", id=str(n))
    return Record(decode(topic, payload, at), [], str(n).encode(), topic, payload)


def filled(path: Path) -> Path:
    """A journal in which everything has happened once: alerts open and closed, zones, a refusal, garbage, snapshots."""
    with Line(path) as line:
        line.pipeline.submit(Notice(received_at=START, event=MonitorStarted(at=START)))
        line.wait(61)  # nobody has heard of the reader
        for n, (where, kind, fields) in enumerate(STORY):
            payload = said(kind, line.clock.time, id=str(n), **fields)
            line.take(line.sent(f"venue/centre/{where}", payload))
            line.wait(5)
        line.wait(60)
        line.pipeline.snapshot()
        line.take(line.sent("venue/centre/door/d1", b"nonsense"))
        line.pipeline.snapshot()
        line.journal.advance("mqtt", line.journal.seq)
    return path


@contextmanager
def no_room_beyond(size: int) -> Iterator[None]:
    """Lets no file of this process grow larger, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def as_nobody() -> Iterator[None]:
    """Lets permissions count for root too."""
    ours = os.geteuid()
    if ours == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(ours)


def change(path: Path, *statements: str) -> None:
    """Does something to the file behind the journal's back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for statement in statements:
            db.execute(statement)


def flip(path: Path, at: int) -> None:
    """Turns one bit of the file round."""
    whole = bytearray(path.read_bytes())
    whole[at] ^= 0x04
    path.write_bytes(whole)


# Writing ----------------------------------------------------------------------------------------------------------


def test_a_batch_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """Of a batch with one row that can't be written nothing is in the journal, and the next one has its numbers."""
    with Journal(tmp_path / "j.db") as journal:
        journal.commit([opened(1)])
        with pytest.raises(JournalError, match="UNIQUE"):
            journal.commit([opened(2), opened(1)], snapshot=b"{}")
        assert journal.seq == 1
        assert not list(journal.snapshots())
        assert journal.commit([opened(2), opened(3)]) == 3
        assert journal.seen([b"1", b"2", b"3", b"4"]) == {b"1", b"2", b"3"}


def test_many_identities_are_looked_up_at_once(tmp_path: Path) -> None:
    """More identities than SQLite takes in one question are no matter."""
    with Journal(tmp_path / "j.db") as journal:
        journal.commit([opened(n) for n in range(1200)])
        asked = [str(n).encode() for n in range(0, 3000, 2)]
        assert journal.seen(asked) == {row for row in asked if int(row) < 1200}


def test_what_a_kill_leaves_is_complete(tmp_path: Path) -> None:
    """What was committed is there after a kill, without anything having been closed."""
    with Journal(tmp_path / "j.db") as journal:
        journal.commit([opened(n) for n in range(10)], snapshot=b"{}")
        left = left_by_a_kill(journal.path, tmp_path / "left" / "j.db")
    with Journal(left) as journal:
        assert journal.seq == 10
        assert [seq for seq, _ in journal.inputs()] == list(range(1, 11))


def test_an_empty_commit_writes_nothing(tmp_path: Path) -> None:
    """Nothing to say is no row."""
    with Journal(tmp_path / "j.db") as journal:
        assert journal.commit([]) == 0
        assert stats(journal.path)["rows"]["input"] == 0


def test_a_cursor_never_goes_back(tmp_path: Path) -> None:
    """A reader that notes an earlier place stays where it was."""
    with Journal(tmp_path / "j.db") as journal:
        assert journal.cursor("mqtt") == 0
        journal.advance("mqtt", 7)
        journal.advance("mqtt", 3)
        assert journal.cursor("mqtt") == 7


def test_what_a_reader_remembers_stands_with_its_cursor(tmp_path: Path) -> None:
    """Both move together, or neither; a new reader remembers nothing."""
    with Journal(tmp_path / "j.db") as journal:
        assert journal.memory("influx") is None
        journal.enlist(["influx"], thorough=["influx"])
        assert journal.memory("influx") is None
        journal.advance("influx", 7, b"seven")
        journal.advance("influx", 3, b"three")
        assert (journal.cursor("influx"), journal.memory("influx")) == (7, b"seven")
        journal.enlist(["influx"], thorough=["influx"])
        assert (journal.cursor("influx"), journal.memory("influx")) == (7, b"seven")


def test_entries_are_the_inputs_with_what_followed(tmp_path: Path) -> None:
    """In order, as many as asked for, each with its own transitions."""
    path = filled(tmp_path / "j.db")
    with Journal(path) as journal:
        whole = journal.entries(0, 1_000_000)
        assert [(entry.seq, entry.input()) for entry in whole] == list(journal.inputs())
        assert [(entry.seq, told) for entry in whole for told in entry.transitions()] == [
            (row.seq, row.transition) for row in journal.transitions(0, 1_000_000)
        ]
        assert all(entry.received_at == entry.input().received_at for entry in whole)
        assert [entry.seq for entry in journal.entries(3, 4)] == [4, 5, 6, 7]
        assert journal.entries(journal.seq) == []


def test_since_when_a_reader_waits(tmp_path: Path) -> None:
    """The time of the first input that it has not had; for most readers only of one from which something followed."""
    path = filled(tmp_path / "j.db")
    with Journal(path) as journal:
        times = {entry.seq: entry.received_at for entry in journal.entries(0, 1_000_000)}
        told = [row.seq for row in journal.transitions(0, 1_000_000)]
        assert journal.waits_since(2, thorough=True) == times[3]
        assert journal.waits_since(told[0]) == times[next(seq for seq in told if seq > told[0])]
        assert journal.waits_since(journal.seq, thorough=True) is None
        assert journal.waits_since(journal.last_told) is None


def test_who_reads_is_noted(tmp_path: Path) -> None:
    """A new reader begins at the beginning, one that stays keeps its place, one that is gone is forgotten."""
    with Journal(tmp_path / "j.db") as journal:
        journal.advance("mqtt", 7)
        journal.advance("influx", 5)
        journal.enlist(["mqtt", "notify"])
        assert journal.cursors() == {"mqtt": 7, "notify": 0}


def test_two_snapshots_are_kept_and_a_damaged_one_is_passed_over(tmp_path: Path) -> None:
    """The latest two are kept; when the later one doesn't fit its digest, the earlier one is used."""
    path = tmp_path / "j.db"
    with Journal(path) as journal:
        for n in range(3):
            journal.commit([opened(n)], snapshot=b"state %d" % n)
        assert list(journal.snapshots()) == [(3, b"state 2"), (2, b"state 1")]
    change(path, "UPDATE snapshot SET body = x'00' WHERE seq = 3")
    with Journal(path) as journal:
        assert list(journal.snapshots()) == [(2, b"state 1")]


def test_transitions_are_read_in_whole_inputs(tmp_path: Path) -> None:
    """A reader never gets half of what followed from one input, even if that is more than it asked for."""
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
        assert journal.last_told == every[-1].seq


def test_the_log_is_bounded_while_there_is_no_end_of_writing(tmp_path: Path) -> None:
    """A checkpoint that never catches up with the writer makes it wait a moment, and the log begins anew."""
    path, n = tmp_path / "j.db", 0
    filler = b"x" * 200_000
    with Journal(path) as journal:

        def write(until: int) -> None:
            nonlocal n
            while (path.with_name("j.db-wal")).stat().st_size < until:
                n += 1
                journal.commit([Record(opened(n).input, [], str(n).encode(), "venue/x", filler)])

        journal.commit([opened(0)])
        write(LARGEST_LOG + 1_000_000)
        writing = threading.Thread(target=journal.checkpoint)
        writing.start()
        writing.join()
        n += 1
        journal.commit([opened(n)])
        assert path.with_name("j.db-wal").stat().st_size <= LARGEST_LOG


# Opening ----------------------------------------------------------------------------------------------------------


def test_an_old_journal_opens_for_ever(tmp_path: Path) -> None:
    """The journal of version 1 that lies beside the tests opens, is whole, and its state can be recovered."""
    path = tmp_path / "j.db"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(OLD.read_text())
    with Line(path) as line:
        assert line.journal.seq >= 10
        assert line.open_alerts()["duress"] == "d1 active"
        assert line.journal.zones()
    assert verify(path) == []


def test_the_old_journal_is_of_this_version_or_older() -> None:
    """Whoever raises the version leaves the old file as it is."""
    assert "PRAGMA user_version = 1" in OLD.read_text()
    assert VERSION >= 1


def test_a_newer_journal_is_refused(tmp_path: Path) -> None:
    """A monitor that is too old says so, to the writer as to readers, and changes nothing."""
    path = filled(tmp_path / "j.db")
    change(path, "PRAGMA user_version = 99")
    for read_only in (False, True):
        with pytest.raises(JournalError, match=r"version 99.*use the monitor that wrote it"):
            Journal(path, read_only=read_only)


def test_an_older_journal_is_not_changed_by_readers(tmp_path: Path) -> None:
    """Only the monitor brings a journal up to date; a reader says who has to."""
    path = tmp_path / "j.db"
    path.touch()
    with pytest.raises(JournalError, match="start the monitor once"):
        Journal(path, read_only=True)


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    """A database that is no journal is refused before anything is put into it."""
    path = tmp_path / "j.db"
    change(path, "CREATE TABLE theirs (x)")
    with pytest.raises(JournalError, match="another program's database"):
        Journal(path)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]


def test_there_is_one_writer(tmp_path: Path) -> None:
    """A second monitor is refused while the first one writes; readers are welcome; afterwards it may."""
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


def test_a_reader_needs_a_journal(tmp_path: Path) -> None:
    """Nobody but the monitor makes a journal."""
    with pytest.raises(JournalError, match="there is no journal; has the monitor run yet"):
        Journal(tmp_path / "j.db", read_only=True)
    assert not (tmp_path / "j.db").exists()


# Full, closed, damaged --------------------------------------------------------------------------------------------


def test_a_full_disk_is_said_and_nothing_is_half_written(tmp_path: Path) -> None:
    """When the file can't grow, the batch is refused whole with advice; with room again, the journal goes on."""
    path = tmp_path / "j.db"
    with Journal(path) as journal:
        journal.commit([opened(1)])
        with (
            no_room_beyond(path.with_name("j.db-wal").stat().st_size + 100),
            pytest.raises(JournalError, match=r"j\.db.*the disk fails or is full: check it"),
        ):
            journal.commit([opened(n) for n in range(2, 2000)])
    with Journal(path) as journal:
        assert journal.seq == 1
        assert journal.commit([opened(2)]) == 2
    assert verify(path) == []


def test_a_full_database_is_said(tmp_path: Path) -> None:
    """SQLite's own word for a full disk comes with advice as well."""
    with Journal(tmp_path / "j.db") as journal:
        journal._db.execute("PRAGMA max_page_count = 1")  # noqa: SLF001 - there is no other way to it
        with pytest.raises(JournalError, match="the disk is full: make room"):
            journal.commit([opened(n) for n in range(2000)])
        assert journal.seq == 0


@pytest.mark.parametrize(
    ("blocked", "advice"),
    [
        ("j.db", "check owner, permissions and mount"),
        ("j.db.lock", "check owner, permissions and mount"),
        ("j.db-wal", "the disk fails or is full"),
    ],
)
def test_a_file_that_cant_be_opened_is_said(tmp_path: Path, blocked: str, advice: str) -> None:
    """Whichever of the journal's files can't be opened: the message says where to look."""
    (tmp_path / blocked).mkdir()
    with pytest.raises(JournalError, match=rf"j\.db.*{advice}"):
        Journal(tmp_path / "j.db")


@pytest.mark.parametrize("closed", [".", "j.db"])
def test_what_may_only_be_read_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed: str
) -> None:
    """A folder or a file that only others may write: the message says what to check, and nothing is changed."""
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
    """A folder that can't be made is an error for people too."""
    (tmp_path / "var").touch()
    with pytest.raises(JournalError, match=r"var.*check owner, permissions and mount"):
        Journal(tmp_path / "var" / "j.db")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """Bytes that are no SQLite file are refused with the way out."""
    path = tmp_path / "j.db"
    path.write_bytes(b"hello" * 1000)
    with pytest.raises(
        JournalError, match="no journal, or the file is damaged: put the latest backup"
    ):
        Journal(path)


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    """Half a journal is not taken for a whole one."""
    path = filled(tmp_path / "j.db")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(JournalError, match="put the latest backup in its place"):
        Journal(path)
    assert verify(path)


def test_a_wrecked_page_is_refused(tmp_path: Path) -> None:
    """A page that makes no sense any more is found before anything is read from it."""
    path = filled(tmp_path / "j.db")
    whole = bytearray(path.read_bytes())
    whole[8192 : 8192 + 64] = b"\xff" * 64
    path.write_bytes(whole)
    with pytest.raises(JournalError, match="put the latest backup in its place"):
        Journal(path)


def test_an_input_that_cant_be_read_is_said(tmp_path: Path) -> None:
    """A row that holds something else than the journal wrote is an error, not a gap."""
    path = filled(tmp_path / "j.db")
    change(path, "UPDATE input SET body = x'ff7b' WHERE kind = 'notice'")
    with Journal(path) as journal, pytest.raises(JournalError, match="a row can't be read"):
        list(journal.inputs())


def test_a_failed_start_holds_nothing(tmp_path: Path) -> None:
    """After a refusal the file is free: whoever mends it can start at once."""
    path = filled(tmp_path / "j.db")
    change(path, "PRAGMA user_version = 99")
    with pytest.raises(JournalError):
        Journal(path)
    change(path, f"PRAGMA user_version = {VERSION}")
    with Journal(path) as journal:
        assert journal.seq


# Proof ------------------------------------------------------------------------------------------------------------


def test_a_sound_journal_is_whole(tmp_path: Path) -> None:
    """Nothing is found where nothing is wrong, with the head noted as without."""
    path = filled(tmp_path / "j.db")
    assert verify(path) == []
    assert verify(path, stats(path)["audit_head"]) == []


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (
            "UPDATE audit SET body = cast(body || ' ' AS BLOB) WHERE n = 2",
            "audit 2: its hash doesn't fit",
        ),
        ("DELETE FROM audit WHERE n = 2", "audit 2: missing"),
        ("DELETE FROM input WHERE seq = 5", "input 5: missing"),
        ("DELETE FROM input WHERE seq BETWEEN 5 AND 7", "input 5: missing, to 7"),
        ("DELETE FROM input WHERE seq = (SELECT max(seq) FROM input)", "which is missing"),
        ("DELETE FROM transition WHERE seq = (SELECT min(seq) FROM transition)", "it, or what"),
        (
            "UPDATE input SET payload = cast(replace(payload, 'd99', 'd98') AS BLOB)",
            "not as it was written",
        ),
        ("UPDATE input SET received_at = received_at + 1 WHERE seq = 3", "input 3: it, or"),
        (
            "UPDATE transition SET body = cast(replace(body, 'Duress', 'duress') AS BLOB)",
            "not as it was",
        ),
        ("UPDATE alert SET body = cast(replace(body, 'Nothing', 'nothing') AS BLOB)", "left it"),
        ("UPDATE alert SET is_open = 0", "open in one place, closed in another"),
        ("UPDATE alert SET body = x'ff'", "alert "),
        ("UPDATE zone SET body = cast(replace(body, ':3', ':4') AS BLOB)", "zone hall: not as"),
        ("UPDATE zone SET body = x'7b'", "zone hall: "),
        ("UPDATE snapshot SET body = cast(body || ' ' AS BLOB)", "its digest doesn't fit"),
        ("INSERT INTO transition VALUES (999, 0, x'00')", "1 transitions have no input"),
        (
            "INSERT INTO cursor (reader, seq) VALUES ('x', 999)",
            "cursor: it names input 999, which is missing",
        ),
    ],
)
def test_what_was_changed_is_found(tmp_path: Path, damage: str, found: str) -> None:
    """A row that is missing, cut off, or changed by one letter is named."""
    path = filled(tmp_path / "j.db")
    change(path, damage)
    assert any(found in line for line in verify(path)), verify(path)


def test_a_flipped_bit_is_found_wherever_it_matters(tmp_path: Path) -> None:
    """Bit by bit through the file: each is found, or everything that can be read is as it was."""
    path = filled(tmp_path / "j.db")
    with Journal(path):
        pass
    whole, told = path.read_bytes(), dump(path)
    unnoticed = 0
    for at in range(100, len(whole), max(1, len(whole) // 120)):
        flip(path, at)
        if not verify(path):
            unnoticed += 1
            assert dump(path) == told, f"byte {at}"
        path.write_bytes(whole)
    assert unnoticed < 90


def dump(path: Path) -> list[tuple[object, ...]]:
    """Everything that the journal tells anybody, but for cursors, which no digest covers."""
    with closing(sqlite3.connect(path)) as db:
        tables = ("input", "transition", "alert", "zone", "snapshot", "audit")
        queries = [f"SELECT * FROM {table} ORDER BY 1, 2" for table in tables]  # noqa: S608 - constants
        return [row for query in queries for row in db.execute(query)]


def test_a_trail_that_was_cut_off_is_found_by_its_noted_head(tmp_path: Path) -> None:
    """Rows taken from the end of the audit trail leave it in order; the head that somebody noted tells."""
    path = filled(tmp_path / "j.db")
    head = stats(path)["audit_head"]
    change(path, "DELETE FROM audit WHERE n = (SELECT max(n) FROM audit)")
    assert verify(path) == []
    assert verify(path, head) == [
        f"audit {head.partition(':')[0]}: missing, though it was noted: the end was cut off"
    ]
    assert verify(path, "1:00") == [
        "audit 1: not the one that was noted; the trail was written anew"
    ]
    with pytest.raises(JournalError, match="write it as verify printed it, N:HASH"):
        verify(path, "yesterday")


def test_a_head_stays_good_while_the_trail_grows(tmp_path: Path) -> None:
    """What was noted yesterday proves today that nothing before it has changed."""
    path = filled(tmp_path / "j.db")
    head = stats(path)["audit_head"]
    with Line(path, now=START + timedelta(hours=1)) as line:
        line.take(line.sent("venue/centre/access/d1", said("access.duress", START, point="d1")))
        line.take(
            line.sent(
                "venue/centre/door/d1",
                said("door.tamper", line.clock.time, point="d1", active=True),
            )
        )
    assert stats(path)["audit_head"] != head
    assert verify(path, head) == []


# Looking after ----------------------------------------------------------------------------------------------------


def test_stats_tell_what_is_there(tmp_path: Path) -> None:
    """Rows, kinds, cursors and the head of the audit trail."""
    path = filled(tmp_path / "j.db")
    found = stats(path)
    with Journal(path, read_only=True) as journal:
        assert found["last_seq"] == journal.seq == sum(found["inputs"].values())
        assert found["open_alerts"] == len(journal.alerts())
        assert found["cursors"] == journal.cursors()
        ready = Counter(row.state for row in journal.readiness() if row.zone)
    assert found["zones"] == ready
    assert ready
    assert found["inputs"]["rejected"] == 1
    assert found["first_seq"] == 1
    assert found["bytes"] >= path.stat().st_size
    json.dumps(found)


def test_export_is_every_input_with_what_followed(tmp_path: Path) -> None:
    """One line of JSON an input, in order, from any place on."""
    path = filled(tmp_path / "j.db")
    lines = [json.loads(line) for line in export(path)]
    with Journal(path, read_only=True) as journal:
        assert [line["seq"] for line in lines] == [seq for seq, _ in journal.inputs()]
        followed = [row["type"] for line in lines for row in line["transitions"]]
        assert len(followed) == len(journal.transitions(0, 10_000))
    assert [json.loads(line) for line in export(path, after=3)] == lines[3:]


def test_damage_met_by_an_export_is_said(tmp_path: Path) -> None:
    """An export that meets a damaged row stops with what to do."""
    path = filled(tmp_path / "j.db")
    change(path, "UPDATE input SET body = x'7b' WHERE kind = 'notice'")
    with pytest.raises(JournalError, match="a row can't be read"):
        list(export(path))


def test_export_and_backup_while_the_monitor_writes(tmp_path: Path) -> None:
    """Both are whole and of one moment while batches are being committed; the writer goes on."""
    path = tmp_path / "j.db"
    with Journal(path) as journal:
        journal.commit([opened(n) for n in range(3000)])
        looks = [iter(export(path))]
        first = [next(looks[0])]
        journal.commit([opened(n) for n in range(3000, 3100)])
        backup(path, tmp_path / "copy.db")
        journal.commit([opened(n) for n in range(3100, 3200)])
        assert len(first + list(looks[0])) == 3000
    assert verify(tmp_path / "copy.db") == []
    assert stats(tmp_path / "copy.db")["last_seq"] == 3100
    assert stats(path)["last_seq"] == 3200


def test_a_backup_overwrites_nothing(tmp_path: Path) -> None:
    """The name of a file that exists is refused, and one that can't be written leaves nothing half done."""
    path = filled(tmp_path / "j.db")
    with pytest.raises(JournalError, match="exists already; give the name of a new file"):
        backup(path, path)
    with pytest.raises(JournalError, match=r"no-folder/copy\.db.*can't be opened"):
        backup(path, tmp_path / "no-folder" / "copy.db")
    with no_room_beyond(60_000), pytest.raises(JournalError, match=r"copy\.db.*full"):
        backup(path, tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


# Retention --------------------------------------------------------------------------------------------------------


LATER = datetime(2027, 1, 1, tzinfo=UTC)


def pruned(path: Path, before: datetime = LATER) -> list[int]:
    """Prunes until there is nothing left to remove; what is there then."""
    while prune(path, before):
        pass
    with Journal(path, read_only=True) as journal:
        return [seq for seq, _ in journal.inputs()]


def test_what_is_old_goes_and_the_rest_stays_whole(tmp_path: Path) -> None:
    """Inputs from the old end go with their transitions and closed alerts; open alerts and the audit trail stay."""
    path = filled(tmp_path / "j.db")
    before = stats(path)
    kept = pruned(path)
    after = stats(path)
    assert kept == [before["last_seq"]]
    assert after["open_alerts"] == before["open_alerts"]
    assert after["rows"]["audit"] == before["rows"]["audit"]
    assert after["rows"]["transition"] <= 1
    assert verify(path) == []
    with Line(path, now=START + timedelta(days=400)) as line:
        assert line.replayed == 0
        assert line.journal.seq == before["last_seq"]


def test_only_what_is_older_goes(tmp_path: Path) -> None:
    """The first input that is young enough is the first that stays, even if the clock was set back behind it."""
    path = tmp_path / "j.db"
    with Journal(path) as journal:
        minutes = [0, 1, 2, 10, 3, 11]
        rows = [opened(n, START + timedelta(minutes=late)) for n, late in enumerate(minutes)]
        journal.commit(rows, snapshot=b"{}")
        journal.commit([], snapshot=b"{}")
    assert pruned(path, START + timedelta(minutes=5)) == [4, 5, 6]
    assert verify(path) == []


def test_nothing_goes_that_a_reader_has_not_had(tmp_path: Path) -> None:
    """The slowest reader's next entry stays, also of a reader that has never read; without readers all may go."""
    path = filled(tmp_path / "j.db")
    with Journal(path) as journal:
        every = [row.seq for row in journal.transitions(0, 10_000)]
        journal.enlist(["mqtt", "influx"])
    assert pruned(path)[0] == every[0]
    with Journal(path) as journal:
        journal.advance("influx", every[-2] - 1)
    assert pruned(path)[0] == every[-2]
    with Journal(path) as journal:
        journal.enlist(["mqtt"])
        last = journal.seq
    assert pruned(path) == [last]


def test_a_thorough_reader_keeps_every_input_that_it_has_not_had(tmp_path: Path) -> None:
    """Also one from which nothing followed."""
    path = filled(tmp_path / "j.db")
    with Journal(path) as journal:
        journal.enlist(["mqtt", "influx"], thorough=["influx"])
        journal.advance("mqtt", journal.seq)
        journal.advance("influx", 5)
    assert pruned(path)[0] == 6
    with Journal(path) as journal:
        journal.enlist(["mqtt", "influx"])
        last = journal.seq
    assert pruned(path)[0] > 6
    with Journal(path) as journal:
        journal.advance("influx", last)
    assert pruned(path) == [last]


def test_nothing_goes_that_a_restart_needs(tmp_path: Path) -> None:
    """What came after the older snapshot stays, and without a snapshot everything."""
    path = tmp_path / "j.db"
    with Journal(path) as journal:
        journal.commit([opened(n) for n in range(3)])
        assert prune(path, LATER) == 0
        journal.commit([opened(3), opened(4)], snapshot=b"a")
        journal.commit([opened(5)], snapshot=b"b")
        journal.commit([opened(6)])
    assert pruned(path) == [6, 7]


def test_the_last_input_always_stays(tmp_path: Path) -> None:
    """Numbers never begin anew, however long nothing has come in."""
    path = tmp_path / "j.db"
    with Journal(path) as journal:
        journal.commit([opened(1), opened(2)], snapshot=b"a")
    assert pruned(path) == [2]
    with Journal(path) as journal:
        assert journal.commit([opened(3)]) == 3


def test_pruning_goes_in_small_steps_beside_the_writer(tmp_path: Path) -> None:
    """No step removes more than 2,000 inputs, and the writer commits between them."""
    path = tmp_path / "j.db"
    with Journal(path) as journal:
        journal.commit([opened(n) for n in range(5000)], snapshot=b"a")
        journal.commit([opened(5000)], snapshot=b"b")
        removed = []
        while gone := prune(path, LATER):
            removed.append(gone)
            journal.commit([opened(6000 + len(removed))])
        assert removed == [2000, 2000, 1000]
        assert journal.seq == 5004


def test_an_arrival_is_what_it_was(tmp_path: Path) -> None:
    """What is read back is equal to what was written: our own language, a vendor's, retained or not."""
    payload = said("door.opened", START, point="d1")
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
