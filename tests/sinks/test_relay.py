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

from monitor.app.run import supervise
from monitor.app.supervisor import REFUSED_AGAIN, Watch
from monitor.core.events import kind_of
from monitor.core.events.monitor import (
    MonitorSinkAway,
    MonitorSinkBack,
    MonitorSinkFailed,
    MonitorSinkRefused,
)
from monitor.core.inputs import Notice
from monitor.errors import JournalError, SinkRefused, SinkUnavailable
from monitor.ingest.inbox import Inbox
from monitor.journal import Entry, Written
from monitor.mqtt import BrokerAddress
from monitor.sinks.relay import Relay, Sink
from tests.support.pipeline import START, Line, said
from tests.support.servers import HOST, eventually

SINK = MonitorSinkAway | MonitorSinkBack


class Defect(Exception):
    """What nobody expects of a sink."""


class Remote:
    """A sink that fails as the test says, and remembers what it was asked and what it took."""

    name = "remote"

    def __init__(self, *failures: Exception, never: Sequence[int] = ()) -> None:
        self.failures = list(failures)
        self.never = never
        """Inputs of which it takes nothing, ever."""
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
def line(tmp_path: Path) -> Iterator[Line]:
    """A line with rules in force."""
    with Line(tmp_path / "journal.db") as made:
        yield made


def tamper(line: Line, *points: str) -> list[int]:
    """Lets something happen at points, an alert each; returns the numbers of the inputs."""
    before = line.journal.seq
    for point in points:
        payload = said("door.tamper", line.clock.time, point=point, active=True)
        line.take(line.sent(f"venue/centre/door/{point}", payload))
    return list(range(before + 1, line.journal.seq + 1))


def watch_of(line: Line, relay: Relay | None = None) -> Watch:
    """The watch of a line that isn't connected to any broker."""
    inbox = Inbox(
        BrokerAddress(HOST, 1),
        client_id="m",
        filters=["venue/#"],
        clock=line.clock.now,
        rng=Random(1),
        on_session_lost=lambda: None,
    )
    return Watch(line.clock, line.pipeline, inbox, [relay] if relay else [], "none")


def relay_of(line: Line, sink: Sink, refused: list[MonitorSinkRefused] | None = None) -> Relay:
    """A relay that notes what was refused."""
    noted = [] if refused is None else refused
    return Relay(line.journal, sink, noted.append, line.clock.now, Random(1))


@asynccontextmanager
async def running(relay: Relay, watch: Watch | None = None) -> AsyncIterator[asyncio.Task[None]]:
    """Runs a relay, supervised if there is a watch, until the end."""
    task = asyncio.create_task(supervise(relay, watch) if watch else relay.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait({task})


def all_of(line: Line) -> list[tuple[int, int]]:
    """Every transition of the journal."""
    return [(row.seq, row.n) for row in line.journal.transitions(0, 1_000_000)]


async def test_what_is_there_and_what_comes_is_brought(line: Line) -> None:
    """From the beginning, in order, and on with each ring of the bell."""
    tamper(line, "d1")
    sink = Remote()
    relay = relay_of(line, sink)
    assert relay.lag == line.journal.last_told
    async with running(relay):
        await eventually(lambda: sink.taken == all_of(line))
        tamper(line, "d2")
        relay.bell.set()
        await eventually(lambda: sink.taken == all_of(line))
    assert relay.lag == 0
    assert line.journal.cursor("remote") == line.journal.last_told


async def test_while_the_sink_is_away_the_same_entries_come_again(line: Line) -> None:
    """Nothing is stepped over, the trouble is known while it lasts, and it is logged once."""
    tamper(line, "d1", "d2")
    away = SinkUnavailable("connection refused")
    sink, refused = Remote(away, away), list[MonitorSinkRefused]()
    relay = relay_of(line, sink, refused)
    with capture_logs() as logs:
        async with running(relay):
            await eventually(lambda: bool(relay.trouble))
            assert relay.trouble == "connection refused"
            assert line.journal.cursor("remote") == 0
            assert relay.lag
            await eventually(lambda: relay.lag == 0)
    assert sink.taken == all_of(line)
    assert sink.asked[0] == sink.asked[1] == sink.asked[2]
    assert not relay.trouble
    assert not refused
    assert [row["event"] for row in logs] == ["sink_unavailable"]


async def test_what_the_sink_refuses_is_tried_alone_and_only_the_culprit_is_left_out(
    line: Line,
) -> None:
    """One entry that can't be delivered holds nothing up, and is told by name."""
    _, bad, _ = tamper(line, "d1", "d2", "g1")
    sink, refused = Remote(never=[bad]), list[MonitorSinkRefused]()
    relay = relay_of(line, sink, refused)
    async with running(relay):
        await eventually(lambda: relay.lag == 0)
    assert len(sink.asked[0]) > 1
    assert all(len(asked) == 1 for asked in sink.asked[1:])
    assert sink.taken == [row for row in all_of(line) if row[0] != bad]
    assert [(said.sink, said.reason) for said in refused] == [("remote", "no such field")]


async def test_away_while_each_is_tried_alone_is_waited_for_too(line: Line) -> None:
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
    with Line(path) as line:
        tamper(line, "d1")
        relay = relay_of(line, Remote())
        async with running(relay):
            await eventually(lambda: relay.lag == 0)
    with Line(path) as line:
        new = tamper(line, "d2")
        sink = Remote()
        relay = relay_of(line, sink)
        async with running(relay):
            await eventually(lambda: relay.lag == 0)
        assert {seq for seq, _ in sink.taken} <= set(new)
        assert sink.taken


async def test_a_slow_sink_doesnt_hold_up_another(line: Line) -> None:
    """Each relay has a cursor of its own."""
    tamper(line, "d1")
    quick, slow = Remote(), Remote(*[SinkUnavailable("away")] * 100)
    slow.name = "slow"
    first, second = relay_of(line, quick), relay_of(line, slow)
    async with running(first), running(second):
        await eventually(lambda: first.lag == 0 and bool(second.trouble))
    assert line.journal.cursors()["remote"] == line.journal.last_told
    assert line.journal.cursor("slow") == 0


async def test_refusals_are_noticed_once_a_minute_and_counted_all(line: Line) -> None:
    """The notice goes to the same sink, which may refuse it too: that must come to an end."""
    watch = watch_of(line)

    def notices() -> list[Notice]:
        given = [row for _, row in line.journal.inputs()]
        return [row for row in given if isinstance(row, Notice)]

    for seconds in (0, 1, 30):
        at = line.clock.time + timedelta(seconds=seconds)
        watch.refuse(MonitorSinkRefused(at=at, sink="remote", reason="no such field"))
    assert len(notices()) == 1
    assert "sink-refused" in line.open_alerts()
    watch.refuse(MonitorSinkRefused(at=line.clock.time, sink="other", reason="too long"))
    assert len(notices()) == 2
    line.clock.time += REFUSED_AGAIN
    watch.refuse(MonitorSinkRefused(at=line.clock.time, sink="remote", reason="no such field"))
    assert len(notices()) == 3
    labels = {"sink": "remote"}
    assert line.metrics.registry.get_sample_value("venue_sink_refused_total", labels) == 4


async def test_a_sink_that_refuses_everything_comes_to_an_end(line: Line) -> None:
    """Also the alert about its refusals is refused, and then there is nothing left to say."""
    tamper(line, "d1")
    sink = Remote(never=range(1000))
    watch = watch_of(line)
    relay = Relay(line.journal, sink, watch.refuse, line.clock.now, Random(1))
    async with running(relay):
        await eventually(lambda: "sink-refused" in line.open_alerts())
        relay.bell.set()
        await eventually(lambda: relay.lag == 0)
    assert sink.taken == []


async def test_a_defect_in_a_sink_is_an_alert_and_not_the_end(line: Line) -> None:
    """What died is said, shows in the health, and the rest of the monitor lives on."""
    tamper(line, "d1")
    relay = relay_of(line, Remote(Defect("no idea")))
    watch = watch_of(line, relay)
    with capture_logs() as logs:
        async with running(relay, watch) as task:
            await eventually(lambda: bool(relay.trouble))
            assert not task.done()
    assert "sink_failed" in [row["event"] for row in logs]
    last = list(line.journal.inputs())[-1][1]
    assert isinstance(last, Notice)
    assert isinstance(last.event, MonitorSinkFailed)
    assert last.event.reason == "Defect: no idea"
    assert "remote: Defect: no idea" in watch.health().troubles
    assert "sink-refused" in line.open_alerts()


async def test_a_sink_that_goes_away_and_comes_back_is_noticed_once_each(line: Line) -> None:
    """Rules hear of it; after a start nobody claims to reach a sink that has not been tried."""
    away = SinkUnavailable("connection refused")
    relay = relay_of(line, Remote(away, away))
    watch = watch_of(line, relay)

    def noticed() -> list[str]:
        watch.look_at_sinks()
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


async def test_a_journal_that_fails_ends_the_relay(line: Line) -> None:
    """That is no matter of the sink: the monitor stops and says so."""
    tamper(line, "d1")
    relay = relay_of(line, Remote(JournalError("the disk is full")))
    async with running(relay, watch_of(line, relay)) as task:
        await asyncio.wait({task})
        assert isinstance(task.exception(), JournalError)


class Scholar:
    """A sink that reads every input and remembers which."""

    name = "remote"

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.read: list[int] = []

    def recall(self, memory: bytes | None) -> None:
        """Be as it was."""
        self.read = json.loads(memory) if memory else []

    def remember(self) -> bytes:
        """What it has read."""
        return json.dumps(self.read).encode()

    async def take(self, entries: Sequence[Entry]) -> None:
        """Read them, or fail with the next failure."""
        if self.failures:
            raise self.failures.pop(0)
        self.read += [entry.seq for entry in entries]


async def test_a_thorough_sink_is_brought_every_input(tmp_path: Path) -> None:
    """Also those from which nothing followed, each once, over an absence and a start; it remembers what it has read."""
    path = tmp_path / "journal.db"
    quiet = said("door.closed", START, point="d1")
    with Line(path) as line:
        tamper(line, "d1")
        line.take(line.sent("venue/centre/door/d1", quiet))
        relay = relay_of(line, Scholar(SinkUnavailable("away")))
        assert relay.thorough
        assert relay.lag == line.journal.seq
        async with running(relay):
            await eventually(lambda: relay.lag == 0)
    with Line(path) as line:
        sink = Scholar()
        relay = relay_of(line, sink)
        line.take(line.sent("venue/centre/door/d1", quiet + b" "))
        async with running(relay):
            await eventually(lambda: relay.lag == 0)
        assert sink.read == list(range(1, line.journal.seq + 1))


def test_a_sink_that_is_behind_is_noticed_until_it_has_caught_up(line: Line) -> None:
    """By the age of the oldest that it has not had: it shows in the health, and an alert follows."""
    relay = relay_of(line, Remote())
    watch = watch_of(line, relay)
    watch.look_how_far()
    tamper(line, "d1")
    line.wait(50)
    watch.look_how_far()
    assert not watch.behind
    line.wait(20)
    watch.look_how_far()
    watch.look_how_far()
    assert relay.behind > timedelta(seconds=60)
    assert any("remote: 7" in row and "s behind" in row for row in watch.health().troubles)
    line.wait(64)
    assert line.open_alerts()["sink-behind"] == "remote active"
    relay.cursor = line.journal.seq
    watch.look_how_far()
    line.wait(5)
    assert "sink-behind" not in line.open_alerts()
    assert not watch.behind


class Heart(Remote):
    """A sink that also says how things stand, a hundred times a second."""

    every = timedelta(seconds=0.01)

    def __init__(self, *failures: Exception) -> None:
        super().__init__()
        self.beats = 0
        self.faint = list(failures)

    async def beat(self) -> None:
        """Count, or fail with the next failure."""
        self.beats += 1
        if self.faint:
            raise self.faint.pop(0)


async def test_a_sink_that_recurs_speaks_also_when_nothing_happens(line: Line) -> None:
    """It is asked again and again, with and without news; away for one beat is trouble until the next."""
    sink = Heart(SinkUnavailable("asleep"))
    relay = Relay(line.journal, sink, lambda _: None, line.clock.now, Random(1))
    async with asyncio.TaskGroup() as group:
        running = group.create_task(relay.run())
        await eventually(lambda: sink.beats == 1)
        assert relay.trouble == "asleep"
        await eventually(lambda: sink.beats >= 3)
        assert relay.trouble == ""
        (seq,) = tamper(line, "hall-gate-1")
        relay.bell.set()
        await eventually(lambda: seq in {taken for taken, _ in sink.taken})
        beats = sink.beats
        await eventually(lambda: sink.beats > beats)
        running.cancel()
