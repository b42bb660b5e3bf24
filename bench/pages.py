"""Measures how long a page takes from the event to the phone, and how much the pipeline ingests meanwhile."""

import argparse
import asyncio
import json
import os
import re
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

from bench import broker, stream
from bench.ours import Monitor
from bench.phones import Phones, phones
from bench.process import PATIENCE, Process, cores
from monitor.journal import Journal
from monitor.mqtt import BrokerAddress, Publisher


class Pages(NamedTuple):
    """How long pages took, in milliseconds, in ascending order."""

    to_phone: Sequence[float]
    """From sending the event to the arrival at the phone: broker, pipeline, outbox and HTTP."""
    to_channel: Sequence[float]
    """From the decision to page to handing the page to the channel, according to the outbox."""


class Ingest(NamedTuple):
    """What ingesting the stream took."""

    rate: float
    """Messages per second of elapsed time."""
    cpu: float
    """Microseconds per message, including everything else the monitor does."""
    waited: float
    """Share of the time in which the monitor was ready to run but other processes had its core."""
    paged: int
    """Pages that reached a phone meanwhile."""
    pages: Pages | None
    """How long the pages took; ``None`` in a run without paging."""


class Bench:
    """A new, idle monitor and the phones of the people it pages."""

    def __init__(self, folder: Path, monitor: Monitor, address: BrokerAddress, at: Phones) -> None:
        self.folder = folder
        self.monitor = monitor
        self.address = address
        self.phones = at

    async def force(self, doors: int) -> dict[str, float]:
        """Force doors, spread evenly over one second; return when each event was sent."""
        sent: dict[str, float] = {}
        began = time.time()
        async with Publisher(self.address, "doors") as publisher:
            for n in range(doors):
                await asyncio.sleep(max(0.0, began + n / doors - time.time()))
                door, now = f"p{n}", time.time()
                event = {
                    "type": "door.alarm",
                    "at": datetime.fromtimestamp(now, UTC).isoformat(),
                    "id": f"forced-{n}",
                    "point": door,
                    "alarm": "forced_open",
                }
                sent[door] = now
                await publisher.publish(
                    f"venue/s{n % stream.SITES}/door/{door}", json.dumps(event).encode()
                )
        return sent

    async def pages(self, doors: int, people: int) -> Pages:
        """Force doors and wait until every person has been paged about each."""
        return await self._arrived(await self.force(doors), people)

    async def ingest(self, messages: int, rate: float, doors: int, people: int) -> Ingest:
        """Publish the stream at a constant rate and force doors in its first second."""
        before, cpu, waited = self.monitor.seq, self.monitor.cpu, self.monitor.waited
        seconds = str(messages / rate)
        feed = [sys.executable, "-m", "bench.feed", str(self.address.port), str(rate), seconds]
        with Process(feed, cores()[1], self.folder / "feed.log"):
            began = await self._until(lambda: self.monitor.seq > before, 0.001)
            sent = await self.force(doors)
            ended = await self._until(lambda: self.monitor.has(messages + doors, before), 0.005)
        cpu, waited = self.monitor.cpu - cpu, self.monitor.waited - waited
        meanwhile = len(self.phones.received)
        pages = await self._arrived(sent, people) if people else None
        took = ended - began
        return Ingest(messages / took, 1e6 * cpu / messages, waited / took, meanwhile, pages)

    async def _arrived(self, sent: Mapping[str, float], people: int) -> Pages:
        """Wait until every person has every page; return how long each took."""
        total = len(sent) * people
        await self._until(lambda: len(self.phones.received) >= total, 0.01)
        to_phone = [1000 * (at - sent[_door(title)]) for title, at in self.phones.received]
        with Journal(self.monitor.journal, read_only=True) as journal:
            rows = journal.outbox.latest(total)
        handed_over = [1000 * (row.attempts[0].at - row.page.at).total_seconds() for row in rows]
        return Pages(sorted(to_phone), sorted(handed_over))

    async def _until(self, holds: Callable[[], bool], every: float) -> float:
        """Wait until it holds, while the phones keep listening; return the time, in seconds since 1970."""
        deadline = time.monotonic() + PATIENCE
        while not holds():
            if self.monitor.has_ended or time.monotonic() > deadline:
                raise SystemExit(f"the monitor exited, or was not done after {PATIENCE:g} s")
            await asyncio.sleep(every)
        return time.time()


@asynccontextmanager
async def bench(people: int) -> AsyncIterator[Bench]:
    """Start everything; without people to page there is no roster."""
    used, rest = cores()
    with TemporaryDirectory(prefix="bench-") as name, broker.mosquitto(Path(name), rest) as address:
        async with phones() as at:
            roster = at.roster(people) if people else ""
            with Monitor(Path(name), address, used, roster) as monitor:
                monitor.until(lambda: monitor.is_ready, every=0.1)
                yield Bench(Path(name), monitor, address, at)


async def measure(alerts: int, people: int, messages: int, rate: float, rounds: int) -> None:
    """Measure with and without paging in turn, and print the figures."""
    os.sched_setaffinity(0, {cores()[1]})
    print(f"Pages: {alerts} alerts in one second, each to {people} people, one core.", flush=True)
    for n in range(1, rounds + 1):
        async with bench(people) as running:
            found = await running.pages(alerts, people)
        print(f"  round {n}: {_waits(found)}", flush=True)
    print(
        f"Ingest: {messages:,} messages, {rate:,.0f} per second, {alerts} alerts in the first second."
    )
    alone: list[Ingest] = []
    paging: list[Ingest] = []
    for n in range(1, rounds + 1):
        for count, rows in ((0, alone), (people, paging)):
            async with bench(count) as running:
                rows.append(await running.ingest(messages, rate, alerts, count))
        print(f"  round {n}: without paging {_row(alone[-1])}")
        print(f"           with paging    {_row(paging[-1])}", flush=True)
    pairs = list(zip(paging, alone, strict=True))
    for name, ratios in (
        ("by elapsed time", [row.rate / other.rate for row, other in pairs]),
        ("by CPU", [other.cpu / row.cpu for row, other in pairs]),
    ):
        spread = f"({min(ratios):.2f}-{max(ratios):.2f})"
        print(f"  ingested, with : without paging = {median(ratios):.2f} {spread} {name}")


def _door(title: str) -> str:
    """Return the door that a page's title names."""
    found = re.search(r"\bp\d+\b", title)
    if found is None:
        raise SystemExit(f"no door in the title of a page: {title}")
    return found[0]


def _row(found: Ingest) -> str:
    figures = f"{found.rate:,.0f}/s, {found.cpu:.0f} µs CPU per message, waited {found.waited:.0%}"
    if found.pages is None:
        return figures
    return f"{figures}, {found.paged} pages meanwhile; {_waits(found.pages)}"


def _waits(found: Pages) -> str:
    return ", ".join(
        f"{name} p50 {row[len(row) // 2]:.0f} p99 {row[len(row) * 99 // 100]:.0f} ms"
        for name, row in (
            ("sent -> at the phone", found.to_phone),
            ("ordered -> handed over", found.to_channel),
        )
    )


def main() -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(
        prog="bench/notify", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    option = parser.add_argument
    option(
        "--alerts", type=int, default=100, help="alerts in one second, at most 100 (%(default)s)"
    )
    option("--people", type=int, default=4, help="people paged about each alert (%(default)s)")
    option("--messages", type=int, default=40_000, help="messages to ingest (%(default)s)")
    option("--rate", type=float, default=10_000, help="per second (%(default)g: more than it can)")
    option("--rounds", type=int, default=3, help="rounds of each (%(default)s)")
    given = parser.parse_args()
    asyncio.run(measure(given.alerts, given.people, given.messages, given.rate, given.rounds))


if __name__ == "__main__":
    main()
