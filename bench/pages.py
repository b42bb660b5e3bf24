"""Measures how long a page takes from the event to the phone, and how much the line takes in while people are paged."""

import argparse
import asyncio
import json
import os
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
    """How long pages took, in milliseconds, in rising order."""

    to_phone: Sequence[float]
    """From when the device sent the event to when the page was at the phone: broker, line, outbox and HTTP."""
    to_channel: Sequence[float]
    """From when the page was ordered to when it was handed to the channel, as the outbox has it."""


class Ingest(NamedTuple):
    """What it took to take in the stream."""

    rate: float
    """Messages a second, by the clock."""
    cpu: float
    """Microseconds a message, everything that the monitor does included."""
    waited: float
    """Share of the time in which the monitor could have run, but others used its core."""
    paged: int
    """Pages that came to a phone meanwhile."""
    pages: Pages | None
    """How long all took; none where nobody is paged."""


class Bench:
    """One monitor, new and with nothing to do, and the phones of those whom it pages."""

    def __init__(self, folder: Path, monitor: Monitor, address: BrokerAddress, at: Phones) -> None:
        self.folder = folder
        self.monitor = monitor
        self.address = address
        self.phones = at

    async def force(self, doors: int) -> dict[str, float]:
        """Have so many doors forced, evenly over one second; return when each was."""
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
        """Have doors forced, and everybody paged about each."""
        return await self._arrived(await self.force(doors), people)

    async def ingest(self, messages: int, rate: float, doors: int, people: int) -> Ingest:
        """Offer the stream at a rate, with doors that are forced in its first second."""
        before, cpu, waited = self.monitor.seq, self.monitor.cpu, self.monitor.waited
        seconds = str(messages / rate)
        feed = [sys.executable, "-m", "bench.feed", str(self.address.port), str(rate), seconds]
        with Process(feed, cores()[1], self.folder / "feed.log"):
            began = await self._until(lambda: self.monitor.seq > before, 0.001)
            sent = await self.force(doors)
            ended = await self._until(lambda: self.monitor.has(messages + doors, before), 0.005)
        cpu, waited = self.monitor.cpu - cpu, self.monitor.waited - waited
        meanwhile = len(self.phones.came)
        pages = await self._arrived(sent, people) if people else None
        took = ended - began
        return Ingest(messages / took, 1e6 * cpu / messages, waited / took, meanwhile, pages)

    async def _arrived(self, sent: Mapping[str, float], people: int) -> Pages:
        """Wait until everybody has every page; return how long each took."""
        many = len(sent) * people
        await self._until(lambda: len(self.phones.came) >= many, 0.01)
        to_phone = [1000 * (at - sent[title.split()[2]]) for title, at in self.phones.came]
        with Journal(self.monitor.journal, read_only=True) as journal:
            rows = journal.outbox.latest(many)
        handed = [1000 * (row.attempts[0].at - row.page.at).total_seconds() for row in rows]
        return Pages(sorted(to_phone), sorted(handed))

    async def _until(self, holds: Callable[[], bool], every: float) -> float:
        """Wait until it holds, while the phones go on listening; return the time, in seconds since 1970."""
        deadline = time.monotonic() + PATIENCE
        while not holds():
            if self.monitor.has_ended or time.monotonic() > deadline:
                raise SystemExit(f"the monitor ended, or not done after {PATIENCE:g} s")
            await asyncio.sleep(every)
        return time.time()


@asynccontextmanager
async def bench(people: int) -> AsyncIterator[Bench]:
    """Start everything; with nobody to page there is no roster."""
    used, rest = cores()
    with TemporaryDirectory(prefix="bench-") as name, broker.mosquitto(Path(name), rest) as address:
        async with phones() as at:
            roster = at.roster(people) if people else ""
            with Monitor(Path(name), address, used, roster) as monitor:
                made = Bench(Path(name), monitor, address, at)
                monitor.until(lambda: monitor.is_ready, every=0.1)
                yield made


async def measure(alerts: int, people: int, messages: int, rate: float, rounds: int) -> None:
    """Measure in turn, and print."""
    os.sched_setaffinity(0, {cores()[1]})
    print(f"Pages: {alerts} alerts in one second, each to {people} people, one core.", flush=True)
    for n in range(1, rounds + 1):
        async with bench(people) as made:
            found = await made.pages(alerts, people)
        print(f"  round {n}: {_waits(found)}", flush=True)
    print(f"Ingest: {messages:,} messages, {rate:,.0f} a second, {alerts} alerts in the first one.")
    alone: list[Ingest] = []
    paging: list[Ingest] = []
    for n in range(1, rounds + 1):
        for count, rows in ((0, alone), (people, paging)):
            async with bench(count) as made:
                rows.append(await made.ingest(messages, rate, alerts, count))
        print(f"  round {n}: nobody paged {_row(alone[-1])}")
        print(f"           paging       {_row(paging[-1])}", flush=True)
    pairs = list(zip(paging, alone, strict=True))
    for name, ratios in (
        ("by the clock", [row.rate / other.rate for row, other in pairs]),
        ("by CPU", [other.cpu / row.cpu for row, other in pairs]),
    ):
        spread = f"({min(ratios):.2f}-{max(ratios):.2f})"
        print(f"  taken in, paging : nobody paged = {median(ratios):.2f} {spread} {name}")


def _row(found: Ingest) -> str:
    taken = f"{found.rate:,.0f}/s, {found.cpu:.0f} µs CPU a message, waited {found.waited:.0%}"
    if found.pages is None:
        return taken
    return f"{taken}, {found.paged} pages meanwhile; {_waits(found.pages)}"


def _waits(found: Pages) -> str:
    return ", ".join(
        f"{name} p50 {row[len(row) // 2]:.0f} p99 {row[len(row) * 99 // 100]:.0f} ms"
        for name, row in (
            ("sent -> at the phone", found.to_phone),
            ("ordered -> handed over", found.to_channel),
        )
    )


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(
        prog="bench/notify", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    say = parser.add_argument
    say("--alerts", type=int, default=100, help="in one second, 100 at most (%(default)s)")
    say("--people", type=int, default=4, help="who are told of each (%(default)s)")
    say("--messages", type=int, default=40_000, help="to take in (%(default)s)")
    say("--rate", type=float, default=10_000, help="a second (%(default)g: more than it can)")
    say("--rounds", type=int, default=3, help="of each (%(default)s)")
    given = parser.parse_args()
    asyncio.run(measure(given.alerts, given.people, given.messages, given.rate, given.rounds))


if __name__ == "__main__":
    main()
