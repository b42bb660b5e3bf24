"""Playing a day: every message reaches the broker on time, even if the connection breaks."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import msgspec

from monitor.app.deployment import load_all
from monitor.mqtt import BrokerAddress, Connection
from monitor.runtime.clock import ScaledClock, SystemClock
from monitor.simulate import Planned, play, simulate, truth
from monitor.simulate.publish import MOST
from monitor.simulate.truth import read
from tests.support.servers import Broker, Mosquitto, Nats, eventually

ROOT = Path(__file__).parents[2]
CONFIG, VENUE = load_all(ROOT / "config.toml", {})


class Reader:
    """Receives everything a broker sends to one persistent session."""

    def __init__(self, address: BrokerAddress) -> None:
        self._address = address
        self._connection: Connection | None = None
        self.topics: list[str] = []
        self.ids: set[str] = set()
        self.retained = 0

    async def open(self) -> None:
        """Connect and subscribe to everything."""
        self._connection = Connection(
            self._address, "reader", persistent=True, deliver=self._deliver
        )
        await self._connection.open()
        await self._connection.subscribe(["#"])

    async def close(self) -> None:
        """Disconnect; the broker queues what arrives meanwhile."""
        if self._connection is not None:
            await self._connection.close()

    def _deliver(self, topic: str, payload: bytes, retained: bool, packet_id: int) -> None:
        self.topics.append(topic)
        self.retained += retained
        if payload.startswith(b'{"type"') and payload.endswith(b"}"):
            self.ids.add(msgspec.json.decode(payload).get("id", ""))
        if self._connection is not None and packet_id:
            self._connection.acknowledge([packet_id])


def numbered(count: int, at: datetime) -> Iterator[Planned]:
    """Return a number of messages that are all due at once."""
    for n in range(count):
        name = f"sim-1-{n}"
        payload = msgspec.json.encode({"type": "door.opened", "id": name})
        yield Planned(at, "venue/hall/door/d1", payload, id=name)


async def test_a_whole_day_reaches_the_broker(mosquitto: Mosquitto, tmp_path: Path) -> None:
    """Every message of the plan is acknowledged and delivered, and the truth is in its file."""
    reader, path = Reader(mosquitto.address), tmp_path / "truth.jsonl"
    await reader.open()
    clock = ScaledClock(3000, datetime.now(UTC))
    length = timedelta(minutes=25)

    summary = await simulate(
        VENUE,
        mosquitto.address,
        seed=5,
        clock=clock,
        length=length,
        rate=0.2,
        adapters=CONFIG.adapters,
        truth_path=path,
    )

    published = summary.published
    await eventually(lambda: len(reader.topics) == published.count)
    await reader.close()
    assert reader.ids - {""} == published.ids
    assert published.republished == 0
    assert (published.duplicates, published.rejected) == (3, 3)
    assert published.inputs == published.count - 3
    assert summary.end == summary.start + length <= clock.now()
    assert read(path) == summary.expected
    assert summary.expected == truth(VENUE, 5, summary.start, length, adapters=CONFIG.adapters)
    assert summary.skipped == ("pass-expires",)


async def test_nothing_is_sent_before_its_time(mosquitto: Mosquitto) -> None:
    """A message that is due in an hour waits for it, on a fast clock."""
    clock = ScaledClock(36_000, datetime.now(UTC))
    later = clock.now() + timedelta(hours=1)

    published = await play(
        [*numbered(1, clock.now()), *numbered(1, later)], mosquitto.address, clock, rng=Random(1)
    )

    assert published.count == 2
    assert clock.now() >= later


async def test_a_broker_that_is_killed_gets_the_rest_when_it_is_back(nats: Nats) -> None:
    """Unacknowledged messages are sent again; together the two connections deliver everything."""
    reader = Reader(nats.address)
    await reader.open()
    await reader.close()

    published = await play(interrupted(nats, 3 * MOST), nats.address, SystemClock(), rng=Random(1))

    await reader.open()
    await eventually(lambda: reader.ids >= published.ids)
    await reader.close()
    assert published.count == len(published.ids) == 3 * MOST
    assert published.republished == MOST


def interrupted(broker: Broker, count: int) -> Iterator[Planned]:
    """Return a plan during which the broker is killed and restarted."""
    for n, message in enumerate(numbered(count, datetime.now(UTC))):
        if n == MOST + MOST // 2:
            broker.kill()
            broker.start()
        yield message


async def test_a_state_is_retained(mosquitto: Mosquitto) -> None:
    """The broker retains exactly the messages that are marked for it."""
    now = datetime.now(UTC)
    kept = Planned(now, "venue/hall/device/r1", b"{}", retain=True)
    plan = [*numbered(2, now), kept, *numbered(2, now)]
    reader = Reader(mosquitto.address)

    await play(plan, mosquitto.address, SystemClock(), rng=Random(1))

    await reader.open()
    await eventually(lambda: reader.topics == ["venue/hall/device/r1"])
    await reader.close()
    assert reader.retained == 1
