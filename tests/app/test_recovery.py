"""A start from a journal continues as if the monitor had never stopped."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from monitor.core.events.monitor import MonitorClockStepped
from monitor.core.inputs import Tick
from monitor.core.state import snapshot
from monitor.errors import JournalError
from monitor.ingest.recovery import recover
from monitor.journal import Journal
from tests.support.pipeline import (
    LATENESS,
    START,
    TOLERANCE,
    PipelineHarness,
    copy_as_killed,
    event_payload,
)

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


def happen(line: PipelineHarness, first: int, end: int) -> None:
    """Perform some of the steps, 12 seconds each."""
    for n in range(first, end):
        where, kind, fields = STEPS[n]
        payload = event_payload(kind, line.clock.time, id=str(n), **fields)
        line.take(line.sent(f"venue/centre/{where}", payload))
        line.wait(12)


def transitions_of(line: PipelineHarness) -> list[object]:
    """The transitions in the journal, in order, without their numbers."""
    return [row.transition for row in line.journal.transitions(0, 1_000_000)]


def state_of(line: PipelineHarness) -> object:
    """The whole state, as plain values."""
    return msgspec.json.decode(snapshot.encode(line.engine.state))


def change(path: Path, statement: str, *values: object) -> None:
    """Change the journal's file behind its back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(statement, values)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[object], object]:
    """The transitions of all steps without a stop in between, and the state they lead to."""
    with PipelineHarness(
        tmp_path_factory.mktemp("whole") / "journal.db", snapshot_every=DAY
    ) as line:
        happen(line, 0, len(STEPS))
        line.pipeline.tick(Tick(received_at=line.clock.time))
        return transitions_of(line), state_of(line)


@pytest.mark.parametrize("cut", range(len(STEPS) + 1))
@pytest.mark.parametrize("snapshots", [timedelta(seconds=20), DAY])
def test_a_kill_anywhere_changes_nothing(
    tmp_path: Path, whole: tuple[list[object], object], cut: int, snapshots: timedelta
) -> None:
    """With snapshots or by replay alone, state and history equal those of a run without a kill."""
    with PipelineHarness(tmp_path / "journal.db", snapshot_every=snapshots) as line:
        happen(line, 0, cut)
        now = line.clock.time
        left = copy_as_killed(line.journal.path, tmp_path / "left" / "journal.db")
    with PipelineHarness(left, now=now, snapshot_every=snapshots) as line:
        happen(line, cut, len(STEPS))
        line.pipeline.tick(Tick(received_at=line.clock.time))
        assert (transitions_of(line), state_of(line)) == whole


def test_after_a_clean_end_nothing_is_replayed(tmp_path: Path) -> None:
    """After a clean stop, the last snapshot holds everything."""
    path = tmp_path / "journal.db"
    with PipelineHarness(path) as line:
        happen(line, 0, 4)
        line.pipeline.snapshot()
        before = state_of(line)
    with PipelineHarness(path) as line:
        assert line.replayed == 0
        assert state_of(line) == before


def test_only_what_came_after_the_snapshot_is_replayed(tmp_path: Path) -> None:
    """Each input after the snapshot is replayed once, and none from before it."""
    path = tmp_path / "journal.db"
    with PipelineHarness(path, snapshot_every=DAY) as line:
        happen(line, 0, 3)
        line.journal.commit([], snapshot.encode(line.engine.state))  # as earlier versions wrote it
        known = line.journal.seq
        happen(line, 3, 5)
        later, alerts = line.journal.seq - known, line.engine.state.alerts.open
    with PipelineHarness(path) as line:
        assert line.replayed == later
        assert line.engine.state.alerts.open == alerts


def test_a_snapshot_of_another_version_is_passed_over(tmp_path: Path) -> None:
    """A snapshot that this version can't read is logged, and everything is replayed."""
    path = tmp_path / "journal.db"
    with PipelineHarness(path) as line:
        happen(line, 0, 4)
        line.pipeline.snapshot()
        before, length = line.engine.state.alerts.open, line.journal.seq
        body = b'{"turn": "some other form"}'
        line.journal.commit([], body)
        change(path, "DELETE FROM snapshot WHERE body <> ?", body)
    with capture_logs() as logs, PipelineHarness(path) as line:
        assert line.replayed == length
        assert line.engine.state.alerts.open == before
    assert "snapshot_of_another_version" in [row["event"] for row in logs]


def test_a_damaged_snapshot_gives_way_to_the_one_before(tmp_path: Path) -> None:
    """A snapshot that the disk has damaged costs some replay, and nothing else."""
    path = tmp_path / "journal.db"
    with PipelineHarness(path) as line:
        happen(line, 0, 2)
        line.pipeline.snapshot()
        at = line.journal.seq
        happen(line, 2, 4)
        line.pipeline.snapshot()
        assert line.journal.seq > at
        alerts = line.engine.state.alerts.open
        change(
            path,
            "UPDATE snapshot SET body = ? WHERE seq = (SELECT max(seq) FROM snapshot)",
            b"\x00",
        )
    with PipelineHarness(path) as line:
        assert line.replayed
        assert line.engine.state.alerts.open == alerts


def test_a_tick_from_which_nothing_follows_is_not_kept(tmp_path: Path) -> None:
    """A tick that changes nothing is not in the journal; a tick that raises an alert is."""
    with PipelineHarness(tmp_path / "journal.db", snapshot_every=DAY) as line:
        before = line.journal.seq
        for second in range(1, 50):
            line.clock.time = START + timedelta(seconds=second)
            line.pipeline.tick(Tick(received_at=line.clock.time))
        assert line.journal.seq == before
        payload = event_payload("door.opened", line.clock.time, point="d1", id="1")
        line.take(line.sent("venue/centre/door/d1", payload))
        line.wait(40)
        ticks = [given for _, given in line.journal.inputs() if isinstance(given, Tick)]
        assert ticks
        assert "door-held-open" in line.open_alerts()


def test_a_quiet_tick_writes_the_snapshot_that_is_due(tmp_path: Path) -> None:
    """A tick that only writes a due snapshot is not in the journal either."""
    with PipelineHarness(tmp_path / "journal.db", snapshot_every=timedelta(seconds=20)) as line:
        seq = line.journal.seq
        line.clock.time = START + timedelta(seconds=21)
        assert not list(line.journal.snapshots())
        line.pipeline.tick(Tick(received_at=line.clock.time))
        assert [at for at, _ in line.journal.snapshots()] == [seq]
        assert line.journal.seq == seq


def test_a_replay_that_differs_is_said_and_what_was_told_stands(tmp_path: Path) -> None:
    """An alert that people have seen is not taken back if this version decides otherwise; the difference is logged."""
    path = tmp_path / "journal.db"
    with PipelineHarness(path, snapshot_every=DAY) as line:
        happen(line, 2, 3)
        (alert,) = line.journal.alerts()
        other = msgspec.structs.replace(alert, occurrences=99)
        change(path, "UPDATE alert SET body = ? WHERE id = ?", msgspec.json.encode(other), alert.id)
    with capture_logs() as logs, PipelineHarness(path) as line:
        assert line.engine.state.alerts.open == {alert.id: other}
    (said_so,) = [row for row in logs if row["event"] == "replay_differs"]
    assert said_so["alerts"] == [alert.id]
    assert said_so["log_level"] == "error"


def test_other_words_are_no_other_decision(tmp_path: Path) -> None:
    """A version that words a title differently starts without an error; the alert keeps the title that people saw."""
    path = tmp_path / "journal.db"
    with PipelineHarness(path, snapshot_every=DAY) as line:
        happen(line, 2, 3)
        (alert,) = line.journal.alerts()
        other = msgspec.structs.replace(alert, title="As another version put it")
        change(path, "UPDATE alert SET body = ? WHERE id = ?", msgspec.json.encode(other), alert.id)
    with capture_logs() as logs, PipelineHarness(path) as line:
        assert line.engine.state.alerts.open == {alert.id: other}
    assert [row for row in logs if row["event"] == "replay_differs"] == []


def test_an_input_that_cant_be_read_ends_the_start(tmp_path: Path) -> None:
    """Damage in the middle is not skipped, because the resulting state would be different."""
    path = tmp_path / "journal.db"
    with PipelineHarness(path, snapshot_every=DAY) as line:
        happen(line, 0, 3)
        change(path, "UPDATE input SET body = ? WHERE seq = 1", b"\x00")
    with Journal(path) as journal, pytest.raises(JournalError, match=r"journal\.db"):
        recover(journal, lateness=LATENESS, tolerance=TOLERANCE)


def test_a_snapshot_has_only_the_numbers_of_the_messages_that_wait(tmp_path: Path) -> None:
    """A night's backlog doesn't make it long; the next start takes the messages from the journal, as they were."""
    path = tmp_path / "journal.db"
    with PipelineHarness(path, snapshot_every=DAY) as line:
        line.pipeline.snapshot()
        ((_, before),) = line.journal.snapshots()
        for n in range(1_000):
            payload = event_payload("door.opened", line.clock.time, point="d1", id=str(n))
            retained = n % 100 == 99
            line.take(line.sent("venue/centre/door/d1", payload, retained=retained))
        line.pipeline.snapshot()
        body = next(body for _, body in line.journal.snapshots())
        assert len(body) < len(before) + 1_000 * 20
        state = line.engine.state
        assert len(state.time.waiting) >= 1_000
    with PipelineHarness(path) as line:
        assert line.replayed == 0
        assert sorted(line.engine.state.time.waiting) == sorted(state.time.waiting)
        assert snapshot.decode(body).alerts == state.alerts


def test_what_is_more_than_its_message_is_kept_whole(tmp_path: Path) -> None:
    """Answers in a form, what the monitor has noticed, and what a step of the clock has moved are in the snapshot."""
    path = tmp_path / "journal.db"
    with PipelineHarness(path, snapshot_every=DAY) as line:
        items = [{"item": "exits-free", "result": "pass"}]
        form = event_payload(
            "inspection.submitted", line.clock.time, checklist="check", inspection="i1", items=items
        )
        opened = event_payload("door.opened", line.clock.time, point="d1", id="1")
        unknown = event_payload("door.opened", line.clock.time, point="d99", id="2")
        line.take(
            line.sent("venue/centre/inspection/check", form),
            line.sent("venue/centre/door/d1", opened),
            line.sent("venue/centre/door/d99", unknown),
        )
        line.clock.time += timedelta(seconds=30)
        stepped = MonitorClockStepped(at=line.clock.time, host="here", by_s=30.0)
        line.pipeline.notice(stepped)
        line.pipeline.snapshot()
        waiting = line.engine.state.time.waiting
        assert sum(not row.message for row in waiting) > 3
    with PipelineHarness(path) as line:
        assert line.replayed == 0
        assert sorted(line.engine.state.time.waiting) == sorted(waiting)


def test_a_snapshot_whose_messages_are_gone_gives_way_to_the_one_before(tmp_path: Path) -> None:
    """It is not taken for a state in which nothing waits."""
    path = tmp_path / "journal.db"
    with PipelineHarness(path, snapshot_every=DAY) as line:
        line.pipeline.snapshot()
        payload = event_payload("door.opened", line.clock.time, point="d1", id="1")
        line.take(line.sent("venue/centre/door/d1", payload))
        line.pipeline.snapshot()
        seq = line.journal.seq
        known = dict(line.journal.snapshots())
    with Journal(path) as journal:
        change(path, "DELETE FROM input WHERE seq = ?", seq)
        with pytest.raises(msgspec.ValidationError, match=f"message {seq} is not in the journal"):
            snapshot.decode(known[seq], journal.inputs_at)


def test_while_very_much_waits_no_snapshot_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would hold the line; it is written as soon as fewer events wait, and in any case at the end."""
    with PipelineHarness(tmp_path / "journal.db", snapshot_every=timedelta(0)) as line:
        most = len(line.engine.state.time.waiting) + 1
        monkeypatch.setattr("monitor.ingest.pipeline.MOST_WAITING", most)
        for n in range(3):
            payload = event_payload("door.opened", line.clock.time, point="d1", id=str(n))
            line.take(line.sent("venue/centre/door/d1", payload))
        waits = line.journal.seq
        (latest, _), *_ = line.journal.snapshots()
        assert latest < waits
        line.pipeline.snapshot()
        (latest, _), *_ = line.journal.snapshots()
        assert latest == waits
        line.wait(60)
        (latest, _), *_ = line.journal.snapshots()
        assert latest == line.journal.seq > waits
