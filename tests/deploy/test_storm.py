"""2,000 devices reconnect at once after a restart of the broker in deploy/compose: real processes, TLS, passwords."""

import asyncio
import json
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from struct import pack

import pytest

from monitor.core.inputs import Arrival
from monitor.mqtt import Publisher
from tests.support.chaos_stream import reached
from tests.support.compose import ComposeBroker, ComposeMonitor, Deployment
from tests.support.servers import HOST

DEVICES = 2000
EACH = 5
"""Messages that each device sends after it has reconnected."""
BACKLOG = 5000
"""Messages queued for the monitor before the storm."""
NAMES = [f"storm-reader-{number}" for number in range(DEVICES)]
ROOMS = 100
VENUE = "".join(
    f"""
[[zone]]
id = "storm-room-{room}"
name = "Room {room}"
site = "press"
capacity = 50
area_m2 = 200

[[point]]
id = "storm-gate-{room}"
name = "Gate {room}"
kind = "gate"
zone = "storm-room-{room}"
passage_sensor = true
devices = {json.dumps(NAMES[room::ROOMS])}
"""
    for room in range(ROOMS)
) + "".join(f'\n[[device]]\nid = "{name}"\nsilence_limit = "1h"\n' for name in NAMES)


class Device:
    """A device that reconnects until it is accepted, then sends its buffered messages."""

    def __init__(self, name: str, deployment: Deployment, context: ssl.SSLContext) -> None:
        self.name = name
        self.address = deployment.address(name)
        self.context = context
        self.attempts = 0

    async def run(self, rng: Random) -> None:
        """Run until the broker has acknowledged the messages."""
        while True:
            self.attempts += 1
            try:
                async with asyncio.timeout(30):
                    return await self._once()
            except (OSError, TimeoutError, asyncio.IncompleteReadError):
                await asyncio.sleep(rng.uniform(0.2, 1))

    async def _once(self) -> None:
        reader, writer = await asyncio.open_connection(
            HOST, self.address.port, ssl=self.context, ssl_handshake_timeout=30
        )
        try:
            assert self.address.password is not None
            fields = (self.name, self.name, self.address.password)
            # A session that the broker keeps, as most devices ask for.
            body = b"\0\4MQTT\4\xc0" + pack("!H", 300) + b"".join(map(_text, fields))
            writer.write(_packet(0x10, body))
            assert await reader.readexactly(4) == b"\x20\2\0\0"
            topic = f"venue/press/device/{self.name}"
            for number in range(1, EACH + 1):
                payload = heartbeat(self.name, f"{self.name}-{number}")
                writer.write(_packet(0x32, _text(topic) + pack("!H", number) + payload))
            for number in range(1, EACH + 1):
                assert await reader.readexactly(4) == b"\x40\2" + pack("!H", number)
        finally:
            writer.transport.abort()


def heartbeat(device: str, ident: str) -> bytes:
    """A sign of life."""
    now = datetime.now(UTC).isoformat()
    event = {"type": "device.heartbeat", "at": now, "id": ident, "device": device}
    return json.dumps(event).encode()


def _text(text: str) -> bytes:
    return pack("!H", len(text)) + text.encode()


def _packet(kind: int, body: bytes) -> bytes:
    """A packet whose length takes two bytes at the most."""
    size = len(body)
    length = bytes([size]) if size < 128 else bytes([size % 128 | 128, size // 128])
    return bytes([kind]) + length + body


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    """The prepared folder of the deployment, with an account for each of the devices."""
    return Deployment(tmp_path, devices=VENUE)


@pytest.fixture
def broker(deployment: Deployment) -> Iterator[ComposeBroker]:
    """The running broker."""
    with ComposeBroker(deployment) as server:
        yield server


@pytest.mark.chaos
@pytest.mark.timeout(600)
async def test_the_monitor_resumes_its_session_and_receives_everything(
    deployment: Deployment, broker: ComposeBroker
) -> None:
    """The monitor resumes its session during the storm, and every acknowledged message is in the journal."""
    tls = deployment.address(NAMES[0]).tls
    assert tls is not None
    context = tls.context()
    devices = [Device(name, deployment, context) for name in NAMES]
    # No InfluxDB: the work with the broker is the same.
    with ComposeMonitor(deployment, "http://127.0.0.1:9") as monitor:
        monitor.kill()
        name = NAMES[0]
        async with Publisher(deployment.address(name), name) as publisher:
            await publisher.publish_many(
                (f"venue/press/device/{name}", heartbeat(name, f"before-{number}"))
                for number in range(BACKLOG)
            )
        await asyncio.to_thread(broker.stop)

        monitor.begin()
        await reached(monitor.answers, 60)

        loop, rng = asyncio.get_running_loop(), Random(7)
        async with asyncio.TaskGroup() as group:
            for device in devices:
                group.create_task(device.run(rng))
            await asyncio.to_thread(broker.start)
            began = loop.time()
            while not (await asyncio.to_thread(monitor.health))["broker_connected"]:
                assert loop.time() - began < 30
                await asyncio.sleep(0.2)
        expected = {f"before-{number}" for number in range(BACKLOG)} | {
            f"{name}-{number}" for name in NAMES for number in range(1, EACH + 1)
        }
        await reached(lambda: expected <= idents(monitor), 60)
        assert monitor.logged("session_lost") == []
        assert await asyncio.to_thread(monitor.stop) == 0


def idents(monitor: ComposeMonitor) -> set[str]:
    """The senders' ids of all events in the journal."""
    with monitor.read() as journal:
        return {
            event.id
            for _, given in journal.inputs()
            if isinstance(given, Arrival)
            for event in given.events
        }
