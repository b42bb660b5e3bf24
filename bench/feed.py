"""Publishes the stream at a constant rate: `python -m bench.feed PORT RATE SECONDS`."""

import asyncio
import sys
from datetime import UTC, datetime
from itertools import islice
from time import monotonic

from bench.broker import HOST
from bench.stream import Stream
from monitor.mqtt import BrokerAddress, Publisher

PACE = 0.001
"""Seconds between two checks for due messages."""


async def feed(port: int, rate: float, seconds: float) -> None:
    """Publish messages with QoS 1 when they are due, until all are sent."""
    async with Publisher(BrokerAddress(HOST, port), "feed") as publisher:
        stream, began, sent = Stream(datetime.now(UTC), rate), monotonic(), 0
        while sent < rate * seconds:
            due = min(int((monotonic() - began) * rate), int(rate * seconds))
            await publisher.publish_many(islice(stream, due - sent))
            sent = due
            await asyncio.sleep(PACE)


if __name__ == "__main__":
    asyncio.run(feed(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])))
