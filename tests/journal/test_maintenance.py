"""Statistics, exports, backups and retention, while the monitor writes."""

import json
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.errors import JournalError
from monitor.journal import Journal, Maintenance, Record, backup, export, stats, verify
from monitor.journal.database import LARGEST_LOG
from tests.support.host_limits import no_further_files, no_room_beyond
from tests.support.journal import change, filled, opened
from tests.support.pipeline import START, PipelineHarness


def test_stats_tell_what_is_there(tmp_path: Path) -> None:
    """The statistics give rows, kinds, cursors and the head of the audit trail."""
    path = filled(tmp_path / "j.db")
    found = stats(path)
    with Journal(path, read_only=True) as journal:
        assert found["last_seq"] == journal.seq == sum(found["inputs"].values())
        assert found["open_alerts"] == len(journal.alerts())
        assert found["cursors"] == journal.readers.cursors()
        ready = Counter(row.state for row in journal.readiness() if row.zone)
    assert found["zones"] == ready
    assert ready
    assert found["inputs"]["rejected"] == 1
    assert found["first_seq"] == 1
    assert found["bytes"] >= path.stat().st_size
    json.dumps(found)


def test_export_is_every_input_with_its_transitions(tmp_path: Path) -> None:
    """The export has one line of JSON per input, in order, from any position on."""
    path = filled(tmp_path / "j.db")
    lines = [json.loads(line) for line in export(path)]
    with Journal(path, read_only=True) as journal:
        assert [line["seq"] for line in lines] == [seq for seq, _ in journal.inputs()]
        followed = [row["type"] for line in lines for row in line["transitions"]]
        assert len(followed) == len(journal.transitions(0, 10_000))
    assert [json.loads(line) for line in export(path, after=3)] == lines[3:]


def test_damage_met_by_an_export_is_said(tmp_path: Path) -> None:
    """An export that meets a damaged row stops with an error that says what to do."""
    path = filled(tmp_path / "j.db")
    change(path, "UPDATE input SET body = x'7b' WHERE kind = 'notice'")
    with pytest.raises(JournalError, match="a row cannot be read"):
        list(export(path))


def test_export_and_backup_while_the_monitor_writes(tmp_path: Path) -> None:
    """An export and a backup during commits are complete and of one moment; the writer goes on."""
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


def test_maintenance_goes_on_without_descriptors(tmp_path: Path) -> None:
    """When no file can be opened, checkpoints and retention go on; opening the journal fails with the true reason."""
    path = filled(tmp_path / "j.db")
    with Maintenance(path) as maintenance:
        maintenance.checkpoint()
        maintenance.prune(START)
        with no_further_files():
            maintenance.checkpoint()
            assert maintenance.prune(LATER) > 0
            with pytest.raises(JournalError, match="too many open files: raise the limit"):
                Maintenance(path)


def test_a_backup_overwrites_nothing(tmp_path: Path) -> None:
    """A backup to an existing file is refused, and one that can't be written leaves no partial file."""
    path = filled(tmp_path / "j.db")
    with pytest.raises(JournalError, match="already exists; choose the name of a new file"):
        backup(path, path)
    with pytest.raises(JournalError, match=r"no-folder/copy\.db.*cannot be opened"):
        backup(path, tmp_path / "no-folder" / "copy.db")
    with no_room_beyond(60_000), pytest.raises(JournalError, match=r"copy\.db.*full"):
        backup(path, tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


LATER = datetime(2027, 1, 1, tzinfo=UTC)


def pruned(path: Path, before: datetime = LATER) -> list[int]:
    """Prune until nothing is left to remove; return the inputs that remain."""
    with Maintenance(path) as maintenance:
        while maintenance.prune(before):
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
    with PipelineHarness(path, now=START + timedelta(days=400)) as line:
        assert line.replayed == 0
        assert line.journal.seq == before["last_seq"]


def test_only_what_is_older_goes(tmp_path: Path) -> None:
    """The first input that is young enough and all after it stay, even if the clock was set back after it."""
    path = tmp_path / "j.db"
    with Journal(path) as journal:
        minutes = [0, 1, 2, 10, 3, 11]
        rows = [opened(n, START + timedelta(minutes=late)) for n, late in enumerate(minutes)]
        journal.commit(rows, snapshot=b"{}")
        journal.commit([], snapshot=b"{}")
    assert pruned(path, START + timedelta(minutes=5)) == [4, 5, 6]
    assert verify(path) == []


def test_what_a_reader_has_not_read_is_kept(tmp_path: Path) -> None:
    """The next entry of the slowest reader is kept, a new reader's too; without readers everything may be pruned."""
    path = filled(tmp_path / "j.db")
    with Journal(path) as journal:
        every = [row.seq for row in journal.transitions(0, 10_000)]
        journal.readers.register(["mqtt", "influx"])
    assert pruned(path)[0] == every[0]
    with Journal(path) as journal:
        journal.readers.advance("influx", every[-2] - 1)
    assert pruned(path)[0] == every[-2]
    with Journal(path) as journal:
        journal.readers.register(["mqtt"])
        last = journal.seq
    assert pruned(path) == [last]


def test_inputs_that_a_stateful_reader_has_not_read_are_kept(tmp_path: Path) -> None:
    """Inputs that a stateful reader has not read are kept, even those without transitions."""
    path = filled(tmp_path / "j.db")
    with Journal(path) as journal:
        journal.readers.register(["mqtt", "influx"], stateful=["influx"])
        journal.readers.advance("mqtt", journal.seq)
        journal.readers.advance("influx", 5)
    assert pruned(path)[0] == 6
    with Journal(path) as journal:
        journal.readers.register(["mqtt", "influx"])
        last = journal.seq
    assert pruned(path)[0] > 6
    with Journal(path) as journal:
        journal.readers.advance("influx", last)
    assert pruned(path) == [last]


def test_nothing_goes_that_a_restart_needs(tmp_path: Path) -> None:
    """Everything after the older snapshot stays; without a snapshot everything stays."""
    path = tmp_path / "j.db"
    with Journal(path) as journal, Maintenance(path) as maintenance:
        journal.commit([opened(n) for n in range(3)])
        assert maintenance.prune(LATER) == 0
        journal.commit([opened(3), opened(4)], snapshot=b"a")
        journal.commit([opened(5)], snapshot=b"b")
        journal.commit([opened(6)])
    assert pruned(path) == [6, 7]


def test_the_last_input_always_stays(tmp_path: Path) -> None:
    """The last input is never pruned, so numbering never restarts, however old that input is."""
    path = tmp_path / "j.db"
    with Journal(path) as journal:
        journal.commit([opened(1), opened(2)], snapshot=b"a")
    assert pruned(path) == [2]
    with Journal(path) as journal:
        assert journal.commit([opened(3)]) == 3


def test_pruning_goes_in_small_steps_beside_the_writer(tmp_path: Path) -> None:
    """No pruning step removes more than 2,000 inputs, and the writer commits between steps."""
    path = tmp_path / "j.db"
    with Journal(path) as journal, Maintenance(path) as maintenance:
        journal.commit([opened(n) for n in range(5000)], snapshot=b"a")
        journal.commit([opened(5000)], snapshot=b"b")
        removed = []
        while gone := maintenance.prune(LATER):
            removed.append(gone)
            journal.commit([opened(6000 + len(removed))])
        assert removed == [2000, 2000, 1000]
        assert journal.seq == 5004


def test_maintenance_is_not_closed_while_it_works(tmp_path: Path) -> None:
    """Closing waits for a checkpoint on another thread; SQLite would otherwise end the process with a signal."""
    path = tmp_path / "j.db"
    began, go_on = threading.Event(), threading.Event()

    def hold(_statement: str) -> None:
        began.set()
        go_on.wait(30)

    with Journal(path) as journal:
        journal.commit([opened(1)])
        maintenance = Maintenance(path)
        maintenance._db.set_trace_callback(hold)  # noqa: SLF001 - a checkpoint that takes long
        works = threading.Thread(target=maintenance.checkpoint)
        closes = threading.Thread(target=maintenance.__exit__)
        works.start()
        assert began.wait(30)
        closes.start()
        closes.join(0.2)
        is_closed = not closes.is_alive()
        go_on.set()
        works.join(30)
        closes.join(30)

    assert not is_closed
    assert not works.is_alive()
    assert not closes.is_alive()


def test_the_log_is_bounded_during_continuous_writing(tmp_path: Path) -> None:
    """A checkpoint that never catches up with the writer blocks it briefly, and the log restarts."""
    path, n = tmp_path / "j.db", 0
    filler = b"x" * 200_000
    with Journal(path) as journal, Maintenance(path) as maintenance:

        def write(until: int) -> None:
            nonlocal n
            while (path.with_name("j.db-wal")).stat().st_size < until:
                n += 1
                journal.commit([Record(opened(n).input, [], str(n).encode(), "venue/x", filler)])

        journal.commit([opened(0)])
        write(LARGEST_LOG + 1_000_000)
        writing = threading.Thread(target=maintenance.checkpoint)
        writing.start()
        writing.join()
        n += 1
        journal.commit([opened(n)])
        assert path.with_name("j.db-wal").stat().st_size <= LARGEST_LOG
