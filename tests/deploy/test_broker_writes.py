"""Writes and persistence of the broker in deploy/compose: Debian's mosquitto 2.0.11 with the shipped configuration."""

import asyncio
import json
import os
import signal
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.mqtt import Connection, Publisher
from tests.support.compose import ComposeBroker, Deployment
from tests.support.servers import eventually

MESSAGES = 5000
TOPIC = "venue/hall/access/hall-vip-door"
END = b"end"
"""Sent last: the broker delivers in order."""


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    """The prepared folder of the deployment."""
    return Deployment(tmp_path)


def payload(number: int) -> bytes:
    """An event of about 250 bytes, as devices send."""
    event = {
        "type": "access.granted",
        "at": datetime.now(UTC).isoformat(),
        "id": f"{number:032}",
        "point": "hall-vip-door",
        "device": "hall-reader-vip",
        "direction": "in",
        "credential": f"c-{number:012}",
        "holder_class": "delegate",
    }
    return json.dumps(event).encode()


async def session(deployment: Deployment, end: bytes = b"") -> list[bytes]:
    """Open the monitor's session and return the messages that arrive before this one; without it, don't wait."""
    came: list[bytes] = []
    connection = Connection(
        deployment.address("venue-monitor", inner=True),
        "venue-monitor",
        persistent=True,
        deliver=lambda _, payload, __, ___: came.append(payload),
    )
    await connection.open()
    await connection.subscribe(["venue/#"])
    if end:
        await eventually(lambda: end in came)
    await connection.close()
    return came[: came.index(end)] if end else came


async def send(deployment: Deployment, messages: Sequence[bytes]) -> None:
    """Publish as a controller."""
    where = deployment.address("hall-controller")
    async with Publisher(where, "hall-controller") as controller:
        await controller.publish_many((TOPIC, message) for message in messages)


def written(broker: ComposeBroker) -> int:
    """Return the bytes that the process has passed to write(2) so far, for files and for TLS connections."""
    for line in Path(f"/proc/{broker.pid}/io").read_text().splitlines():
        name, _, value = line.partition(": ")
        if name == "wchar":
            return int(value)
    raise AssertionError


async def bytes_written(deployment: Deployment, broker: ComposeBroker) -> int:
    """Return the bytes written for 5,000 messages to an absent monitor, including the database at the stop."""
    await session(deployment)
    before = written(broker)
    await send(deployment, [payload(number) for number in range(MESSAGES)])
    size = written(broker) - before
    await asyncio.to_thread(broker.stop)
    (database,) = deployment.mounts("mosquitto")["/mosquitto/data"].iterdir()
    return size + database.stat().st_size


async def test_it_does_not_write_its_database_at_every_message(deployment: Deployment) -> None:
    """5,000 messages for an absent monitor cost less than twice their size, not gigabytes."""
    with ComposeBroker(deployment) as broker:
        size = await bytes_written(deployment, broker)
    assert size < 2 * MESSAGES * (len(payload(0)) + len(TOPIC) + 100)


@pytest.mark.chaos
async def test_writing_at_every_change_would_cost_gigabytes(deployment: Deployment) -> None:
    """The previous configuration, for comparison, is the reason for the autosave lines in mosquitto.conf."""
    change = [
        ("autosave_interval 60", "autosave_interval 1"),
        ("autosave_on_changes false", "autosave_on_changes true"),
    ]
    with ComposeBroker(deployment, change) as broker:
        size = await bytes_written(deployment, broker)
    assert size > 1_000_000_000


async def test_a_stop_loses_nothing(deployment: Deployment) -> None:
    """After a restart the monitor gets what was queued before it, and what arrived before it reconnected."""
    messages = [payload(number) for number in range(200)]
    with ComposeBroker(deployment) as broker:
        await session(deployment)
        await send(deployment, messages[:100])
        await asyncio.to_thread(broker.stop)
        await asyncio.to_thread(broker.start)
        await send(deployment, [*messages[100:], END])
        assert await session(deployment, END) == messages


async def test_a_kill_loses_what_came_since_the_database_was_written(
    deployment: Deployment,
) -> None:
    """A kill costs what docs/deploy-grafana.md states; what was saved before is delivered."""
    messages = [payload(number) for number in range(200)]
    with ComposeBroker(deployment) as broker:
        await session(deployment)
        await send(deployment, messages[:100])
        os.kill(broker.pid, signal.SIGUSR1)  # writes the database now, not at the end of the minute
        database = deployment.mounts("mosquitto")["/mosquitto/data"] / "mosquitto.db"
        await eventually(lambda: database.exists() and database.stat().st_size > 100 * 200)
        await send(deployment, messages[100:])
        await asyncio.to_thread(broker.kill)
        await asyncio.to_thread(broker.start)
        await send(deployment, [END])
        assert await session(deployment, END) == messages[:100]
