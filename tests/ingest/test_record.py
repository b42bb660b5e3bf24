"""What a person does in a page of this process: recorded once for each key, and answered with what came of it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.core.alert import Handling
from monitor.core.events.commands import StaffAcknowledge
from monitor.core.inputs import Arrival, Tick
from monitor.core.phrase import phrase
from monitor.core.transitions import AlertChanged, refusal_in
from monitor.errors import EventInvalid, JournalError
from monitor.ingest.recovery import recover
from monitor.journal.verify import verify
from tests.support.pipeline import LATENESS, START, TOLERANCE, PipelineHarness, event_payload

DOOR = "venue/centre/door/d1"
ANN = "console/ann"


@pytest.fixture
def line(tmp_path: Path) -> Iterator[PipelineHarness]:
    """A pipeline with the alert of a forced door."""
    with PipelineHarness(tmp_path / "journal.db") as made:
        forced = event_payload("door.alarm", START, point="d1", alarm="forced_open", id="1")
        made.take(made.sent(DOOR, forced))
        yield made


def acknowledge(line: PipelineHarness, who: str = "ann", note: str = "") -> StaffAcknowledge:
    """A person acknowledges the alert now."""
    (alert,) = [row for row in line.journal.alerts() if row.rule == "door-forced"]
    return StaffAcknowledge(at=line.clock.time, who=who, alert=alert.id, note=note)


def acts(line: PipelineHarness) -> list[tuple[str, str]]:
    """Source and sender of each command in the journal."""
    return [
        (given.source, event.who)
        for _, given in line.journal.inputs()
        if isinstance(given, Arrival)
        for event in given.events
        if isinstance(event, StaffAcknowledge)
    ]


def test_an_act_is_in_the_journal_when_its_transitions_are_returned(line: PipelineHarness) -> None:
    """The act has its source, and the page sees at once what came of it."""
    commits = line.commits
    (changed,) = line.pipeline.record(acknowledge(line), ANN, "k1")

    assert isinstance(changed, AlertChanged)
    assert (changed.alert.handling, changed.alert.owner) == (Handling.ACKNOWLEDGED, "ann")
    assert line.journal.alerts() == [changed.alert]
    assert acts(line) == [(ANN, "ann")]
    assert line.commits == commits + 1
    assert verify(line.journal.path) == []


def test_the_same_key_is_one_act(line: PipelineHarness) -> None:
    """A form that is sent again, a second later or after a restart, changes nothing and gets the first answer."""
    first = line.pipeline.record(acknowledge(line), ANN, "k1")
    line.wait(1)
    again = acknowledge(line)
    seq = line.journal.seq

    assert line.pipeline.record(again, ANN, "k1") == first
    assert line.journal.seq == seq
    path = line.journal.path
    line.journal.close()
    with PipelineHarness(path, now=line.clock.time) as restarted:
        assert restarted.pipeline.record(again, ANN, "k1") == first
        assert acts(restarted) == [(ANN, "ann")]


def test_two_people_with_the_same_key_are_two(line: PipelineHarness) -> None:
    """A key belongs to its source: no one's act is taken for another's."""
    line.pipeline.record(acknowledge(line), ANN, "k1")
    line.pipeline.record(acknowledge(line, "bob"), "console/bob", "k1")

    assert acts(line) == [(ANN, "ann"), ("console/bob", "bob")]
    assert line.journal.alerts()[0].owner == "bob"


def test_a_key_with_another_act_loses_nothing(line: PipelineHarness) -> None:
    """Both acts are in the journal, each once, and an alert names the source."""
    for _ in range(2):
        line.pipeline.record(acknowledge(line), ANN, "k1")
        line.pipeline.record(acknowledge(line, note="on my way"), ANN, "k1")

    assert acts(line) == [(ANN, "ann")] * 2
    (alert,) = [row for row in line.journal.alerts() if row.rule == "id-reused"]
    assert (alert.key, alert.occurrences) == (ANN, 1)


def test_a_refusal_is_returned_with_its_reason(line: PipelineHarness) -> None:
    """The page can say why; a repetition gets the same reason."""
    line.pipeline.record(acknowledge(line), ANN, "k1")
    for _ in range(2):
        refused = line.pipeline.record(acknowledge(line), ANN, "k2")
        assert refusal_in(refused) == phrase("alert-already-yours")


def test_what_could_not_be_read_again_is_not_recorded(line: PipelineHarness) -> None:
    """A note that is too long would end the next start: it is refused before it is written."""
    seq = line.journal.seq
    with pytest.raises(EventInvalid, match="note"):
        line.pipeline.record(acknowledge(line, note="x" * 4001), ANN, "k1")
    with pytest.raises(EventInvalid, match="control character"):
        line.pipeline.record(acknowledge(line, who="a\nn"), ANN, "k1")

    assert line.journal.seq == seq


def test_the_journal_replays_what_was_recorded(line: PipelineHarness) -> None:
    """After a restart without a snapshot, the alert has its owner."""
    line.pipeline.record(acknowledge(line, note="on my way"), ANN, "k1")
    replayed, _ = recover(line.journal, lateness=LATENESS, tolerance=TOLERANCE)

    assert replayed.state.alerts.open == line.engine.state.alerts.open


def test_a_page_that_can_not_be_recorded_ends_the_monitor(line: PipelineHarness) -> None:
    """The web server catches the error of its own request; the clock loop raises it again, so nothing goes on."""
    with closing(sqlite3.connect(line.journal.path)) as db:
        db.execute(
            "CREATE TRIGGER broken BEFORE INSERT ON audit BEGIN SELECT RAISE(FAIL, 'I/O'); END"
        )
    with pytest.raises(JournalError, match="I/O"):
        line.pipeline.record(acknowledge(line), ANN, "k1")
    with closing(sqlite3.connect(line.journal.path)) as db:
        db.execute("DROP TRIGGER broken")

    with pytest.raises(JournalError, match="I/O"):
        line.pipeline.tick(Tick(received_at=line.clock.time + timedelta(seconds=1)))
    with pytest.raises(JournalError, match="I/O"):
        line.pipeline.look_at_clock()
    with pytest.raises(JournalError, match="I/O"):
        line.pipeline.snapshot()
    assert acts(line) == []
