"""The pipeline takes what arrives into the journal once, with all that follows, and swallows nothing."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.adapters import build
from monitor.core.decode import OUTPUTS
from monitor.core.events.door import DoorOpened
from monitor.core.events.monitor import MonitorStarted
from monitor.core.inputs import Arrival, Input, Notice, Rejected
from monitor.errors import JournalError
from tests.support.pipeline import START, Line, said

DOOR = "venue/centre/door/d1"
FORCED = said("door.alarm", START, point="d1", alarm="forced_open", id="1")


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    """A line that also understands contacts behind a Zigbee gateway."""
    contacts = build("zigbee2mqtt", {"east": "d1"}, ZoneInfo("UTC"), key=b"a key for tests, 32 b")
    with Line(tmp_path / "journal.db", routes=[("zigbee2mqtt/#", contacts)]) as made:
        yield made


def inputs(line: Line) -> list[Input]:
    """What the journal holds besides the rules."""
    return [given for seq, given in line.journal.inputs() if seq > 1]


def count(line: Line, kind: str) -> float | None:
    """How many messages the figures know of a kind."""
    return line.metrics.registry.get_sample_value("venue_messages_total", {"kind": kind})


def test_a_message_of_ours_is_in_the_journal_with_what_followed(line: Line) -> None:
    """An alarm, once taken, stands there with its alert, and the relays are told once."""
    rings = line.rings
    line.take(line.sent(DOOR, FORCED))

    (given,) = inputs(line)
    assert isinstance(given, Arrival)
    assert given.source == DOOR
    assert line.open_alerts() == {"door-forced": "d1 active"}
    assert [row.seq for row in line.journal.transitions(1)] == [2]
    assert line.rings == rings + 1
    assert count(line, "event") == 1


def test_a_vendors_message_is_kept_as_what_it_was_understood_as(line: Line) -> None:
    """The event is in the journal; the vendor's own bytes, which may name people, are not."""
    line.take(line.sent("zigbee2mqtt/east", b'{"contact": false, "holder": "Ann Example"}'))

    (given,) = inputs(line)
    assert isinstance(given, Arrival)
    (event,) = given.events
    assert isinstance(event, DoorOpened)
    assert event.point == "d1"
    with closing(sqlite3.connect(line.journal.path)) as db:
        rows = db.execute("SELECT * FROM input").fetchall()
    assert "Ann Example" not in str(rows)


def test_what_nobody_can_read_is_kept_with_the_reason_and_raises_an_alert(line: Line) -> None:
    """Garbage is a row, a figure and an alert."""
    line.take(line.sent(DOOR, b"nonsense"), line.sent("unknown/vendor", b"{}"))

    ours, other = inputs(line)
    assert isinstance(ours, Rejected)
    assert isinstance(other, Rejected)
    assert "not JSON" in ours.reason
    assert "no adapter reads this topic" in other.reason
    keys = {alert.key for alert in line.journal.alerts() if alert.rule == "rejected-input"}
    assert keys == {DOOR, "unknown/vendor"}
    assert count(line, "rejected") == 2


def test_what_is_told_twice_is_taken_once(line: Line) -> None:
    """Neither within a batch, nor in a later one, nor after it was delivered again with another arrival."""
    line.take(line.sent(DOOR, FORCED), line.sent(DOOR, FORCED))
    line.wait(3)
    rings = line.rings
    line.take(line.sent(DOOR, FORCED))

    assert len(inputs(line)) == 1
    (alert,) = line.journal.alerts()
    assert alert.occurrences == 1
    assert line.rings == rings
    assert count(line, "event") == 1
    assert count(line, "again") == 2


def test_what_is_new_beside_a_repetition_is_taken(line: Line) -> None:
    """A batch of old and new leaves the new."""
    line.take(line.sent(DOOR, FORCED))
    normal = said("door.alarm", START + timedelta(seconds=1), point="d1", alarm="normal", id="2")
    line.take(line.sent(DOOR, FORCED), line.sent(DOOR, normal))
    line.wait(5)

    assert [given.source for given in inputs(line) if isinstance(given, Arrival)] == [DOOR, DOOR]
    assert line.open_alerts() == {}


@pytest.mark.parametrize("kind", sorted(OUTPUTS))
def test_our_own_words_are_no_news(line: Line, kind: str) -> None:
    """What the monitor publishes comes back to it and changes nothing, however it looks."""
    line.take(line.sent(f"venue/centre/{kind}/x", b"nonsense"), line.sent(f"venue/a/{kind}", b""))

    assert inputs(line) == []
    assert line.open_alerts() == {}
    assert count(line, "again") in {None, 0}


def test_a_message_without_time_or_id_is_never_swallowed(line: Line) -> None:
    """A contact that reports open, and later open again, has said it twice."""
    opened = b'{"contact": false}'
    line.take(line.sent("zigbee2mqtt/east", opened))
    line.wait(5)
    line.take(line.sent("zigbee2mqtt/east", opened))

    assert len([given for given in inputs(line) if isinstance(given, Arrival)]) == 2


def test_the_same_words_at_another_time_are_another_event(line: Line) -> None:
    """Two openings without an id of their own differ by their time."""
    line.take(
        line.sent(DOOR, said("door.opened", START, point="d1")),
        line.sent(DOOR, said("door.opened", START + timedelta(milliseconds=1), point="d1")),
    )

    assert len(inputs(line)) == 2


def test_a_retained_message_seeds_and_is_no_news(line: Line) -> None:
    """What the broker had kept raises nothing, and is known to have been kept."""
    line.take(line.sent(DOOR, FORCED, retained=True))

    (given,) = inputs(line)
    assert isinstance(given, Arrival)
    assert given.retained
    assert line.open_alerts() == {}


def test_what_the_monitor_says_itself_is_an_input(line: Line) -> None:
    """A notice goes the same way as a message."""
    notice = Notice(received_at=START, event=MonitorStarted(at=START))
    line.pipeline.submit(notice)

    assert inputs(line) == [notice]


def test_of_a_batch_that_cant_be_written_nothing_is_there(tmp_path: Path) -> None:
    """When the journal fails, the error reaches the caller, and what follows the failure finds a whole journal."""
    path = tmp_path / "journal.db"
    with Line(path) as line:
        with closing(sqlite3.connect(path)) as db:
            db.execute(
                "CREATE TRIGGER broken BEFORE INSERT ON alert BEGIN SELECT RAISE(FAIL, 'I/O'); END"
            )
        rings, seq = line.rings, line.journal.seq
        harmless = said("door.closed", START, point="d2", id="0")
        with pytest.raises(JournalError, match="I/O"):
            line.take(line.sent("venue/centre/door/d2", harmless), line.sent(DOOR, FORCED))
        assert line.rings == rings
        assert line.journal.seq == seq
        assert inputs(line) == []
        assert count(line, "event") is None
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TRIGGER broken")
    with Line(path) as line:
        line.take(line.sent("venue/centre/door/d2", harmless), line.sent(DOOR, FORCED))
        assert len(inputs(line)) == 2
        assert line.open_alerts() == {"door-forced": "d1 active"}
