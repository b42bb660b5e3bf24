"""The limit: reads messages, decodes, commits in groups and acknowledges them, without rules or anything else.

Usage: python -m bench.bare_reader PORT JOURNAL
"""

import asyncio
import sqlite3
import sys
import time
from collections.abc import Sequence

import msgspec

from monitor.mqtt import BrokerAddress
from monitor.mqtt.codec import Publish
from monitor.mqtt.subscriber import Subscriber

NAME = "bare-reader"
"""Its client id."""
GROUP = 500
"""Messages in one transaction at most, as the monitor's."""
SCHEMA = (
    "CREATE TABLE input (seq INTEGER PRIMARY KEY, received_at INTEGER, topic TEXT, payload BLOB)"
)


async def read(port: int, journal: str) -> None:
    """Read until the connection ends."""
    waiting: list[Publish] = []
    arrived = asyncio.Event()

    def deliver(messages: Sequence[Publish]) -> None:
        waiting.extend(messages)
        arrived.set()

    address = BrokerAddress("127.0.0.1", port)
    subscriber = Subscriber(address, NAME, deliver=deliver, room=lambda: GROUP - len(waiting))
    commits = asyncio.create_task(_commit(subscriber, waiting, arrived, journal))
    await subscriber.open()
    await subscriber.subscribe(["venue/#"])
    await subscriber.lost
    commits.cancel()


async def _commit(
    subscriber: Subscriber, waiting: list[Publish], arrived: asyncio.Event, journal: str
) -> None:
    db = sqlite3.connect(journal, isolation_level=None)
    for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", SCHEMA):
        db.execute(statement)
    decode = msgspec.json.Decoder().decode
    while True:
        await arrived.wait()
        arrived.clear()
        group = waiting.copy()
        waiting.clear()
        for message in group:
            decode(message.payload)
        now = time.time_ns() // 1000
        rows = [(now, message.topic, message.payload) for message in group]
        db.execute("BEGIN")
        db.executemany("INSERT INTO input (received_at, topic, payload) VALUES (?, ?, ?)", rows)
        db.execute("COMMIT")
        subscriber.acknowledge([message.packet_id for message in group])
        subscriber.resume()


if __name__ == "__main__":
    asyncio.run(read(int(sys.argv[1]), sys.argv[2]))
