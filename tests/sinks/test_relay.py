"""A relay brings each transition to its sink at least once, in order, whatever the sink does."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from structlog.testing import capture_logs

from monitor.app.sink_health import REPORT_REFUSALS_EVERY
from monitor.app.supervisor import supervise
from monitor.core.events import kind_of
from monitor.core.events.monitor_delivery import (
    MonitorSinkAway,
    MonitorSinkBack,
    MonitorSinkFailed,
    MonitorSinkRefused,
)
from monitor.core.inputs import Notice
from monitor.errors import JournalError, SinkRefused, SinkUnavailable
from monitor.journal import Entry, Written
from monitor.sinks.relay import Relay, Sink
from tests.support.monitor import Monitor
from tests.support.pipeline import START, PipelineHarness, event_payload
from tests.support.servers import eventually

SINK = MonitorSinkAway | MonitorSinkBack


class Defect(Exception):
    """An unexpected error of a sink."""


class Remote:
    """A sink that fails as the test specifies, and records what it was asked and what it took."""

    name = "remote"

    def __init__(self, *failures: Exception, never: Sequence[int] = ()) -> None:
        self.failures = list(failures)
        self.never = never
        """Inputs that it never accepts."""
        self.asked: list[list[int]] = []
        self.taken: list[tuple[int, int]] = []

    async def take(self, entries: Sequence[Written]) -> None:
        """Take them, or fail with the next failure."""
        self.asked.append([entry.seq for entry in entries])
        if self.failures:
            raise self.failures.pop(0)
        if any(entry.seq in self.never for entry in entries):
            raise SinkRefused("no such field")
        self.taken += [(entry.seq, entry.n) for entry in entries]


@pytest.fixture
def line(tmp_path: Path) -> Iterator[PipelineHarness]:
    """A pipeline with rules in force."""
    with PipelineHarness(tmp_path / "journal.db") as made:
        yield made


def tamper(line: PipelineHarness, *points: str) -> list[int]:
    """Raise an alert at each point; return the numbers of the inputs."""
    before = line.journal.seq
    for point in points:
        payload = event_payload("door.tamper", line.clock.time, point=point, active=True)
        line.take(line.sent(f"venue/centre/door/{point}", payload))
    return list(range(before + 1, line.journal.seq + 1))


def relay_of(
    line: PipelineHarness, sink: Sink, refused: list[MonitorSinkRefused] | None = None
) -> Relay:
    """A relay that notes what was refused."""
    noted = [] if refused is None else refused
    return Relay(line.journal, sink, noted.append, line.clock.now, Random(1))


@asynccontextmanager
async def running(
    relay: Relay, supervised_by: PipelineHarness | None = None
) -> AsyncIterator[asyncio.Task[None]]:
    """Run a relay; with a pipeline, run it under supervision and report failures there."""
    loop = supervise(relay, supervised_by.pipeline) if supervised_by else relay.run()
    task = asyncio.create_task(loop)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait({task})


def all_of(line: PipelineHarness) -> list[tuple[int, int]]:
    """Every transition of the journal."""
    return [(row.seq, row.n) for row in line.journal.transitions(0, 1_000_000)]


async def test_what_is_there_and_what_comes_is_brought(line: PipelineHarness) -> None:
    """Entries are delivered from the beginning, in order, and again after each wake-up."""
    tamper(line, "d1")
    sink = Remote()
    relay = relay_of(line, sink)
    assert relay.lag == line.journal.last_transition_seq
    async with running(relay):
        await eventually(lambda: sink.taken == all_of(line))
        tamper(line, "d2")
        relay.wake_up.set()
        await eventually(lambda: sink.taken == all_of(line))
    assert relay.lag == 0
    assert line.journal.readers.cursor("remote") == line.journal.last_transition_seq


async def test_while_the_sink_is_away_the_same_entries_come_again(line: PipelineHarness) -> None:
    """No entry is skipped; the trouble shows while it lasts, and it is logged once."""
    tamper(line, "d1", "d2")
    away = SinkUnavailable("connection refused")
    sink, refused = Remote(away, away), list[MonitorSinkRefused]()
    relay = relay_of(line, sink, refused)
    with capture_logs() as logs:
        async with running(relay):
            await eventually(lambda: bool(relay.trouble))
            assert relay.trouble == "connection refused"
            assert line.journal.readers.cursor("remote") == 0
            assert relay.lag
            await eventually(lambda: relay.lag == 0)
    assert sink.taken == all_of(line)
    assert sink.asked[0] == sink.asked[1] == sink.asked[2]
    assert not relay.trouble
    assert not refused
    assert [row["event"] for row in logs] == ["sink_unavailable"]


async def test_what_the_sink_refuses_is_tried_alone_and_only_the_culprit_is_left_out(
    line: PipelineHarness,
) -> None:
    """One entry that can't be delivered delays nothing, and is reported."""
    _, bad, _ = tamper(line, "d1", "d2", "g1")
    sink, refused = Remote(never=[bad]), list[MonitorSinkRefused]()
    relay = relay_of(line, sink, refused)
    async with running(relay):
        await eventually(lambda: relay.lag == 0)
    assert len(sink.asked[0]) > 1
    assert all(len(asked) == 1 for asked in sink.asked[1:])
    assert sink.taken == [row for row in all_of(line) if row[0] != bad]
    assert [(event_payload.sink, event_payload.reason) for event_payload in refused] == [
        ("remote", "no such field")
    ]


async def test_away_while_each_is_tried_alone_is_waited_for_too(line: PipelineHarness) -> None:
    """A sink that goes away in the middle gets the rest when it is back."""
    tamper(line, "d1", "d2")
    sink, refused = Remote(SinkRefused("one"), SinkUnavailable("away")), list[MonitorSinkRefused]()
    relay = relay_of(line, sink, refused)
    async with running(relay):
        await eventually(lambda: relay.lag == 0)
    assert sink.taken == all_of(line)
    assert not refused


async def test_a_new_start_goes_on_where_the_last_ended(tmp_path: Path) -> None:
    """The cursor is in the journal: what was delivered is not delivered again."""
    path = tmp_path / "journal.db"
    with PipelineHarness(path) as line:
        tamper(line, "d1")
        relay = relay_of(line, Remote())
        async with running(relay):
            await eventually(lambda: relay.lag == 0)
    with PipelineHarness(path) as line:
        new = tamper(line, "d2")
        sink = Remote()
        relay = relay_of(line, sink)
        async with running(relay):
            await eventually(lambda: relay.lag == 0)
        assert {seq for seq, _ in sink.taken} <= set(new)
        assert sink.taken


async def test_a_slow_sink_doesnt_hold_up_another(line: PipelineHarness) -> None:
    """Each relay has a cursor of its own."""
    tamper(line, "d1")
    quick, slow = Remote(), Remote(*[SinkUnavailable("away")] * 100)
    slow.name = "slow"
    first, second = relay_of(line, quick), relay_of(line, slow)
    async with running(first), running(second):
        await eventually(lambda: first.lag == 0 and bool(second.trouble))
    assert line.journal.readers.cursors()["remote"] == line.journal.last_transition_seq
    assert line.journal.readers.cursor("slow") == 0


async def test_refusals_are_noticed_once_a_minute_and_counted_all(line: PipelineHarness) -> None:
    """The notice of a refusal goes to the same sink, which may refuse it too; this must come to an end."""
    monitor = Monitor(line)

    def notices() -> list[Notice]:
        given = [row for _, row in line.journal.inputs()]
        return [row for row in given if isinstance(row, Notice)]

    for seconds in (0, 1, 30):
        at = line.clock.time + timedelta(seconds=seconds)
        monitor.sink_health.refused(
            MonitorSinkRefused(at=at, sink="remote", reason="no such field")
        )
    assert len(notices()) == 1
    assert "sink-refused" in line.open_alerts()
    monitor.sink_health.refused(
        MonitorSinkRefused(at=line.clock.time, sink="other", reason="too long")
    )
    assert len(notices()) == 2
    line.clock.time += REPORT_REFUSALS_EVERY
    monitor.sink_health.refused(
        MonitorSinkRefused(at=line.clock.time, sink="remote", reason="no such field")
    )
    assert len(notices()) == 3
    labels = {"sink": "remote"}
    assert line.metrics.registry.get_sample_value("venue_sink_refused_total", labels) == 4


async def test_a_sink_that_refuses_everything_comes_to_an_end(line: PipelineHarness) -> None:
    """The alert about its refusals is refused too, and then nothing is left to report."""
    tamper(line, "d1")
    sink = Remote(never=range(1000))
    monitor = Monitor(line)
    relay = Relay(line.journal, sink, monitor.sink_health.refused, line.clock.now, Random(1))
    async with running(relay):
        await eventually(lambda: "sink-refused" in line.open_alerts())
        relay.wake_up.set()
        await eventually(lambda: relay.lag == 0)
    assert sink.taken == []


async def test_a_defect_in_a_sink_is_an_alert_and_not_the_end(line: PipelineHarness) -> None:
    """The failure is reported, shows in the health, and the rest of the monitor keeps running."""
    tamper(line, "d1")
    relay = relay_of(line, Remote(Defect("no idea")))
    monitor = Monitor(line, relay)
    with capture_logs() as logs:
        async with running(relay, line) as task:
            await eventually(lambda: bool(relay.trouble))
            assert not task.done()
    assert "sink_failed" in [row["event"] for row in logs]
    last = list(line.journal.inputs())[-1][1]
    assert isinstance(last, Notice)
    assert isinstance(last.event, MonitorSinkFailed)
    assert last.event.reason == "Defect: no idea"
    assert "remote: a defect of the monitor: Defect: no idea" in monitor.status.health().troubles
    assert "sink-refused" in line.open_alerts()


async def test_a_sink_that_goes_away_and_comes_back_is_noticed_once_each(
    line: PipelineHarness,
) -> None:
    """Rules receive it; after a start, a sink that has not been tried is not reported as reachable."""
    away = SinkUnavailable("connection refused")
    relay = relay_of(line, Remote(away, away))
    monitor = Monitor(line, relay)

    def noticed() -> list[str]:
        monitor.sink_health.check_reached()
        return [
            kind_of(given.event)
            for _, given in line.journal.inputs()
            if isinstance(given, Notice) and isinstance(given.event, SINK)
        ]

    assert noticed() == []
    tamper(line, "d1")
    async with running(relay):
        await eventually(lambda: noticed() == ["monitor.sink_away"])
        await eventually(lambda: noticed() == ["monitor.sink_away", "monitor.sink_back"])


async def test_a_journal_that_fails_ends_the_relay(line: PipelineHarness) -> None:
    """A failing journal is not the sink's fault: the monitor stops and says so."""
    tamper(line, "d1")
    relay = relay_of(line, Remote(JournalError("the disk is full")))
    async with running(relay, line) as task:
        await asyncio.wait({task})
        assert isinstance(task.exception(), JournalError)


class RecordingSink:
    """A sink that reads every input and remembers which."""

    name = "remote"

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.read: list[int] = []

    def restore(self, saved: bytes | None) -> None:
        """Restore what it has read."""
        self.read = json.loads(saved) if saved else []

    def save(self) -> bytes:
        """What it has read."""
        return json.dumps(self.read).encode()

    async def take(self, entries: Sequence[Entry]) -> None:
        """Read them, or fail with the next failure."""
        if self.failures:
            raise self.failures.pop(0)
        self.read += [entry.seq for entry in entries]


async def test_a_stateful_sink_receives_every_input(tmp_path: Path) -> None:
    """Inputs without transitions arrive too, each once, across an outage and a restart; the sink's state is saved."""
    path = tmp_path / "journal.db"
    quiet = event_payload("door.closed", START, point="d1")
    with PipelineHarness(path) as line:
        tamper(line, "d1")
        line.take(line.sent("venue/centre/door/d1", quiet))
        relay = relay_of(line, RecordingSink(SinkUnavailable("away")))
        assert relay.is_stateful
        assert relay.lag == line.journal.seq
        async with running(relay):
            await eventually(lambda: relay.lag == 0)
    with PipelineHarness(path) as line:
        sink = RecordingSink()
        relay = relay_of(line, sink)
        line.take(line.sent("venue/centre/door/d1", quiet + b" "))
        async with running(relay):
            await eventually(lambda: relay.lag == 0)
        assert sink.read == list(range(1, line.journal.seq + 1))


def test_a_sink_that_is_behind_is_noticed_until_it_has_caught_up(line: PipelineHarness) -> None:
    """The age of the oldest entry that the sink has not had shows in the health, and an alert follows."""
    relay = relay_of(line, Remote())
    monitor = Monitor(line, relay)
    monitor.sink_health.check_lag()
    tamper(line, "d1")
    line.wait(50)
    monitor.sink_health.check_lag()
    assert not monitor.sink_health.behind
    line.wait(20)
    monitor.sink_health.check_lag()
    monitor.sink_health.check_lag()
    assert relay.behind > timedelta(seconds=60)
    assert any(
        "remote: 1 min 1" in row and "s behind" in row for row in monitor.status.health().troubles
    )
    line.wait(64)
    assert line.open_alerts()["sink-behind"] == "remote active"
    relay.cursor = line.journal.seq
    monitor.sink_health.check_lag()
    line.wait(5)
    assert "sink-behind" not in line.open_alerts()
    assert not monitor.sink_health.behind


class Heart(Remote):
    """A sink that also reports its state, a hundred times a second."""

    every = timedelta(seconds=0.01)

    def __init__(self, *failures: Exception) -> None:
        super().__init__()
        self.beats = 0
        self.faint = list(failures)

    async def send_periodic(self) -> None:
        """Count, or fail with the next failure."""
        self.beats += 1
        if self.faint:
            raise self.faint.pop(0)


async def test_a_sink_that_recurs_speaks_also_when_nothing_happens(line: PipelineHarness) -> None:
    """The sink is polled with and without transitions; one failure is a trouble until the next poll."""
    sink = Heart(SinkUnavailable("asleep"))
    relay = Relay(line.journal, sink, lambda _: None, line.clock.now, Random(1))
    async with asyncio.TaskGroup() as group:
        running = group.create_task(relay.run())
        await eventually(lambda: sink.beats == 1)
        assert relay.trouble == "asleep"
        await eventually(lambda: sink.beats >= 3)
        assert relay.trouble == ""
        (seq,) = tamper(line, "hall-gate-1")
        relay.wake_up.set()
        await eventually(lambda: seq in {taken for taken, _ in sink.taken})
        beats = sink.beats
        await eventually(lambda: sink.beats > beats)
        running.cancel()
