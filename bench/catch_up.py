"""Measures how fast the journal comes to InfluxDB after an outage, and what that costs the line meanwhile."""

import argparse
import asyncio
import gc
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple

from bench import ours, stream
from bench.process import cores
from bench.stream import Stream
from monitor import venue
from monitor.adapters import Translator
from monitor.config.influx import Influx as Settings
from monitor.core.engine.engine import Engine
from monitor.core.inputs import RulesChanged
from monitor.core.state.state import State
from monitor.ingest.pipeline import Pipeline
from monitor.journal import Journal
from monitor.mqtt import Message
from monitor.rules import read as rulebook
from monitor.runtime.clock import SystemClock
from monitor.runtime.metrics import Metrics
from monitor.sinks.influx.client import Client, connect
from monitor.sinks.influx.delivery import LINES, Delivery
from monitor.sinks.influx.projection import Scribe
from monitor.sinks.influx.sink import InfluxSink
from monitor.sinks.relay import Relay
from tests.support.influxd import Influx

RATE = 20_000
"""Events a second, as the stream tells it."""
BATCH = 500
STEADY = 5.0
"""Seconds of the run at a rate."""
LATENESS = timedelta(seconds=2)


class Took(NamedTuple):
    """What something took."""

    seconds: float
    cpu: float
    """Of this process, in seconds."""


class Bench:
    """A journal of its own in a folder, the line before it, and a server behind it."""

    def __init__(self, folder: Path, server: Influx) -> None:
        (folder / "venue.toml").write_text(stream.venue())
        self.book = rulebook.load(ours.RULES).book(venue.read(folder / "venue.toml").whole())
        self.settings = Settings(url=server.url, api="v1")
        self.journal = Journal(folder / "journal.db")
        self.clock = SystemClock()
        self.relay: Relay | None = None
        self.pipeline = Pipeline(
            Engine(State(), lateness=LATENESS, tolerance=LATENESS),
            self.journal,
            Translator([]),
            self.clock,
            Metrics(),
            snapshot_every=timedelta(hours=1),
            on_commit=self._ring,
        )
        now = self.clock.now()
        self.pipeline.submit(RulesChanged(received_at=now, who="bench", book=self.book))

    def _ring(self) -> None:
        if self.relay is not None:
            self.relay.bell.set()

    def scribe(self) -> Scribe:
        """Return one that has read nothing."""
        return Scribe(lambda _: self.book, b"sixteen bytes ..", LATENESS)

    def relays(self, client: Client) -> Relay:
        """Return the relay to the server."""
        delivery = Delivery(client, print, self.clock.now)
        seq = lambda: self.journal.seq  # noqa: E731 - the shape of the sink's parameter
        sink = InfluxSink(
            delivery, self.scribe(), vitals=lambda: (), latest=seq, now=self.clock.now
        )
        return Relay(self.journal, sink, print, self.clock.now, Random(1))  # noqa: S311 - pauses

    def batches(self, messages: int, seed: int) -> list[list[Message]]:
        """Return what is to be taken in, ending about now."""
        now = datetime.now(UTC)
        said = islice(Stream(now - timedelta(seconds=messages / RATE), RATE, seed=seed), messages)
        rows = [Message(topic, payload, retained=False, received_at=now) for topic, payload in said]
        return [rows[n : n + BATCH] for n in range(0, messages, BATCH)]

    async def ingest(self, batches: list[list[Message]], rate: float = 0.0) -> Took:
        """Take everything in as the running monitor does, at full speed or at a rate."""
        gc.collect()
        gc.freeze()
        began, used = time.perf_counter(), time.process_time()
        for n, batch in enumerate(batches):
            self.pipeline.take(batch)
            ahead = n * BATCH / rate - (time.perf_counter() - began) if rate else 0.0
            await asyncio.sleep(max(0.0, ahead))
        return Took(time.perf_counter() - began, time.process_time() - used)


async def measure(bench: Bench, messages: int, rounds: int, rate: float) -> None:
    """Measure and print."""
    alone, beside, catching_up = [], [], []
    for n in range(rounds):
        alone.append(await bench.ingest(bench.batches(messages, 3 * n)))
        client = connect(bench.settings)
        bench.relay = relay = bench.relays(client)
        began, used = time.perf_counter(), time.process_time()
        task = asyncio.create_task(relay.run())
        await _caught_up(relay)
        catching_up.append(Took(time.perf_counter() - began, time.process_time() - used))
        beside.append(await bench.ingest(bench.batches(messages, 3 * n + 1)))
        lag = relay.lag
        began = time.perf_counter()
        await _caught_up(relay)
        after = time.perf_counter() - began
        print(
            f"  round {n + 1}: after {messages:,} events at full speed {lag:,} wait, for {after:.1f} s"
        )
        if rate:
            steady = bench.batches(int(rate * STEADY), 3 * n + 2)
            took = await bench.ingest(steady, rate)
            print(
                f"  round {n + 1}: at {len(steady) * BATCH / took.seconds:,.0f} a second the oldest waits"
                f" {relay.behind.total_seconds():.1f} s, {100 * took.cpu / took.seconds:.0f} % of the core"
            )
            await _caught_up(relay)
        task.cancel()
        await asyncio.wait({task})
        await client.close()
        bench.relay = None
    _table("taken in, without the sink", messages, alone)
    _table("taken in, beside the sink", messages, beside)
    _table("caught up after an outage", messages, catching_up)
    await _limits(bench)


def _table(what: str, messages: int, rounds: list[Took]) -> None:
    speeds = sorted(messages / took.seconds for took in rounds)
    cpu = sorted(took.cpu / messages * 1e6 for took in rounds)
    middle = len(rounds) // 2
    print(
        f"  {what:29}{speeds[middle]:10,.0f} events/s ({speeds[0]:,.0f}-{speeds[-1]:,.0f}),"
        f" {cpu[middle]:5.1f} µs CPU an event"
    )


async def _caught_up(relay: Relay) -> None:
    while relay.lag:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.002)


async def _limits(bench: Bench) -> None:
    """Print what making the lines costs, and how fast the same lines can be written at all."""
    began = time.perf_counter()
    lines = list(bench.scribe().lines(_all(bench.journal)))
    made = time.perf_counter() - began
    print(f"  {'lines made, not sent':29}{len(lines) / made:10,.0f} lines/s")
    client = connect(bench.settings)
    bodies = ["\n".join(lines[n : n + LINES]) for n in range(0, len(lines), LINES)]
    began = time.perf_counter()
    for body in bodies:
        answer = await client.write(body)
        if answer.status != 204:  # noqa: PLR2004 - HTTP: stored
            print(f"  not stored: {answer}")
    wrote = time.perf_counter() - began
    await client.close()
    print(f"  {'the same lines, plain writes':29}{len(lines) / wrote:10,.0f} lines/s")
    print(f"  {'lines for each input':29}{len(lines) / bench.journal.seq:10.2f}")


def _all(journal: Journal) -> Iterator:  # type: ignore[type-arg]
    after = 0
    while entries := journal.entries(after):
        yield from entries
        after = entries[-1].seq


def main() -> int:
    """Measure."""
    parser = argparse.ArgumentParser(prog="bench/influx", description=__doc__)
    parser.add_argument("--messages", type=int, default=40_000, help="a round (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="(%(default)s)")
    parser.add_argument("--rate", type=float, default=5000, help="a second, steady (%(default)g)")
    given = parser.parse_args()
    ours_core, other = cores()
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        (folder / "influxd").mkdir()
        os.sched_setaffinity(0, {other})
        with Influx(folder / "influxd") as server:
            server.create()
            os.sched_setaffinity(0, {ours_core})
            bench = Bench(folder, server)
            asyncio.run(measure(bench, given.messages, given.rounds, given.rate))
            bench.journal.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
