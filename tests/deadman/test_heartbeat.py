"""The monitor sends a heartbeat, and notices when it does not get through."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import msgspec

from monitor.config.outward import Heartbeat
from monitor.config.secret import Secret
from monitor.deadman.heartbeat import HeartbeatLoop, MqttTarget, UrlTarget
from monitor.deadman.heartbeat_message import HeartbeatMessage, heartbeat_topic
from monitor.mqtt import Connection
from monitor.texts import plain
from tests.support.http_stub import StubResponse, http_stub
from tests.support.servers import Mosquitto, eventually

NOW = datetime(2026, 1, 1, 8, 0, tzinfo=UTC)
FAST = timedelta(seconds=0.1)


@asynccontextmanager
async def beating(place: MqttTarget | UrlTarget) -> AsyncIterator[HeartbeatLoop]:
    """A heartbeat sender with this address."""
    heart = HeartbeatLoop(place)
    task = asyncio.create_task(heart.run())
    try:
        yield heart
    finally:
        task.cancel()
        await asyncio.wait({task})
        await place.close()


def heartbeat_every(every: timedelta) -> HeartbeatMessage:
    """A heartbeat."""
    return HeartbeatMessage(at=NOW, started_at=NOW, every_s=every.total_seconds(), seq=7, ok=True)


async def test_at_an_address() -> None:
    """The heartbeat is sent at intervals, by the watcher's required method; a failure is reported until it ends."""
    async with http_stub() as there:
        settings = Heartbeat(
            hidden_url=Secret(f"{there.url}/ping/token"), url_every=FAST, method="POST"
        )
        async with beating(UrlTarget(settings)) as heart:
            await eventually(lambda: len(there.asked) > 2 and heart.reached)
            assert {(asked.method, asked.path) for asked in there.asked} == {
                ("POST", "/ping/token")
            }
            for status in (500, 404, 400):
                there.decide = lambda _, status=status: StubResponse(status)  # type: ignore[misc]
                await eventually(lambda status=status: f"HTTP {status}" in plain(heart.trouble))  # type: ignore[misc]
                assert "token" not in plain(heart.trouble)
            there.decide = lambda _: StubResponse(204)
            await eventually(lambda: not heart.trouble)


async def test_on_mqtt(mosquitto: Mosquitto) -> None:
    """The heartbeat is retained for later subscribers; when the broker dies and comes back, so does the heartbeat."""
    results: list[tuple[bytes, bool]] = []

    async def listen() -> Connection:
        connection = Connection(
            mosquitto.address,
            "screen",
            deliver=lambda _topic, payload, kept, _id: results.append((payload, kept)),
        )
        await connection.open()
        await connection.subscribe([heartbeat_topic("congress")])
        return connection

    place = MqttTarget(
        mosquitto.address, "heart", "congress", Heartbeat(every=FAST), heartbeat_every
    )
    async with beating(place) as heart:
        await eventually(lambda: heart.reached)
        screen = await listen()
        await eventually(lambda: [kept for _, kept in results[:2]] == [True, False])
        assert msgspec.json.decode(results[0][0], type=HeartbeatMessage) == heartbeat_every(FAST)
        assert json.loads(results[0][0])["seq"] == 7
        await screen.close()
        mosquitto.kill()
        await eventually(lambda: bool(heart.trouble))
        results.clear()
        mosquitto.start()
        await eventually(lambda: not heart.trouble)
        screen = await listen()
        await eventually(lambda: len(results) > 1)
        await screen.close()
