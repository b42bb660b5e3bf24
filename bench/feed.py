"""Publishes the stream at a steady rate: `python -m bench.feed PORT RATE SECONDS`."""

import asyncio
import sys
from datetime import UTC, datetime
from itertools import islice
from time import monotonic

from bench.broker import HOST
from bench.stream import Stream
from monitor.mqtt import BrokerAddress, Publisher

PACE = 0.001
"""Seconds between two looks at what is due."""


async def feed(port: int, rate: float, seconds: float) -> None:
    """Publish with QoS 1 what is due, until all is out."""
    async with Publisher(BrokerAddress(HOST, port), "feed") as publisher:
        stream, began, sent = Stream(datetime.now(UTC), rate), monotonic(), 0
        while sent < rate * seconds:
            due = min(int((monotonic() - began) * rate), int(rate * seconds))
            await publisher.publish_many(islice(stream, due - sent))
            sent = due
            await asyncio.sleep(PACE)


if __name__ == "__main__":
    asyncio.run(feed(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])))
