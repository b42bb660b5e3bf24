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

from bench import ours, stream
from bench.process import cores
from bench.stream import Stream
from monitor import rulebook, venue
from monitor.adapters import Translator
from monitor.clock import SystemClock
from monitor.config.influx import Influx as Settings
from monitor.core.input import RulesChanged
from monitor.core.state import State
from monitor.core.step import Engine
from monitor.journal import Journal
from monitor.metrics import Metrics
from monitor.mqtt import Message
from monitor.pipeline import Pipeline
from monitor.relay import Relay
from monitor.sinks.influx.client import Client, connect
from monitor.sinks.influx.delivery import LINES, Delivery
from monitor.sinks.influx.scribe import Scribe
from monitor.sinks.influx.sink import InfluxSink
from tests.influxd import Influx

RATE = 20_000
"""Events a second, as the stream tells it."""
BATCH = 500
LATENESS = timedelta(seconds=2)


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

    async def ingest(self, batches: list[list[Message]]) -> float:
        """Take everything in as the running monitor does; return the seconds."""
        gc.collect()
        gc.freeze()
        began = time.perf_counter()
        for batch in batches:
            self.pipeline.take(batch)
            await asyncio.sleep(0)
        return time.perf_counter() - began


async def measure(bench: Bench, messages: int, rounds: int) -> None:
    """Measure and print."""
    alone, beside, caught_up = [], [], []
    for n in range(rounds):
        alone.append(await bench.ingest(bench.batches(messages, 3 * n)))
        client = connect(bench.settings)
        bench.relay = relay = bench.relays(client)
        before = relay.lag
        began = time.perf_counter()
        task = asyncio.create_task(relay.run())
        await _caught_up(relay)
        caught_up.append(before / (time.perf_counter() - began))
        beside.append(await bench.ingest(bench.batches(messages, 3 * n + 1)))
        lag = relay.lag
        print(
            f"  round {n + 1}: after {messages:,} events at full speed the sink is {lag:,} behind"
        )
        await _caught_up(relay)
        task.cancel()
        await asyncio.wait({task})
        await client.close()
        bench.relay = None
    print(f"  taken in, without the sink   {_speed(messages, alone)} events/s")
    print(f"  taken in, beside the sink    {_speed(messages, beside)} events/s")
    print(f"  ratio                        {_median(alone) / _median(beside):14.2f}")
    print(f"  caught up after an outage    {_median(caught_up):14,.0f} events/s")
    await _limits(bench)


async def _caught_up(relay: Relay) -> None:
    while relay.lag:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.002)


async def _limits(bench: Bench) -> None:
    """Print what making the lines costs, and how fast the same lines can be written at all."""
    began = time.perf_counter()
    lines = list(bench.scribe().lines(_all(bench.journal)))
    made = time.perf_counter() - began
    print(f"  lines made                   {len(lines) / made:14,.0f} lines/s")
    client = connect(bench.settings)
    bodies = ["\n".join(lines[n : n + LINES]) for n in range(0, len(lines), LINES)]
    began = time.perf_counter()
    for body in bodies:
        answer = await client.write(body)
        if answer.status != 204:  # noqa: PLR2004 - HTTP: stored
            print(f"  not stored: {answer}")
    wrote = time.perf_counter() - began
    await client.close()
    print(f"  the same lines, plain writes {len(lines) / wrote:14,.0f} lines/s")
    print(f"  {len(lines) / bench.journal.seq:.2f} lines for each input")


def _all(journal: Journal) -> Iterator:  # type: ignore[type-arg]
    after = 0
    while entries := journal.entries(after):
        yield from entries
        after = entries[-1].seq


def _speed(messages: int, seconds: list[float]) -> str:
    return f"{messages / _median(seconds):14,.0f}"


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def main() -> int:
    """Measure."""
    parser = argparse.ArgumentParser(prog="bench/influx", description=__doc__)
    parser.add_argument("--messages", type=int, default=40_000, help="a round (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="(%(default)s)")
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
            asyncio.run(measure(bench, given.messages, given.rounds))
            bench.journal.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
