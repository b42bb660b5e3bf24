"""One round: a new monitor under a constant rate of alarms, first without anybody at the console, then with viewers."""

import asyncio
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple

from bench import steady
from bench.board_screen import board_screen, drawn
from bench.delays import Delays, Journalled, Kind, Seen, StreamReader, delays, journalled
from bench.first_paint import FirstPaint, first_paint
from bench.ours import Monitor
from bench.process import Process, cores
from bench.viewers import Client, clients, following
from monitor.journal import Journal
from monitor.mqtt import BrokerAddress

WARM_UP = 6.0
"""Seconds until every alert is there: events wait for the watermark."""
SETTLE = 3.0
"""Seconds after the viewers have come that don't count, and in which the last changes arrive."""
PATIENCE = 120.0
"""Seconds for which messages are sent beyond those that count."""
POLL = 0.002
STREAM = "venue_console_seconds_total"


class Sizes(NamedTuple):
    """What is measured."""

    viewers: int
    groups: int
    rate: float
    looks: float
    """Changes per second after which an alert looks different; the others are recurrences."""
    doors: int
    seconds: float
    chromium: str
    """The program; empty: no real browser."""


class Phase(NamedTuple):
    """Some seconds with or without viewers."""

    cpu: float
    """Cores that the monitor used."""
    stream: float
    """Of them, what the console's live stream used."""
    waited: float
    """Share of the time in which it was ready to run but other processes had its core."""
    durable: steady.Histogram
    """From the arrival of the oldest message of each batch to the commit, in milliseconds."""


class Round(NamedTuple):
    """What was measured."""

    alone: Phase
    watched: Phase
    streams: Delays
    chromium: Delays | None
    opened: float
    """Seconds until all viewers, who came at once, had their pages and streams."""
    memory: float
    """Kilobytes per viewer."""
    traffic: float
    """Kilobytes per second and viewer."""
    steps: Sequence[float]
    """CPU milliseconds of each step of the live stream, in ascending order."""
    first_paint: FirstPaint


class _Watched(NamedTuple):
    phase: Phase
    after: int
    """The number in the journal at its beginning."""
    until: float
    opened: float
    memory: float
    drawn: Sequence[Seen]
    first_paint: FirstPaint


async def measure(folder: Path, address: BrokerAddress, sizes: Sizes) -> Round:
    """Run a new monitor, first without viewers and then with them."""
    steps, (used, rest) = folder / "steps", cores()
    program = ("bench.timed_monitor", str(steps))
    length = WARM_UP + 2 * sizes.seconds + 2 * SETTLE + PATIENCE
    feed = ["bench.alarms", address.port, sizes.rate, length, sizes.doors, sizes.looks]
    command = [sys.executable, "-m", *(str(each) for each in feed)]
    with Monitor(folder, address, used, public_url="http://127.0.0.1", program=program) as monitor:
        monitor.until(lambda: monitor.is_ready, every=0.1)
        viewers = await clients(monitor.journal, sizes.viewers, sizes.groups)
        seen: list[tuple[int, float]] = []
        polling = asyncio.create_task(_poll(monitor, seen))
        with Process(command, rest, folder / "feed.log"):
            await asyncio.sleep(WARM_UP)
            alone = await _phase(monitor, sizes.seconds)
            found = await _watched(monitor, viewers, sizes)
        polling.cancel()
    with Journal(monitor.journal, read_only=True) as journal:
        changes = journalled(journal, seen, found.after)
    screen = delays(changes, found.drawn, "", found.until) if sizes.chromium else None
    return Round(
        alone,
        found.phase,
        _streams(changes, viewers, found.until),
        screen,
        found.opened,
        found.memory,
        _traffic(viewers),
        sorted(1000 * float(line) for line in steps.read_text().split()),
        found.first_paint,
    )


async def _poll(monitor: Monitor, seen: list[tuple[int, float]]) -> None:
    """Watch the journal grow, until cancelled."""
    while True:
        seq = monitor.seq
        if not seen or seq != seen[-1][0]:
            seen.append((seq, time.time()))
        await asyncio.sleep(POLL)


async def _phase(monitor: Monitor, seconds: float) -> Phase:
    before, cpu, waited = steady.durable(monitor), monitor.cpu, monitor.waited
    stream = monitor.figures()[STREAM]
    began = time.monotonic()
    await asyncio.sleep(seconds)
    took = time.monotonic() - began
    cpu, waited = (monitor.cpu - cpu) / took, (monitor.waited - waited) / took
    stream = (monitor.figures()[STREAM] - stream) / took
    after = steady.durable(monitor)
    durable = [(bound, n - m) for (bound, n), (_, m) in zip(after, before, strict=True)]
    return Phase(cpu, stream, waited, durable)


async def _watched(monitor: Monitor, viewers: Sequence[Client], sizes: Sizes) -> _Watched:
    memory = monitor.memory
    async with AsyncExitStack() as stack:
        first, *others = viewers
        page = None
        if sizes.chromium:
            screen = board_screen(sizes.chromium, monitor.port, first.cookie)
            page = await stack.enter_async_context(screen)
        streams = others if page else viewers
        opened = await stack.enter_async_context(following(streams, monitor.port))
        await asyncio.sleep(SETTLE)
        for each in streams:
            each.chunks.clear()
        after = monitor.seq
        phase = await _phase(monitor, sizes.seconds)
        until = time.time()
        memory = 1000 * (monitor.memory - memory) / sizes.viewers
        await asyncio.sleep(SETTLE)
        shown = await drawn(page) if page else []
        paint = first_paint(monitor.port, first.cookie)
    return _Watched(phase, after, until, opened, memory, shown, paint)


def _streams(changes: Journalled, viewers: Sequence[Client], until: float) -> Delays:
    """Return how long changes took to all streams together."""
    reader = StreamReader()
    took: dict[Kind, list[float]] = {kind: [] for kind in Kind}
    missing = 0
    for each in viewers:
        if each.chunks:
            seen = (state for chunk in each.chunks for state in reader.states(*chunk))
            found = delays(changes, seen, each.site, until)
            missing += found.missing
            for kind, row in found.took.items():
                took[kind] += row
    return Delays(took, missing)


def _traffic(viewers: Sequence[Client]) -> float:
    """Return kilobytes per second and viewer.

    Raises:
        SystemExit: nothing arrived.

    """
    rates = [
        sum(len(chunk.content) for chunk in each.chunks[1:])
        / (each.chunks[-1].at - each.chunks[0].at)
        for each in viewers
        if len(each.chunks) > 1
    ]
    if not rates:
        raise SystemExit("nothing arrived: the streams stand still")
    return sum(rates) / len(rates) / 1000
