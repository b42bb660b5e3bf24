"""The pipeline writes what arrives into the journal once, with all its consequences, and loses nothing."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from monitor.adapters import build
from monitor.core.decode import OUTPUTS
from monitor.core.events.access import AccessGranted
from monitor.core.events.door import DoorOpened
from monitor.core.events.monitor import MonitorStarted
from monitor.core.inputs import Arrival, Input, Notice, Rejected, RulesChanged
from monitor.errors import JournalError
from monitor.ingest.recovery import recover
from monitor.texts import plain
from tests.support.pipeline import (
    LATENESS,
    START,
    TOLERANCE,
    PipelineHarness,
    event_payload,
    trial_rule_set,
)

DOOR = "venue/centre/door/d1"
FORCED = event_payload("door.alarm", START, point="d1", alarm="forced_open", id="1")


@pytest.fixture
def line(tmp_path: Path) -> Iterator[PipelineHarness]:
    """A pipeline that also understands contacts behind a Zigbee gateway."""
    contacts = build("zigbee2mqtt", {"east": "d1"}, ZoneInfo("UTC"), key=b"a key for tests, 32 b")
    with PipelineHarness(tmp_path / "journal.db", routes=[("zigbee2mqtt/#", contacts)]) as made:
        yield made


def inputs(line: PipelineHarness) -> list[Input]:
    """The inputs in the journal, without the rules."""
    return [given for seq, given in line.journal.inputs() if seq > 1]


def count(line: PipelineHarness, kind: str) -> float | None:
    """The number of messages of a kind, from the metrics."""
    return line.metrics.registry.get_sample_value("venue_messages_total", {"kind": kind})


def test_a_message_of_ours_is_in_the_journal_with_what_followed(line: PipelineHarness) -> None:
    """An alarm is in the journal with its alert, and the relays are woken once."""
    commits = line.commits
    line.take(line.sent(DOOR, FORCED))

    (given,) = inputs(line)
    assert isinstance(given, Arrival)
    assert given.source == DOOR
    assert line.open_alerts() == {"door-forced": "d1 active"}
    assert [row.seq for row in line.journal.transitions(1)] == [2]
    assert line.commits == commits + 1
    assert count(line, "event") == 1


def test_a_vendors_message_is_kept_as_what_it_was_understood_as(line: PipelineHarness) -> None:
    """The decoded event is in the journal; the vendor's own bytes, which may name people, are not."""
    line.take(line.sent("zigbee2mqtt/east", b'{"contact": false, "holder": "Ann Example"}'))

    (given,) = inputs(line)
    assert isinstance(given, Arrival)
    (event,) = given.events
    assert isinstance(event, DoorOpened)
    assert event.point == "d1"
    with closing(sqlite3.connect(line.journal.path)) as db:
        rows = db.execute("SELECT * FROM input").fetchall()
    assert "Ann Example" not in str(rows)


def test_what_nobody_can_read_is_kept_with_the_reason_and_raises_an_alert(
    line: PipelineHarness,
) -> None:
    """An unreadable message leaves a row in the journal, is counted, and raises an alert."""
    line.take(line.sent(DOOR, b"nonsense"), line.sent("unknown/vendor", b"{}"))

    ours, other = inputs(line)
    assert isinstance(ours, Rejected)
    assert isinstance(other, Rejected)
    assert "not JSON" in plain(ours.reason)
    assert "no adapter reads this topic" in plain(other.reason)
    keys = {alert.key for alert in line.journal.alerts() if alert.rule == "rejected-input"}
    assert keys == {DOOR, "unknown/vendor"}
    assert count(line, "rejected") == 2


def test_what_is_told_twice_is_taken_once(line: PipelineHarness) -> None:
    """A message is recorded once, even if it is repeated in the same batch, in a later one, or redelivered later."""
    line.take(line.sent(DOOR, FORCED), line.sent(DOOR, FORCED))
    line.wait(3)
    commits = line.commits
    line.take(line.sent(DOOR, FORCED))

    assert len(inputs(line)) == 1
    (alert,) = line.journal.alerts()
    assert alert.occurrences == 1
    assert line.commits == commits
    assert count(line, "event") == 1
    assert count(line, "again") == 2


def accesses(line: PipelineHarness) -> list[tuple[str, str]]:
    """The topic and the device of each recorded passage."""
    return [
        (given.source, event.device)
        for given in inputs(line)
        if isinstance(given, Arrival)
        for event in given.events
        if isinstance(event, AccessGranted)
    ]


@pytest.mark.parametrize("together", [True, False])
def test_a_message_that_was_not_believed_hides_no_true_one(
    line: PipelineHarness, *, together: bool
) -> None:
    """A forged copy from another site is refused; the true message from the right site raises its alert."""
    forged, true = line.sent("venue/annex/door/d1", FORCED), line.sent(DOOR, FORCED)
    for batch in [[forged, true]] if together else [[forged], [true]]:
        line.take(*batch)
    line.wait(3)

    assert line.open_alerts() == {
        "rejected-input": "venue/annex/door/d1 active",
        "door-forced": "d1 active",
    }


def test_what_was_not_believed_is_never_remembered(line: PipelineHarness) -> None:
    """Each refusal counts, and the same message is accepted once the venue file knows its site."""
    forged = line.sent("venue/annex/door/d1", FORCED)
    line.take(forged, forged)
    line.take(forged)
    assert count(line, "rejected") == 3
    assert {alert.occurrences for alert in line.journal.alerts()} == {3}
    line.wait(3)

    rule_set = trial_rule_set()
    zones = [
        replace(row, site="annex") if row.id == "hall" else row for row in rule_set.venue.zones
    ]
    moved = replace(rule_set, venue=replace(rule_set.venue, zones=tuple(zones)))
    line.pipeline.submit(RulesChanged(received_at=START, who="ann", rule_set=moved))
    line.take(forged)
    line.wait(3)
    assert "door-forced" in line.open_alerts()


@pytest.mark.parametrize("together", [True, False])
def test_two_readers_at_one_gate_that_count_alike_are_two_passages(
    line: PipelineHarness, *, together: bool
) -> None:
    """Each reader has its own counter, and two counters may show the same number in the same second."""
    topic = "venue/centre/access/d1"
    sent = [
        line.sent(topic, event_payload("access.granted", START, point="d1", device=reader, id="7"))
        for reader in ("r1", "r2")
    ]
    for batch in [sent] if together else [sent[:1], sent[1:]]:
        line.take(*batch)
    line.take(*sent)
    line.wait(3)

    assert accesses(line) == [(topic, "r1"), (topic, "r2")]
    assert "id-reused" not in line.open_alerts()


@pytest.mark.parametrize("together", [True, False])
def test_an_id_with_other_content_is_taken_in_and_raises_an_alert(
    line: PipelineHarness, *, together: bool
) -> None:
    """Both events count, each once, and the alert names the sender."""
    topic = "venue/centre/access/d1"
    sent = [
        line.sent(
            topic, event_payload("access.granted", START, point="d1", credential=badge, id="7")
        )
        for badge in ("b1", "b2")
    ]
    for batch in [sent] if together else [sent[:1], sent[1:]]:
        line.take(*batch)
    line.take(*sent)
    line.wait(3)

    assert len(accesses(line)) == 2
    assert count(line, "again") == 2
    (alert,) = [row for row in line.journal.alerts() if row.rule == "id-reused"]
    assert (alert.key, alert.occurrences) == (topic, 1)
    replayed, _ = recover(line.journal, lateness=LATENESS, tolerance=TOLERANCE)
    assert replayed.state.alerts.open == line.engine.state.alerts.open


def test_an_event_from_a_devices_memory_is_the_same_event(line: PipelineHarness) -> None:
    """A replayed event is a duplicate, whatever its replay flag and the vendor's raw text."""
    line.take(line.sent(DOOR, FORCED))
    again = event_payload(
        "door.alarm", START, point="d1", alarm="forced_open", id="1", replay=True, raw="memory"
    )
    line.take(line.sent(DOOR, again))

    assert count(line, "again") == 1
    assert line.open_alerts() == {"door-forced": "d1 active"}


def test_each_refusal_counts(line: PipelineHarness) -> None:
    """Each of several identical messages counts as a refusal; their bytes are kept once."""
    line.take(line.sent(DOOR, b"nonsense"), line.sent(DOOR, b"nonsense"))
    line.take(line.sent(DOOR, b"nonsense"))

    assert count(line, "rejected") == len(inputs(line)) == 3
    (alert,) = line.journal.alerts()
    assert (alert.rule, alert.occurrences) == ("rejected-input", 3)
    with closing(sqlite3.connect(line.journal.path)) as db:
        kept = db.execute("SELECT count(payload) FROM input WHERE kind = 'rejected'").fetchone()
    assert kept == (1,)


def test_what_is_new_beside_a_repetition_is_taken(line: PipelineHarness) -> None:
    """From a batch of repeated and new messages, only the new ones are recorded."""
    line.take(line.sent(DOOR, FORCED))
    normal = event_payload(
        "door.alarm", START + timedelta(seconds=1), point="d1", alarm="normal", id="2"
    )
    line.take(line.sent(DOOR, FORCED), line.sent(DOOR, normal))
    line.wait(5)

    assert [given.source for given in inputs(line) if isinstance(given, Arrival)] == [DOOR, DOOR]
    assert line.open_alerts() == {}


@pytest.mark.parametrize("kind", sorted(OUTPUTS))
def test_our_own_words_are_no_news(line: PipelineHarness, kind: str) -> None:
    """What the monitor publishes comes back to it and changes nothing, whatever its content."""
    line.take(line.sent(f"venue/centre/{kind}/x", b"nonsense"), line.sent(f"venue/a/{kind}", b""))

    assert inputs(line) == []
    assert line.open_alerts() == {}
    assert count(line, "again") in {None, 0}


def test_a_message_without_time_or_id_is_never_swallowed(line: PipelineHarness) -> None:
    """A contact that reports open twice, at different times, has sent two events."""
    opened = b'{"contact": false}'
    line.take(line.sent("zigbee2mqtt/east", opened))
    line.wait(5)
    line.take(line.sent("zigbee2mqtt/east", opened))

    assert len([given for given in inputs(line) if isinstance(given, Arrival)]) == 2


def test_the_same_words_at_another_time_are_another_event(line: PipelineHarness) -> None:
    """Two openings without ids are different events if their times differ."""
    line.take(
        line.sent(DOOR, event_payload("door.opened", START, point="d1")),
        line.sent(
            DOOR, event_payload("door.opened", START + timedelta(milliseconds=1), point="d1")
        ),
    )

    assert len(inputs(line)) == 2


def test_a_retained_message_seeds_and_is_no_news(line: PipelineHarness) -> None:
    """A message that the broker retained raises nothing, and the journal marks it as retained."""
    line.take(line.sent(DOOR, FORCED, retained=True))

    (given,) = inputs(line)
    assert isinstance(given, Arrival)
    assert given.retained
    assert line.open_alerts() == {}


def test_what_the_monitor_says_itself_is_an_input(line: PipelineHarness) -> None:
    """A notice is recorded in the journal like a message."""
    notice = Notice(received_at=START, event=MonitorStarted(at=START))
    line.pipeline.submit(notice)

    assert inputs(line) == [notice]


def test_of_a_batch_that_cant_be_written_nothing_is_there(tmp_path: Path) -> None:
    """When the journal fails, the error reaches the caller, and the journal is intact afterwards."""
    path = tmp_path / "journal.db"
    with PipelineHarness(path) as line:
        with closing(sqlite3.connect(path)) as db:
            db.execute(
                "CREATE TRIGGER broken BEFORE INSERT ON alert BEGIN SELECT RAISE(FAIL, 'I/O'); END"
            )
        commits, seq = line.commits, line.journal.seq
        harmless = event_payload("door.closed", START, point="d2", id="0")
        with pytest.raises(JournalError, match="I/O"):
            line.take(line.sent("venue/centre/door/d2", harmless), line.sent(DOOR, FORCED))
        assert line.commits == commits
        assert line.journal.seq == seq
        assert inputs(line) == []
        assert count(line, "event") is None
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TRIGGER broken")
    with PipelineHarness(path) as line:
        line.take(line.sent("venue/centre/door/d2", harmless), line.sent(DOOR, FORCED))
        assert len(inputs(line)) == 2
        assert line.open_alerts() == {"door-forced": "d1 active"}
