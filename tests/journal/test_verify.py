"""Verification finds whatever was changed in a journal."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from monitor.core.transitions import PageOrdered
from monitor.errors import JournalError
from monitor.journal import Journal, stats, verify
from monitor.journal.verify import verify_in_slices
from monitor.journal.witness import witness_path
from tests.support.journal import change, filled, flip, opened
from tests.support.pipeline import START, PipelineHarness, event_payload


def test_a_sound_journal_is_whole(tmp_path: Path) -> None:
    """Verification finds nothing wrong in an intact journal, with or without the noted head."""
    path = filled(tmp_path / "j.db")
    assert verify(path) == []
    assert verify(path, stats(path)["audit_head"]) == []
    assert verify(path, stats(path)["head"]) == []
    assert [line for found in verify_in_slices(path) for line in found] == []


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (
            "UPDATE audit SET body = cast(body || ' ' AS BLOB) WHERE n = 2",
            "audit 2: its hash does not match",
        ),
        ("DELETE FROM audit WHERE n = 2", "audit 2: missing"),
        ("DELETE FROM input WHERE seq = 5", "input 5: missing"),
        ("DELETE FROM input WHERE seq BETWEEN 5 AND 7", "input 5: missing, to 7"),
        ("DELETE FROM input WHERE seq = (SELECT max(seq) FROM input)", "which is missing"),
        (
            "DELETE FROM transition WHERE seq = (SELECT min(seq) FROM transition)",
            "the input or its",
        ),
        (
            "UPDATE input SET payload = cast(replace(payload, 'd99', 'd98') AS BLOB)",
            "not as they were written",
        ),
        ("UPDATE input SET received_at = received_at + 1 WHERE seq = 3", "input 3: the input or"),
        (
            "UPDATE transition SET body = cast(replace(body, 'Duress', 'duress') AS BLOB)",
            "not as they were",
        ),
        ("UPDATE alert SET body = cast(replace(body, 'forced', 'Forced') AS BLOB)", "left it"),
        ("UPDATE alert SET is_open = 0", "open in one column, closed in another"),
        ("UPDATE alert SET body = x'ff'", "alert "),
        ("UPDATE zone SET body = cast(replace(body, ':3', ':4') AS BLOB)", "zone hall: not as"),
        ("UPDATE zone SET body = x'7b'", "zone hall: "),
        ("UPDATE snapshot SET body = cast(body || ' ' AS BLOB)", "its digest does not match"),
        ("INSERT INTO transition VALUES (999, 0, x'00')", "transitions without an input: 1"),
        (
            "INSERT INTO cursor (reader, seq) VALUES ('x', 999)",
            "cursor: refers to input 999, which is missing",
        ),
    ],
)
def test_what_was_changed_is_found(tmp_path: Path, damage: str, found: str) -> None:
    """Verification names a row that is missing, cut off, or changed by one letter."""
    path = filled(tmp_path / "j.db")
    change(path, damage)
    assert any(found in line for line in verify(path)), verify(path)
    if "without an input" not in found:
        sliced = [line for found in verify_in_slices(path) for line in found]
        assert any(found in line for line in sliced), sliced


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("UPDATE page SET body = x'7b'", "page p: "),
        (
            "UPDATE page SET body = cast(replace(body, 'anna', 'bert') AS BLOB)",
            "page p: not as input 1 ordered it",
        ),
    ],
)
def test_a_page_that_was_changed_is_found(tmp_path: Path, damage: str, found: str) -> None:
    """A page has to be as its input ordered it: another person, or one that can't be read, is damage."""
    path = tmp_path / "j.db"
    page = PageOrdered(at=START, id="p", person="anna", kind="raised", reason="named", alerts=())
    with Journal(path) as journal:
        journal.commit([replace(opened(1), transitions=[page])])
        journal.outbox.add([(1, page)])
    assert verify(path) == []
    assert [line for part in verify_in_slices(path) for line in part] == []

    change(path, damage)

    for lines in (verify(path), [line for part in verify_in_slices(path) for line in part]):
        assert any(found in line for line in lines), lines


def test_a_flipped_bit_is_found_wherever_it_matters(tmp_path: Path) -> None:
    """Each flipped bit in the file is found, or everything that can be read is unchanged."""
    path = filled(tmp_path / "j.db")
    with Journal(path):
        pass
    whole, rows = path.read_bytes(), dump(path)
    unnoticed = 0
    for at in range(100, len(whole), max(1, len(whole) // 120)):
        flip(path, at)
        if not verify(path):
            unnoticed += 1
            assert dump(path) == rows, f"byte {at}"
        path.write_bytes(whole)
    assert unnoticed < 90


def dump(path: Path) -> list[tuple[object, ...]]:
    """Everything that readers can read, except cursors, which no digest covers."""
    with closing(sqlite3.connect(path)) as db:
        tables = ("input", "transition", "alert", "zone", "snapshot", "audit")
        queries = [f"SELECT * FROM {table} ORDER BY 1, 2" for table in tables]  # noqa: S608 - constants
        return [row for query in queries for row in db.execute(query)]


def test_a_trail_that_was_cut_off_is_found_by_its_noted_head(tmp_path: Path) -> None:
    """Rows removed from the end of the audit trail leave the rest valid; a head that was noted before reveals it."""
    path = filled(tmp_path / "j.db")
    head = stats(path)["audit_head"]
    witness_path(path).unlink()
    change(path, "DELETE FROM audit WHERE n = (SELECT max(n) FROM audit)")
    assert verify(path) == []
    assert verify(path, head) == [
        f"{head.partition(':')[0]}: missing, although its hash was noted: the end of the journal was cut off"
    ]
    assert verify(path, "1:00") == ["1: not the row that was noted; the journal was rewritten"]
    assert verify(path, "999:00") == [
        "999: missing, although its hash was noted: the end of the journal was cut off"
    ]
    with pytest.raises(JournalError, match="write it as verify prints it, SEQ:HASH"):
        verify(path, "yesterday")


def test_a_head_stays_good_while_the_trail_grows(tmp_path: Path) -> None:
    """A head noted earlier still proves that nothing before it has changed."""
    path = filled(tmp_path / "j.db")
    head = stats(path)["audit_head"]
    with PipelineHarness(path, now=START + timedelta(hours=1)) as line:
        line.take(
            line.sent("venue/centre/access/d1", event_payload("access.duress", START, point="d1"))
        )
        line.take(
            line.sent(
                "venue/centre/door/d1",
                event_payload("door.tamper", line.clock.time, point="d1", active=True),
            )
        )
    assert stats(path)["audit_head"] != head
    assert verify(path, head) == []
