"""Runs mosquitto, whose persistent sessions queue messages while their client is away."""

import asyncio
import getpass
import shutil
import socket
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.process import Process
from monitor.core.decode import is_output
from monitor.mqtt import BrokerAddress, Publisher, Subscriber
from monitor.mqtt.codec import Publish

HOST = "127.0.0.1"
FILTER = "venue/#"
AHEAD = 1000
"""Messages that a broker may send without an acknowledgement."""
QUIET = 0.5
"""Seconds in which a broker sends what it still holds."""


@contextmanager
def mosquitto(folder: Path, core: int) -> Iterator[BrokerAddress]:
    """Run mosquitto pinned to one core; yield its address."""
    path = shutil.which("mosquitto")
    if path is None:
        raise SystemExit("mosquitto is missing: scripts/servers installs it")
    address = BrokerAddress(HOST, _free_port())
    config = folder / "mosquitto.conf"
    config.write_text(
        f"user {getpass.getuser()}\nlistener {address.port} {HOST}\nallow_anonymous true\n"
        "max_inflight_messages 1000\nmax_queued_messages 10000000\nset_tcp_nodelay true\n"
    )
    with Process([path, "-c", str(config)], core, folder / "mosquitto.log") as process:
        process.until(lambda: _answers(address))
        yield address


async def keep_for(address: BrokerAddress, client_id: str) -> None:
    """Open a persistent session for this client, so that the broker queues its messages from now on."""
    reader = Subscriber(address, client_id, deliver=lambda _: None, room=lambda: AHEAD)
    await reader.open()
    await reader.subscribe([FILTER])
    await reader.close()


async def publish(address: BrokerAddress, messages: Iterable[tuple[str, bytes]]) -> None:
    """Publish with QoS 1; return when the broker has acknowledged every message."""
    async with Publisher(address, "bench") as publisher:
        await publisher.publish_many(messages)


async def left_over(address: BrokerAddress, client_id: str) -> int:
    """Return how many messages the broker still holds for a client: the unacknowledged ones."""
    found: list[str] = []

    def deliver(packets: Sequence[Publish]) -> None:
        topics = [each.topic for each in packets if not each.retain]
        found.extend(topic for topic in topics if not is_output(topic))

    reader = Subscriber(address, client_id, deliver=deliver, room=lambda: AHEAD)
    await reader.open()
    await asyncio.sleep(QUIET)
    await reader.close()
    return len(found)


def _answers(address: BrokerAddress) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex((address.host, address.port)) == 0


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind((HOST, 0))
        port: int = sock.getsockname()[1]
        return port
