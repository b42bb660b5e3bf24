"""Who may act for people over MQTT: the senders that the configuration names, for anybody; all others are refused."""

from pathlib import Path

from monitor.core.inputs import Arrival, Rejected
from monitor.core.transitions import LogEntryWritten, StaffAnswered
from tests.support.pipeline import START, PipelineHarness, event_payload

BRIDGE = frozenset({"radio-bridge"})


def entry(who: str) -> bytes:
    """An entry of the shift log in a person's name."""
    return event_payload("log.written", START, who=who, text="brigade on site", id="e1")


def test_a_named_sender_acts_for_any_person(tmp_path: Path) -> None:
    """The person is in the message, and the sender in the topic and in the journal."""
    with PipelineHarness(tmp_path / "journal.db", staff_senders=BRIDGE) as line:
        line.take(line.sent("venue/centre/staff/radio-bridge", entry("anna")))
        seen = [row.transition for row in line.journal.transitions(0)]

    (written,) = [row for row in seen if isinstance(row, LogEntryWritten)]
    (answer,) = [row for row in seen if isinstance(row, StaffAnswered)]
    assert written.entry.who == "anna"
    assert (answer.who, answer.id, answer.accepted) == ("radio-bridge", "e1", True)


def test_anybody_else_is_refused_answered_and_alerted(tmp_path: Path) -> None:
    """Also with a true name on the person's own topic; one alert a sender, however often they try."""
    with PipelineHarness(tmp_path / "journal.db", staff_senders=BRIDGE) as line:
        for topic in ("venue/centre/staff/anna", "venue/centre/staff/anna", "venue/hall/staff/bao"):
            line.take(line.sent(topic, entry("anna")))
            line.wait(1)
        seen = [row.transition for row in line.journal.transitions(0)]
        alerts = line.journal.alerts()

    assert not [row for row in seen if isinstance(row, LogEntryWritten)]
    answers = [row for row in seen if isinstance(row, StaffAnswered)]
    assert [(row.who, row.accepted) for row in answers] == [("anna", False)] * 2 + [("bao", False)]
    found = {(row.rule, row.key): row.occurrences for row in alerts}
    assert found == {("sender-unnamed", "anna"): 2, ("sender-unnamed", "bao"): 1}


def test_what_was_accepted_stays_accepted(tmp_path: Path) -> None:
    """A sender who is no longer named loses nothing: the journal is not judged again when it is replayed."""
    path = tmp_path / "journal.db"
    with PipelineHarness(path) as line:
        line.take(line.sent("venue/centre/staff/anna", entry("anna")))
    with PipelineHarness(path, staff_senders=BRIDGE) as line:
        assert line.engine.state.shift_log.entries == 1
        line.take(line.sent("venue/centre/staff/anna", entry("bao")))
        inputs = [given for _, given in line.journal.inputs(0)]

    assert [type(row) for row in inputs if isinstance(row, Arrival | Rejected)] == [
        Arrival,
        Rejected,
    ]
