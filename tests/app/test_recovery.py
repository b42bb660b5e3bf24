"""A start over a journal goes on as if there had been no end."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from monitor.core.inputs import Tick
from monitor.errors import JournalError
from monitor.ingest.pipeline import recover
from monitor.journal import Journal
from tests.support.pipeline import LATENESS, START, TOLERANCE, Line, left_by_a_kill, said

DAY = timedelta(days=1)
STEPS: list[tuple[str, str, dict[str, object]]] = [
    ("door/d1", "door.opened", {"point": "d1"}),
    ("zone/hall", "zone.count", {"zone": "hall", "count": 9}),
    ("door/d1", "door.tamper", {"point": "d1", "active": True}),
    ("zone/hall", "zone.count", {"zone": "hall", "count": 12}),
    ("door/d1", "door.closed", {"point": "d1"}),
    ("access/d1", "access.duress", {"point": "d1"}),
    ("door/d99", "door.opened", {"point": "d99"}),
]


def happen(line: Line, first: int, end: int) -> None:
    """Lets some of the steps happen, 12 seconds each."""
    for n in range(first, end):
        where, kind, fields = STEPS[n]
        payload = said(kind, line.clock.time, id=str(n), **fields)
        line.take(line.sent(f"venue/centre/{where}", payload))
        line.wait(12)


def told(line: Line) -> list[object]:
    """All that followed, in order, without the numbers."""
    return [row.transition for row in line.journal.transitions(0, 1_000_000)]


def state_of(line: Line) -> object:
    """The whole state, as plain values."""
    return msgspec.to_builtins(line.engine.state)


def change(path: Path, statement: str, *values: object) -> None:
    """Does something to the file behind the journal's back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(statement, values)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[object], object]:
    """What follows from all steps without an end between, and the state they lead to."""
    with Line(tmp_path_factory.mktemp("whole") / "journal.db", snapshot_every=DAY) as line:
        happen(line, 0, len(STEPS))
        line.pipeline.tick(Tick(received_at=line.clock.time))
        return told(line), state_of(line)


@pytest.mark.parametrize("cut", range(len(STEPS) + 1))
@pytest.mark.parametrize("snapshots", [timedelta(seconds=20), DAY])
def test_a_kill_anywhere_changes_nothing(
    tmp_path: Path, whole: tuple[list[object], object], cut: int, snapshots: timedelta
) -> None:
    """With snapshots or by replay alone: state and history are those of a run without an end."""
    with Line(tmp_path / "journal.db", snapshot_every=snapshots) as line:
        happen(line, 0, cut)
        now = line.clock.time
        left = left_by_a_kill(line.journal.path, tmp_path / "left" / "journal.db")
    with Line(left, now=now, snapshot_every=snapshots) as line:
        happen(line, cut, len(STEPS))
        line.pipeline.tick(Tick(received_at=line.clock.time))
        assert (told(line), state_of(line)) == whole


def test_after_a_clean_end_nothing_is_replayed(tmp_path: Path) -> None:
    """The last snapshot holds everything."""
    path = tmp_path / "journal.db"
    with Line(path) as line:
        happen(line, 0, 4)
        line.pipeline.snapshot()
        before = state_of(line)
    with Line(path) as line:
        assert line.replayed == 0
        assert state_of(line) == before


def test_only_what_came_after_the_snapshot_is_replayed(tmp_path: Path) -> None:
    """Each input once, none of those that the snapshot knows."""
    path = tmp_path / "journal.db"
    with Line(path, snapshot_every=DAY) as line:
        happen(line, 0, 3)
        line.journal.commit([], msgspec.json.encode(line.engine.state))
        known = line.journal.seq
        happen(line, 3, 5)
        later, alerts = line.journal.seq - known, line.engine.state.alerts
    with Line(path) as line:
        assert line.replayed == later
        assert line.engine.state.alerts == alerts


def test_a_snapshot_of_another_version_is_passed_over(tmp_path: Path) -> None:
    """What this version can't read is said, and everything is replayed."""
    path = tmp_path / "journal.db"
    with Line(path) as line:
        happen(line, 0, 4)
        line.pipeline.snapshot()
        before, length = line.engine.state.alerts, line.journal.seq
        body = b'{"turn": "some other form"}'
        line.journal.commit([], body)
        change(path, "DELETE FROM snapshot WHERE body <> ?", body)
    with capture_logs() as logs, Line(path) as line:
        assert line.replayed == length
        assert line.engine.state.alerts == before
    assert "snapshot_of_another_version" in [row["event"] for row in logs]


def test_a_damaged_snapshot_gives_way_to_the_one_before(tmp_path: Path) -> None:
    """A letter that the disk changed costs some replay, nothing else."""
    path = tmp_path / "journal.db"
    with Line(path) as line:
        happen(line, 0, 2)
        line.pipeline.snapshot()
        at = line.journal.seq
        happen(line, 2, 4)
        line.pipeline.snapshot()
        assert line.journal.seq > at
        alerts = line.engine.state.alerts
        change(
            path,
            "UPDATE snapshot SET body = ? WHERE seq = (SELECT max(seq) FROM snapshot)",
            b"\x00",
        )
    with Line(path) as line:
        assert line.replayed
        assert line.engine.state.alerts == alerts


def test_a_tick_from_which_nothing_follows_is_not_kept(tmp_path: Path) -> None:
    """Time that changes nothing costs no row; time that raises an alert is in the journal."""
    with Line(tmp_path / "journal.db", snapshot_every=DAY) as line:
        before = line.journal.seq
        for second in range(1, 50):
            line.clock.time = START + timedelta(seconds=second)
            line.pipeline.tick(Tick(received_at=line.clock.time))
        assert line.journal.seq == before
        payload = said("door.opened", line.clock.time, point="d1", id="1")
        line.take(line.sent("venue/centre/door/d1", payload))
        line.wait(40)
        ticks = [given for _, given in line.journal.inputs() if isinstance(given, Tick)]
        assert ticks
        assert "door-held-open" in line.open_alerts()


def test_a_quiet_tick_writes_the_snapshot_that_is_due(tmp_path: Path) -> None:
    """Also then the tick itself is no row."""
    with Line(tmp_path / "journal.db", snapshot_every=timedelta(seconds=20)) as line:
        seq = line.journal.seq
        line.clock.time = START + timedelta(seconds=21)
        assert not list(line.journal.snapshots())
        line.pipeline.tick(Tick(received_at=line.clock.time))
        assert [at for at, _ in line.journal.snapshots()] == [seq]
        assert line.journal.seq == seq


def test_a_replay_that_differs_is_said_and_what_was_told_stands(tmp_path: Path) -> None:
    """An alert that people have seen is not taken back because this version decides otherwise."""
    path = tmp_path / "journal.db"
    with Line(path, snapshot_every=DAY) as line:
        happen(line, 2, 3)
        (alert,) = line.journal.alerts()
        other = msgspec.structs.replace(alert, title="As another version put it")
        change(path, "UPDATE alert SET body = ? WHERE id = ?", msgspec.json.encode(other), alert.id)
    with capture_logs() as logs, Line(path) as line:
        assert line.engine.state.alerts == {alert.id: other}
    (said_so,) = [row for row in logs if row["event"] == "replay_differs"]
    assert said_so["alerts"] == [alert.id]
    assert said_so["log_level"] == "error"


def test_an_input_that_cant_be_read_ends_the_start(tmp_path: Path) -> None:
    """What is damaged in the middle is not stepped over: the picture would be another."""
    path = tmp_path / "journal.db"
    with Line(path, snapshot_every=DAY) as line:
        happen(line, 0, 3)
        change(path, "UPDATE input SET body = ? WHERE seq = 1", b"\x00")
    with Journal(path) as journal, pytest.raises(JournalError, match=r"journal\.db"):
        recover(journal, lateness=LATENESS, tolerance=TOLERANCE)
