"""Publishes alarms, most of which only recur: `python -m bench.alarms PORT RATE SECONDS DOORS CHANGES`."""

import asyncio
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

from bench import stream
from bench.broker import HOST
from monitor.mqtt import BrokerAddress, Publisher

PACE = 0.005
"""Seconds between two checks for due messages."""
FIRST_OPENED = 500
"""The first door that is opened without a grant; the doors before it are forced, again and again."""
OPENED = 40
"""Doors that are opened and closed in turn."""


def alarms(rate: float, doors: int, changes: float) -> Iterator[tuple[str, bytes]]:
    """Yield messages, each of which changes one alert.

    Args:
        rate: messages per second.
        doors: how many doors are forced in turn: their alerts recur.
        changes: how many messages per second change how an alert looks; one in five of these is life safety.

    """
    every = max(1, round(rate / changes))
    turn = 0
    for n in range(sys.maxsize):
        if n % every:
            door = n % doors
            yield _message(n, f"s{door % stream.SITES}/door/p{door}", "door.alarm", _forced(door))
        else:
            turn += 1
            yield _button(n, turn // 5) if turn % 5 == 0 else _opened(n, turn)


def _forced(door: int) -> str:
    return f'"point":"p{door}","alarm":"forced_open"'


def _button(n: int, turn: int) -> tuple[str, bytes]:
    """Return that an emergency button is pressed, and next time that one pressed long ago is reset."""
    zone = (turn // 2 + turn % 2 * stream.ZONES // 2) % stream.ZONES
    kind, own = "emergency.manual", f'"zone":"z{zone}"'
    if turn % 2:
        kind, own = "emergency.cleared", f'{own},"input":"button"'
    return _message(n, f"s{zone % stream.SITES}/emergency/z{zone}", kind, own)


def _opened(n: int, turn: int) -> tuple[str, bytes]:
    """Return that a door is opened without a grant, and next time that one opened long ago is closed."""
    door = FIRST_OPENED + (turn // 2 + turn % 2 * OPENED // 2) % OPENED
    kind = "door.opened" if turn % 2 == 0 else "door.closed"
    return _message(n, f"s{door % stream.SITES}/door/p{door}", kind, f'"point":"p{door}"')


def _message(n: int, topic: str, kind: str, own: str) -> tuple[str, bytes]:
    at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    return f"venue/{topic}", f'{{"type":"{kind}","at":"{at}","id":"{n}",{own}}}'.encode()


async def feed(port: int, rate: float, seconds: float, doors: int, changes: float) -> None:
    """Publish messages with QoS 1 when they are due, until all are sent."""
    async with Publisher(BrokerAddress(HOST, port), "feed") as publisher:
        messages, began, sent = alarms(rate, doors, changes), time.monotonic(), 0
        while sent < rate * seconds:
            due = min(int((time.monotonic() - began) * rate), int(rate * seconds))
            await publisher.publish_many(islice(messages, due - sent))
            sent = due
            await asyncio.sleep(PACE)


if __name__ == "__main__":
    port, rate, seconds, doors, changes = sys.argv[1:]
    asyncio.run(feed(int(port), float(rate), float(seconds), int(doors), float(changes)))
