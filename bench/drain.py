"""Drains a broker's queue: how fast a program ingests what was queued while it was away."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from bench import broker, history, ours
from bench.ours import Monitor
from bench.peers.peer import Peer
from bench.process import cores
from bench.stream import Stream
from monitor.mqtt import BrokerAddress

RATE = 200.0
"""Messages per second during the outage, which lasts some minutes."""
_ARRIVED = """
    SELECT min(received_at) / 1e6, count(DISTINCT payload) FROM input WHERE kind = 'arrival' AND seq > ?
"""
_RAISED = """
    SELECT count(*) FROM transition WHERE json_extract(body, '$.change') = 'raised' AND seq > ?
"""


class Drained(NamedTuple):
    """One run; times in seconds."""

    seconds: float
    """From the first message to the last."""
    cpu: float
    """CPU time used between the two."""
    waited: float
    """Time between the two in which it was ready to run but other processes had the core."""
    cpu_of_rules: float
    """CPU time from the last message until every rule has seen every event."""
    raised: int
    """Alerts raised."""
    lost: int
    left_over: int
    """Messages that were never acknowledged to the broker."""


def monitor(messages: int, before: int, *, compiled: bool = False) -> Drained:
    """Let the monitor, perhaps with its compiled core, drain `messages` into a journal of `before` events."""
    used, rest = cores()
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        began = _began(messages)
        first = history.write(folder / ours.JOURNAL, before, began)
        with broker.mosquitto(folder, rest) as address:
            _preload(address, ours.NAME, Stream(began, RATE), messages)
            with Monitor(folder, address, used, compiled=compiled) as process:
                process.until(lambda: process.has(1, first))
                cpu, waited = process.cpu, process.waited
                ended = process.until(lambda: process.has(messages, first))
                drained, waited = process.cpu, process.waited - waited
                process.until(lambda: process.is_ready, every=0.1)
                process.until(lambda: process.figures()["venue_events_waiting"] == 0, every=0.1)
                cpu, of_rules = drained - cpu, process.cpu - drained
            left_over = asyncio.run(broker.left_over(address, ours.NAME))
        ((started, distinct),) = ours.read(process.journal, _ARRIVED, first)
        ((raised,),) = ours.read(process.journal, _RAISED, first)
    lost = messages - distinct
    return Drained(ended - started, cpu, waited, of_rules, raised, lost, left_over)


def peer(program: Peer, messages: int) -> Drained:
    """Let another program drain `messages` into a file."""
    used, rest = cores()
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        with broker.mosquitto(folder, rest) as address:
            _preload(address, program.client_id, Stream(_began(messages), RATE), messages)
            with program.start(folder, address, used) as process:
                started = process.until(lambda: process.written > 0, every=0.001)
                cpu, waited = process.cpu, process.waited
                ended = process.until(lambda: process.written >= messages)
                drained, waited = process.cpu, process.waited - waited
                process.until_at_rest()
                cpu, of_rules, raised = drained - cpu, process.cpu - drained, process.raised
            left_over = asyncio.run(broker.left_over(address, program.client_id))
        lost = messages - process.written
    return Drained(ended - started, cpu, waited, of_rules, raised, lost, left_over)


def _began(messages: int) -> datetime:
    """Return when the outage began."""
    return datetime.now(UTC) - timedelta(seconds=messages / RATE)


def _preload(address: BrokerAddress, client_id: str, stream: Stream, messages: int) -> None:
    """Queue messages at the broker for a client."""
    kept = list(islice(stream, messages))

    async def keep() -> None:
        await broker.keep_for(address, client_id)
        await broker.publish(address, kept)

    asyncio.run(keep())
