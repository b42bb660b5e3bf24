"""Measures how fast InfluxDB catches up after an outage, and what that costs the pipeline meanwhile."""

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
from monitor.journal import Entry, Journal
from monitor.mqtt import Message
from monitor.rules import read
from monitor.runtime.clock import SystemClock
from monitor.runtime.metrics import Metrics
from monitor.sinks.influx.client import Client, connect
from monitor.sinks.influx.delivery import LINES, LineDelivery
from monitor.sinks.influx.projection import Projection
from monitor.sinks.influx.sink import InfluxSink
from monitor.sinks.relay import Relay
from monitor.texts import ENGLISH
from tests.support.influxd import Influx

RATE = 20_000
"""Events per second of the stream's own clock."""
BATCH = 500
STEADY = 5.0
"""Seconds of the run at a constant rate."""
LATENESS = timedelta(seconds=2)


class Took(NamedTuple):
    """The cost of one run."""

    seconds: float
    cpu: float
    """Of this process, in seconds."""


class Bench:
    """A pipeline, its journal in a folder, and an InfluxDB server behind it."""

    def __init__(self, folder: Path, server: Influx) -> None:
        (folder / "venue.toml").write_text(stream.venue())
        self.rules = read.load(ours.RULES).rule_set(venue.read(folder / "venue.toml").whole())
        self.settings = Settings(url=server.url, api="v1")
        self.journal = Journal(folder / "journal.db")
        self.clock = SystemClock()
        self.relay: Relay | None = None
        self.pipeline = Pipeline(
            Engine(State(), lateness=LATENESS, tolerance=LATENESS, wording=ENGLISH),
            self.journal,
            Translator([]),
            self.clock,
            Metrics(),
            snapshot_every=timedelta(hours=1),
            on_commit=self._ring,
        )
        now = self.clock.now()
        self.pipeline.submit(RulesChanged(received_at=now, who="bench", rule_set=self.rules))

    def _ring(self) -> None:
        if self.relay is not None:
            self.relay.wake_up.set()

    def projection(self) -> Projection:
        """Return a projection that has read nothing yet."""
        return Projection(lambda _: self.rules, b"sixteen bytes ..", LATENESS)

    def relay_to(self, client: Client) -> Relay:
        """Return the relay to the server."""
        delivery = LineDelivery(client, print, self.clock.now)
        seq = lambda: self.journal.seq  # noqa: E731 - the shape of the sink's parameter
        sink = InfluxSink(
            delivery, self.projection(), self_metrics=lambda: (), latest=seq, now=self.clock.now
        )
        return Relay(self.journal, sink, print, self.clock.now, Random(1))  # noqa: S311 - pauses

    def batches(self, messages: int, seed: int) -> list[list[Message]]:
        """Return batches of messages whose last one is sent about now."""
        now = datetime.now(UTC)
        sent = islice(Stream(now - timedelta(seconds=messages / RATE), RATE, seed=seed), messages)
        rows = [Message(topic, payload, retained=False, received_at=now) for topic, payload in sent]
        return [rows[n : n + BATCH] for n in range(0, messages, BATCH)]

    async def ingest(self, batches: list[list[Message]], rate: float = 0.0) -> Took:
        """Ingest everything as the running monitor does, at full speed or at a constant rate."""
        gc.collect()
        gc.freeze()
        began, used = time.perf_counter(), time.process_time()
        for n, batch in enumerate(batches):
            self.pipeline.take(batch)
            ahead = n * BATCH / rate - (time.perf_counter() - began) if rate else 0.0
            await asyncio.sleep(max(0.0, ahead))
        return Took(time.perf_counter() - began, time.process_time() - used)


async def measure(bench: Bench, messages: int, rounds: int, rate: float) -> None:
    """Measure in rounds and print the figures."""
    alone, beside, catching_up = [], [], []
    for n in range(rounds):
        alone.append(await bench.ingest(bench.batches(messages, 3 * n)))
        client = connect(bench.settings)
        bench.relay = relay = bench.relay_to(client)
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
            f"  round {n + 1}: after {messages:,} events at full speed, {lag:,} are behind; caught up in {after:.1f} s"
        )
        if rate:
            steady = bench.batches(int(rate * STEADY), 3 * n + 2)
            took = await bench.ingest(steady, rate)
            print(
                f"  round {n + 1}: at {len(steady) * BATCH / took.seconds:,.0f}/s the oldest event waits"
                f" {relay.behind.total_seconds():.1f} s, {100 * took.cpu / took.seconds:.0f} % of the core"
            )
            await _caught_up(relay)
        task.cancel()
        await asyncio.wait({task})
        await client.close()
        bench.relay = None
    _table("ingested, without the sink", messages, alone)
    _table("ingested, with the sink", messages, beside)
    _table("caught up after an outage", messages, catching_up)
    await _limits(bench)


def _table(what: str, messages: int, rounds: list[Took]) -> None:
    speeds = sorted(messages / took.seconds for took in rounds)
    cpu = sorted(took.cpu / messages * 1e6 for took in rounds)
    middle = len(rounds) // 2
    print(
        f"  {what:29}{speeds[middle]:10,.0f} events/s ({speeds[0]:,.0f}-{speeds[-1]:,.0f}),"
        f" {cpu[middle]:5.1f} µs CPU per event"
    )


async def _caught_up(relay: Relay) -> None:
    while relay.lag:  # noqa: ASYNC110 - the relay has no signal for it
        await asyncio.sleep(0.002)


async def _limits(bench: Bench) -> None:
    """Print how fast lines are created without sending them, and sent without creating them."""
    began = time.perf_counter()
    lines = list(bench.projection().lines(_all(bench.journal)))
    created = time.perf_counter() - began
    print(f"  {'lines created, not sent':29}{len(lines) / created:10,.0f} lines/s")
    client = connect(bench.settings)
    bodies = ["\n".join(lines[n : n + LINES]) for n in range(0, len(lines), LINES)]
    began = time.perf_counter()
    for body in bodies:
        answer = await client.write(body)
        if answer.status != 204:  # noqa: PLR2004 - HTTP: stored
            print(f"  not stored: {answer}")
    sent = time.perf_counter() - began
    await client.close()
    print(f"  {'the same lines, only sent':29}{len(lines) / sent:10,.0f} lines/s")
    print(f"  {'lines per input':29}{len(lines) / bench.journal.seq:10.2f}")


def _all(journal: Journal) -> Iterator[Entry]:
    after = 0
    while entries := journal.entries(after):
        yield from entries
        after = entries[-1].seq


def main() -> int:
    """Run the benchmark against an InfluxDB on the other core."""
    parser = argparse.ArgumentParser(prog="bench/influx", description=__doc__)
    option = parser.add_argument
    option("--messages", type=int, default=40_000, help="messages per round (%(default)s)")
    option("--rounds", type=int, default=3, help="rounds (%(default)s)")
    option("--rate", type=float, default=5000, help="constant rate per second (%(default)g)")
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
