"""The monitor says that it lives, and knows when nobody hears it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import msgspec

from monitor.config.outward import Heartbeat
from monitor.config.secret import Secret
from monitor.deadman.heartbeat import AtUrl, Heart, OnMqtt
from monitor.deadman.heartbeat_message import Beat, beat_topic
from monitor.mqtt import Connection
from tests.support.http_stub import Answer, loopback
from tests.support.servers import Mosquitto, eventually

NOW = datetime(2026, 1, 1, 8, 0, tzinfo=UTC)
FAST = timedelta(seconds=0.1)


@asynccontextmanager
async def beating(place: OnMqtt | AtUrl) -> AsyncIterator[Heart]:
    """A heart that beats there."""
    heart = Heart(place)
    task = asyncio.create_task(heart.run())
    try:
        yield heart
    finally:
        task.cancel()
        await asyncio.wait({task})
        await place.close()


def tell(every: timedelta) -> Beat:
    """A heartbeat."""
    return Beat(at=NOW, started_at=NOW, every_s=every.total_seconds(), seq=7, ok=True)


async def test_at_an_address() -> None:
    """Called again and again, by the method that the watcher there wants; a failure is a trouble until it ends."""
    async with loopback() as there:
        settings = Heartbeat(
            hidden_url=Secret(f"{there.url}/ping/token"), url_every=FAST, method="POST"
        )
        async with beating(AtUrl(settings)) as heart:
            await eventually(lambda: len(there.asked) > 2 and heart.reached)
            assert {(asked.method, asked.path) for asked in there.asked} == {
                ("POST", "/ping/token")
            }
            for status in (500, 404, 400):
                there.decide = lambda _, status=status: Answer(status)  # type: ignore[misc]
                await eventually(lambda status=status: f"HTTP {status}" in heart.trouble)  # type: ignore[misc]
                assert "token" not in heart.trouble
            there.decide = lambda _: Answer(204)
            await eventually(lambda: not heart.trouble)


async def test_on_mqtt(mosquitto: Mosquitto) -> None:
    """Retained, for who comes later; the broker dies and comes back, and so does the heartbeat."""
    heard: list[tuple[bytes, bool]] = []

    async def listen() -> Connection:
        connection = Connection(
            mosquitto.address,
            "screen",
            deliver=lambda _topic, payload, kept, _id: heard.append((payload, kept)),
        )
        await connection.open()
        await connection.subscribe([beat_topic("congress")])
        return connection

    place = OnMqtt(mosquitto.address, "heart", "congress", Heartbeat(every=FAST), tell)
    async with beating(place) as heart:
        await eventually(lambda: heart.reached)
        screen = await listen()
        await eventually(lambda: [kept for _, kept in heard[:2]] == [True, False])
        assert msgspec.json.decode(heard[0][0], type=Beat) == tell(FAST)
        assert json.loads(heard[0][0])["seq"] == 7
        await screen.close()
        mosquitto.kill()
        await eventually(lambda: bool(heart.trouble))
        heard.clear()
        mosquitto.start()
        await eventually(lambda: not heart.trouble)
        screen = await listen()
        await eventually(lambda: len(heard) > 1)
        await screen.close()
