"""A standby's copy of the journal: whatever happens, it becomes equal to the original, and each part of it is sound."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from monitor.core.transitions import PageOrdered
from monitor.errors import JournalError
from monitor.ingest.recovery import recover
from monitor.journal import (
    Changes,
    ChangesReader,
    CopyMark,
    CopyPosition,
    CopyRefused,
    Journal,
    JournalCopy,
    Maintenance,
    changes,
    verify,
)
from monitor.journal.changes import IN_PARTS, table_names
from monitor.journal.outbox import AttemptClosed, AttemptOpened, PageSettled
from tests.support.paging import page
from tests.support.pipeline import LATENESS, START, TOLERANCE, PipelineHarness, event_payload

Row = TypeVar("Row")
UNTIL = (START + timedelta(hours=1)).isoformat()
KINDS: list[tuple[str, str, dict[str, object]]] = [
    ("door/d1", "door.alarm", {"point": "d1", "alarm": "forced_open"}),
    ("door/d1", "door.alarm", {"point": "d1", "alarm": "normal"}),
    ("access/d1", "access.duress", {"point": "d1"}),
    ("zone/hall", "zone.count", {"zone": "hall", "count": 11}),
    ("zone/hall", "zone.count", {"zone": "hall", "count": 3}),
    ("door/d99", "door.opened", {"point": "d99"}),
    ("staff/ann", "staff.mask", {"who": "ann", "what": "*", "point": "d1", "until": UNTIL}),
]
STEP = st.one_of(
    st.tuples(st.just("event"), st.integers(0, len(KINDS) - 1)),
    st.tuples(st.just("garbage"), st.integers(0, 3)),
    st.tuples(st.just("wait"), st.sampled_from([1, 5, 61, 3600])),
    st.tuples(st.just("snapshot"), st.just(0)),
    st.tuples(st.just("page"), st.integers(0, 3)),
    st.tuples(st.just("read"), st.just(0)),
    st.tuples(st.just("prune"), st.sampled_from([60, 3600])),
    st.tuples(st.just("copy"), st.just(0)),
)


def rows_of(path: Path) -> dict[str, Any]:
    """Return all rows of all tables, and the order of the pages."""
    with closing(sqlite3.connect(path)) as db:
        tables = {name: sorted(db.execute(f"SELECT * FROM {name}")) for name in table_names(db)}  # noqa: S608
        order = db.execute("SELECT id FROM page ORDER BY seq, rowid").fetchall()
    return {**tables, "order of pages": order}


class Scene:
    """A monitor whose journal is copied."""

    def __init__(self, folder: Path) -> None:
        self.line = PipelineHarness(folder / "primary.db")
        self.copy = folder / "copy.db"
        self._ids = count()

    def do(self, step: tuple[str, int]) -> None:
        """Do one step of a history."""
        line, journal = self.line, self.line.journal
        match step:
            case "event", n:
                where, kind, fields = KINDS[n]
                payload = event_payload(kind, line.clock.time, id=str(next(self._ids)), **fields)
                line.take(line.sent(f"venue/centre/{where}", payload))
            case "garbage", n:
                line.take(line.sent("venue/centre/door/d1", b"nonsense %d" % n))
            case "wait", seconds:
                line.wait(seconds)
            case "snapshot", _:
                line.pipeline.snapshot()
            case "page", n:
                self.page(n)
            case "read", _:
                journal.readers.advance("mqtt", journal.seq, b"state")
            case "prune", seconds:
                if self.copy.exists():
                    self.copy_all()  # what is removed before it is copied ends the copy
                with Maintenance(journal.path) as maintenance:
                    while maintenance.prune(line.clock.time - timedelta(seconds=seconds)):
                        pass
            case _:
                self.copy_all()

    def page(self, n: int) -> None:
        """Order a page whose attempt ends in one of several ways, or is still under way."""
        journal, at = self.line.journal, self.line.clock.time
        ordered = page(f"p{next(self._ids)}")
        journal.outbox.add([(journal.seq, ordered)])
        opened = AttemptOpened(page=ordered.id, n=1, channel="phone", at=at, is_repeat=False)
        closed = AttemptClosed(page=ordered.id, n=1, at=at, result="delivered")
        settled = PageSettled(page=ordered.id, state="delivered")
        rows: list[AttemptOpened | AttemptClosed | PageSettled] = [opened, closed, settled]
        journal.outbox.write(rows[:n])

    def settle(self) -> None:
        """Deliver all pages."""
        outbox = self.line.journal.outbox
        outbox.write(
            [PageSettled(page=row.page.id, state="delivered") for row in outbox.unfinished()]
        )

    def parts(self, position: CopyPosition) -> Changes:
        """Return the next part that the copy lacks, as it comes over the network."""
        with ChangesReader(self.line.journal.path) as reader:
            packed = msgspec.msgpack.encode(reader.changes(position))
        return msgspec.msgpack.decode(packed, type=Changes)

    def copy_all(self) -> None:
        """Copy until nothing is missing."""
        with JournalCopy(self.copy) as copy:
            while True:
                part = self.parts(copy.position())
                copy.apply(part)
                if part.is_complete:
                    return


@pytest.fixture
def scene(tmp_path: Path) -> Iterable[Scene]:
    """A scene with a history in which everything has happened."""
    made = Scene(tmp_path)
    with made.line:
        for n in range(len(KINDS)):
            made.do(("event", n))
            made.do(("wait", 5))
        for n in range(4):
            made.do(("page", n))
        made.do(("snapshot", 0))
        made.do(("garbage", 0))
        yield made


@given(history=st.lists(STEP, max_size=20), most=st.sampled_from([3, 2000]))
@example(history=[("snapshot", 0), ("copy", 0), ("wait", 3600)], most=3)
@example(history=[("copy", 0), ("wait", 61), ("event", 0), ("prune", 60)], most=3)
@settings(max_examples=12, deadline=None)
def test_a_copy_equals_its_original(history: list[tuple[str, int]], most: int) -> None:
    """After any history, copied in any pieces, every table has the same rows, and the copy is intact."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(changes, "MOST_INPUTS", most)
        made = Scene(Path(folder))
        with made.line:
            for step in history:
                made.do(step)
            made.copy_all()
            assert rows_of(made.copy) == rows_of(made.line.journal.path)
            assert verify(made.copy) == []


def test_every_table_is_copied(scene: Scene) -> None:
    """Every table is copied: those listed here in parts, since they grow, and a table of a later version as a whole."""
    with closing(sqlite3.connect(scene.line.journal.path)) as db:
        assert set(table_names(db)) >= IN_PARTS
        grown = {
            name
            for name in table_names(db)
            if db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] > 1  # noqa: S608
        }
    assert grown <= IN_PARTS


def test_a_monitor_starts_from_any_part(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the primary dies while the copy catches up, the copy is sound, with the alerts as of its last input."""
    scene.copy_all()
    scene.do(("wait", 60))
    for n in (1, 3, 4, 0):
        scene.do(("event", n))
    scene.do(("snapshot", 0))
    monkeypatch.setattr(changes, "MOST_INPUTS", 1)
    with JournalCopy(scene.copy) as copy:
        before = copy.position().seq
        copy.apply(scene.parts(copy.position()))
        assert copy.position().seq == before + 1 < scene.line.journal.seq
    assert verify(scene.copy) == []
    with Journal(scene.copy) as journal:
        engine, _ = recover(journal, lateness=LATENESS, tolerance=TOLERANCE)
        assert engine.state.alerts.open == {alert.id: alert for alert in journal.alerts()}


def test_a_copy_that_was_never_complete_is_marked(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No monitor can start from an incomplete first copy; once the copy is complete, it stays so."""
    monkeypatch.setattr(changes, "MOST_INPUTS", 3)
    with JournalCopy(scene.copy) as copy:
        copy.apply(scene.parts(copy.position()))
    with Journal(scene.copy, read_only=True) as journal:
        assert journal.copy_mark is CopyMark.UNFINISHED
    scene.copy_all()
    with Journal(scene.copy, read_only=True) as journal:
        assert journal.copy_mark is CopyMark.FINISHED


def test_pages_of_the_other_monitor_may_have_arrived(scene: Scene) -> None:
    """At a take-over, a delivered page stays delivered, and one that is not settled becomes a repeat."""
    scene.copy_all()
    with Journal(scene.copy) as journal:
        states = [(row.state, row.may_have_arrived) for row in journal.outbox.latest(10)]
        assert states == [
            ("delivered", False),
            ("waiting", False),
            ("waiting", True),
            ("waiting", False),
        ]
        journal.take_over(START)
        states = [(row.state, row.may_have_arrived) for row in journal.outbox.latest(10)]
        assert states == [("delivered", False), *[("waiting", True)] * 3]
        assert journal.copy_mark is CopyMark.NONE


def test_a_page_that_may_have_been_sent_is_added_as_a_repeat(tmp_path: Path) -> None:
    """What the other monitor may have ordered and sent by itself is marked when it is added."""
    with Journal(tmp_path / "journal.db") as journal:

        def may_have_been_sent(ordered: PageOrdered) -> bool:
            return ordered.id == "p1"

        added = journal.outbox.add([(1, page("p1")), (1, page("p2"))], may_have_been_sent)
        assert [(row.page.id, row.may_have_arrived) for row in added] == [
            ("p1", True),
            ("p2", False),
        ]
        assert journal.outbox.unfinished() == added


def test_no_other_journal_is_overwritten(scene: Scene) -> None:
    """A monitor's own journal is never made a copy, and a monitor that writes one keeps it."""
    with pytest.raises(JournalError, match="another monitor is writing"):
        JournalCopy(scene.line.journal.path)
    scene.copy_all()
    with Journal(scene.copy) as journal:
        journal.take_over(START)
    with pytest.raises(CopyRefused, match="a journal of its own, not a copy; move it away"):
        JournalCopy(scene.copy)


def test_what_cannot_be_continued_is_refused(scene: Scene) -> None:
    """The refusal names the cause: another schema, another journal, a shorter one, or inputs that retention removed."""
    scene.copy_all()
    with JournalCopy(scene.copy) as copy:
        position = copy.position()
    with pytest.raises(CopyRefused, match="install the same version"):
        scene.parts(replace(position, version=position.version - 1))
    with pytest.raises(CopyRefused, match="of another journal"):
        scene.parts(replace(position, last_input=b"else"))
    with pytest.raises(CopyRefused, match="was the journal replaced"):
        scene.parts(replace(position, seq=position.seq + 1))
    for _ in range(3):
        scene.do(("wait", 3600))
        scene.do(("snapshot", 0))
        scene.do(("event", 0))
    scene.do(("read", 0))
    scene.do(("prune", 60))
    with pytest.raises(CopyRefused, match=f"retention has removed the inputs from {position.seq}"):
        scene.parts(position)
