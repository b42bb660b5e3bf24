"""Feeds a running monitor at a constant rate, and observes from outside how its journal and memory grow."""

import asyncio
import sys
import time
from bisect import bisect_left
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from bench import bare_reader, broker, ours
from bench.ours import Monitor
from bench.peers.limit import BareReader
from bench.process import Process, cores
from monitor.mqtt import BrokerAddress

SETTLE = 5.0
"""Seconds without growth of the journal after which no further message is expected."""
_SENT = """
    SELECT seq, CAST(json_extract(event, '$.id') AS INTEGER),
        unixepoch(json_extract(event, '$.at')) + substr(json_extract(event, '$.at'), 20, 7)
    FROM (SELECT seq, CAST(payload AS TEXT) AS event FROM input WHERE topic <> ?) ORDER BY seq
"""
"""Sequence number, id and time of sending of each message; the monitor's own inputs have no topic."""
_PROBE = "venue/bench/probe"
"""A topic whose messages are not counted."""
_BUCKET = 'venue_durable_seconds_bucket{le="'

Histogram = Sequence[tuple[float, float]]
"""Upper bounds in milliseconds, each with the number of values up to it."""


class Watched(NamedTuple):
    """What was observed from outside."""

    journal: Sequence[tuple[int, float]]
    """Sequence numbers of the latest input, each with when it was first seen."""
    memory: Sequence[float]
    """Megabytes, sampled once per second."""
    cpu: float
    """Cores used."""
    waited: float
    """Share of the time in which it was ready to run but other processes had the core."""


class Steady(NamedTuple):
    """One run; times in milliseconds."""

    messages: int
    lost: int
    left_over: int
    """Messages that were never acknowledged to the broker."""
    to_seen: Sequence[float]
    """For each message, in ascending order: from when it was due to be sent to when it was seen in the journal."""
    to_durable: Histogram
    """For each batch: from the arrival of its oldest message to the commit; empty for the bare reader."""
    watched: Watched


def run(rate: float, seconds: float) -> Steady:
    """Feed messages at a constant rate per second to the monitor, for a number of seconds."""
    used, rest = cores()
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        with broker.mosquitto(folder, rest) as address:
            with Monitor(folder, address, used) as process:
                process.until(lambda: process.is_ready, every=0.1)
                before = durable(process)
                with _feeder(address, rate, seconds, rest, folder) as feeder:
                    watched = _watch(process, lambda: process.seq, feeder)
                after = durable(process)
            left_over = asyncio.run(broker.left_over(address, ours.NAME))
        ids, waits = _arrived(process.journal, watched.journal)
    messages = int(rate * seconds)
    to_durable = [(bound, n - m) for (bound, n), (_, m) in zip(after, before, strict=True)]
    return Steady(messages, messages - len(ids), left_over, sorted(waits), to_durable, watched)


def run_limit(rate: float, seconds: float) -> Steady:
    """Feed messages at a constant rate to the bare reader: what reading and committing cost by themselves."""
    used, rest = cores()
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        with broker.mosquitto(folder, rest) as address:
            asyncio.run(broker.keep_for(address, bare_reader.NAME))
            asyncio.run(broker.publish(address, [(_PROBE, b"{}")]))
            with BareReader(folder, address, used) as process:
                process.until(lambda: process.written > 0)
                with _feeder(address, rate, seconds, rest, folder) as feeder:
                    watched = _watch(process, lambda: process.written, feeder)
            left_over = asyncio.run(broker.left_over(address, bare_reader.NAME))
        ids, waits = _arrived(process.journal, watched.journal)
    messages = int(rate * seconds)
    return Steady(messages, messages - len(ids), left_over, sorted(waits), (), watched)


def _feeder(
    address: BrokerAddress, rate: float, seconds: float, core: int, folder: Path
) -> Process:
    command = [sys.executable, "-m", "bench.feed", str(address.port), str(rate), str(seconds)]
    return Process(command, core, folder / "feed.log")


def quantile(histogram: Histogram, share: float) -> float:
    """Return a quantile, with values spread evenly within each bucket."""
    wanted = histogram[-1][1] * share
    below, counted = 0.0, 0.0
    for bound, n in histogram:
        if n >= wanted:
            return below + (bound - below) * (wanted - counted) / max(1.0, n - counted)
        below, counted = bound, n
    return below


def _watch(process: Process, latest: Callable[[], int], feeder: Process) -> Watched:
    """Poll the latest number in the journal every millisecond until it stops growing."""
    began = sample = time.time()
    journal = [(latest(), began)]
    memory: list[float] = []
    cpu, waited = process.cpu, process.waited
    while not feeder.has_ended:
        _look(latest, journal)
        if time.time() >= sample:
            sample += 1.0
            memory.append(process.memory)
    ended = time.time()
    cpu, waited = process.cpu - cpu, process.waited - waited
    while time.time() < max(ended, journal[-1][1]) + SETTLE:
        _look(latest, journal)
    return Watched(journal, memory, cpu / (ended - began), waited / (ended - began))


def _look(latest: Callable[[], int], journal: list[tuple[int, float]]) -> None:
    seq, now = latest(), time.time()
    if seq != journal[-1][0]:
        journal.append((seq, now))
    time.sleep(0.001)


def _arrived(journal: Path, seen: Sequence[tuple[int, float]]) -> tuple[set[int], list[float]]:
    """Return the ids of all messages, and how long each took until it was seen."""
    ids: set[int] = set()
    waits: list[float] = []
    numbers = [seq for seq, _ in seen]
    for seq, known, sent in ours.read(journal, _SENT, _PROBE):
        ids.add(known)
        place = bisect_left(numbers, seq)
        if place < len(seen):
            waits.append(1000 * (seen[place][1] - sent))
    return ids, waits


def durable(process: Monitor) -> Histogram:
    """Return how long batches took from the arrival of their oldest message to the commit, so far."""
    found = process.figures()
    names = [name for name in found if name.startswith(_BUCKET)]
    return sorted((1000 * float(name[len(_BUCKET) : -2]), found[name]) for name in names)
