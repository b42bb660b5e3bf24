"""Takes in a night's backlog as the running monitor does, without a broker: how long is everything else held up?

In CPU time, by which the monitor's own clock runs, too: other processes hardly change it. Waiting for the disk and
reading from the broker are not part of it.
"""

import gc
import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import ours, stream
from bench.stream import Stream
from monitor import venue
from monitor.adapters import Translator
from monitor.core.engine.engine import Engine
from monitor.core.events.monitor import MonitorCaughtUp, MonitorStarted
from monitor.core.inputs import RulesChanged, Tick
from monitor.core.state.state import State
from monitor.core.state.time import TimeState
from monitor.ingest.clock_loop import STEP_LIMIT
from monitor.ingest.pipeline import Pipeline
from monitor.journal import Journal
from monitor.mqtt import Message
from monitor.rules import read
from monitor.runtime.clock import HostTime
from monitor.runtime.metrics import Metrics
from monitor.texts import ENGLISH

BATCH = 500
LATENESS = timedelta(seconds=2)
RATE = 35.0
"""Messages per second during the outage: a million in eight hours."""


class CpuClock:
    """A clock that runs only while this thread does."""

    speed = 1.0

    def __init__(self) -> None:
        self._began = datetime.now(UTC) - timedelta(seconds=time.thread_time())

    def now(self) -> datetime:
        """Return its time."""
        return self._began + timedelta(seconds=time.thread_time())

    def host_time(self) -> HostTime:
        """Return clocks that agree with its time."""
        seconds = self.now().timestamp()
        return HostTime(seconds, seconds, seconds)

    async def sleep_until(self, t: datetime) -> None:
        """Do nothing: no one sleeps here."""


class Turns:
    """The turns that the line takes, between which everything else has its own."""

    def __init__(self) -> None:
        self.all = 0.0
        """CPU seconds of all."""
        self.longest = 0.0
        """CPU seconds of the longest."""

    def take(self, turn: Callable[[], None]) -> None:
        """Run one turn of the line."""
        began = time.thread_time()
        turn()
        used = time.thread_time() - began
        self.all += used
        self.longest = max(self.longest, used)


def measure(messages: int) -> None:
    """Take in messages, process them in order, and print what it took."""
    outage = timedelta(seconds=messages / RATE)
    print(f"Backlog: {messages:,} messages, {RATE:g} a second, a new journal, all shipped rules.")
    with TemporaryDirectory(prefix="bench-") as name, Journal(Path(name) / ours.JOURNAL) as journal:
        line, stopped = _line(Path(name), journal, outage)
        clock = line.clock
        sent = Stream(stopped, RATE)
        arriving, in_order = Turns(), Turns()
        gc.collect()
        gc.freeze()
        while rows := list(islice(sent, min(BATCH, messages))):
            messages -= len(rows)
            now = clock.now()
            batch = [Message(*row, retained=False, received_at=now) for row in rows]
            arriving.take(partial(line.take, batch))
        waiting = line.engine.state.time.waiting
        left = len(waiting)
        in_order.take(lambda: line.notice(MonitorCaughtUp(at=clock.now())))
        while line.engine.state.time.is_cut:
            in_order.take(lambda: line.tick(Tick(received_at=clock.now())))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    _print("taken in", arriving)
    _print("in order", in_order)
    print(f"  {left:,} waited at the end of the first; at most {memory:,.0f} MB resident")


def _print(what: str, turns: Turns) -> None:
    print(f"  {what:10}{turns.all:7.1f} s of CPU, the longest turn {1000 * turns.longest:.0f} ms")


def _line(folder: Path, journal: Journal, outage: timedelta) -> tuple[Pipeline, datetime]:
    """Return the line of a monitor that has just started after the outage, and when that began."""
    clock = CpuClock()
    now = clock.now()
    (folder / "venue.toml").write_text(stream.venue())
    rules = read.load(ours.RULES).rule_set(venue.read(folder / "venue.toml").whole())
    state = State(time=TimeState(now=now - outage))
    line = Pipeline(
        Engine(state, lateness=LATENESS, tolerance=LATENESS, wording=ENGLISH),
        journal,
        Translator([]),
        clock,
        Metrics(),
        snapshot_every=timedelta(seconds=30),
        on_commit=lambda: None,
    )
    down = outage.total_seconds()
    line.notice(MonitorStarted(at=now, downtime_s=down, step_limit=STEP_LIMIT))
    line.submit(RulesChanged(received_at=clock.now(), who="bench", rule_set=rules))
    return line, now - outage
