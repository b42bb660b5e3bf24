"""Measures what reading from the broker costs: our own session beside paho-mqtt, in alternating rounds.

Each drains the same messages from a persistent session of mosquitto, makes a `Message` of each, and acknowledges them
in batches, a batch in one write. There is no journal and no rule. One core reads, the other one has the broker.
"""

import argparse
import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory

from bench import broker
from bench.paho_reader import PahoReader
from bench.process import cores
from bench.stream import Stream
from monitor.ingest.inbox import Inbox
from monitor.mqtt import BrokerAddress, Message
from monitor.mqtt.codec import ProtocolVersion

NAME = "reader"
RATE = 200.0
BATCH = 500


async def with_paho(address: BrokerAddress, messages: int) -> float:
    """Return the CPU seconds that paho takes."""
    reader = PahoReader(address, NAME)
    reader.open()
    try:
        return await drained(reader.batches(BATCH), reader.acknowledge, messages)
    finally:
        reader.close()


async def with_session(address: BrokerAddress, messages: int) -> float:
    """Return the CPU seconds that the inbox takes."""
    async with Inbox(
        address,
        client_id=NAME,
        filters=[broker.FILTER],
        clock=lambda: datetime.now(UTC),
        rng=Random(1),  # noqa: S311 - for the back-off
        on_session_lost=lambda: None,
        batch=BATCH,
    ) as inbox:
        return await drained(aiter(inbox), inbox.acknowledge, messages)


async def drained(
    batches: AsyncIterator[Sequence[Message]],
    acknowledge: Callable[[Sequence[Message]], None],
    messages: int,
) -> float:
    """Return the CPU seconds from the first batch to the last, without the first."""
    batch = await anext(batches)
    acknowledge(batch)
    count, began = len(batch), time.process_time()
    while count < messages:
        batch = await anext(batches)
        acknowledge(batch)
        count += len(batch)
    return (time.process_time() - began) / (count - BATCH)


def measure(messages: int, rounds: int) -> None:
    """Print microseconds of CPU for each message: the median of the rounds, the least and the most."""
    used, rest = cores()
    os.sched_setaffinity(0, {used})
    readers = {
        "paho, MQTT 3.1.1": (with_paho, ProtocolVersion.V3_1_1),
        "session, MQTT 3.1.1": (with_session, ProtocolVersion.V3_1_1),
        "session, MQTT 5": (with_session, ProtocolVersion.V5),
    }
    began = datetime.now(UTC) - timedelta(seconds=messages / RATE)
    kept = list(islice(Stream(began, RATE), messages))
    costs: dict[str, list[float]] = {name: [] for name in readers}
    with TemporaryDirectory(prefix="bench-") as folder, broker.mosquitto(Path(folder), rest) as at:
        for _ in range(rounds):
            for name, (reader, protocol) in readers.items():
                asyncio.run(_queue(at, kept))
                seconds = asyncio.run(reader(replace(at, protocol=protocol), messages))
                costs[name].append(seconds * 1e6)
    print(f"Reader alone: {messages:,} messages, {rounds} alternating rounds; µs CPU a message")
    print(f"{'':22}{'median':>8}{'least':>8}{'most':>8}")
    for name, found in costs.items():
        print(f"{name:22}{median(found):8.2f}{min(found):8.2f}{max(found):8.2f}")
    old, new = (median(costs[name]) for name in list(costs)[:2])
    print(f"paho takes {old / new:.1f} times the CPU of the session")


async def _queue(address: BrokerAddress, messages: Sequence[tuple[str, bytes]]) -> None:
    await broker.keep_for(address, NAME)
    await broker.publish(address, messages)


def main() -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(
        prog="bench/reader", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--messages", type=int, default=40_000, help="in a round (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="(%(default)s)")
    given = parser.parse_args()
    measure(given.messages, given.rounds)


if __name__ == "__main__":
    main()
