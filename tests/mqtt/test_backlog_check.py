"""Bits that flip in the embedded broker's store are reported; what is delivered is what was sent."""

import asyncio
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.mqtt import BrokerAddress, Connection, Publisher
from monitor.mqtt.backlog_check import blocks, damaged
from monitor.mqtt.checksum import checksum
from monitor.mqtt.embedded import EmbeddedBroker
from tests.support.servers import PATIENCE, eventually

SENT = [f"message {n:03d}, long enough for several packets of the checksum".encode() for n in range(100)]  # fmt: skip
FILTER = "venue/#"


async def received(address: BrokerAddress, least: int) -> list[bytes]:
    """Open the persistent session, and return what it receives once that is enough."""
    found: list[bytes] = []

    def deliver(_topic: str, payload: bytes, _retained: bool, packet: int) -> None:
        found.append(payload)
        connection.acknowledge([packet])

    connection = Connection(address, "reader", persistent=True, deliver=deliver)
    await connection.open()
    await connection.subscribe([FILTER])
    await eventually(lambda: len(found) >= least)
    await connection.close()
    return found


@pytest.fixture(scope="module")
def backlog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a broker that has kept a hundred messages for a session."""
    folder = tmp_path_factory.mktemp("broker")

    async def fill() -> None:
        async with EmbeddedBroker(folder) as broker:
            await received(broker.address, 0)
            async with Publisher(broker.address, "device") as publisher:
                await publisher.publish_many(("venue/a", payload) for payload in SENT)

    asyncio.run(fill())
    return folder


def largest_block(folder: Path) -> Path:
    """The block with the messages."""
    return max(blocks(folder), key=lambda path: path.stat().st_size)


def flip(path: Path, position: int) -> None:
    """Flip one bit."""
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(content)


def test_an_intact_store_has_no_damage(backlog: Path) -> None:
    """The checksums agree with those that the broker has written, for every kind of record."""
    found = blocks(backlog)
    assert len(found) >= 2
    assert [damaged(path, path.read_bytes()) for path in found] == [0] * len(found)


@given(data=st.data())
def test_every_flipped_bit_is_found(backlog: Path, data: st.DataObject) -> None:
    """A flipped bit is found wherever it is: in a length, a number, a subject, a message or a checksum."""
    path = largest_block(backlog)
    content = bytearray(path.read_bytes())
    position = data.draw(st.integers(0, len(content) - 1))
    content[position] ^= 1 << data.draw(st.integers(0, 7))
    assert damaged(path, bytes(content)) >= 1


def test_a_torn_record_is_found(backlog: Path) -> None:
    """A block that ends within a record is reported as damaged."""
    path = largest_block(backlog)
    content = path.read_bytes()
    assert [damaged(path, content[:-cut]) for cut in (1, 50)] == [1, 1]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", 0x907A56DE22C26E53),
        (bytes([0]), 0x7EAB43AAC7CDDD78),
        (bytes([0, 1]), 0xB8D0569AB0B53D62),
    ],
)
def test_published_checksums(content: bytes, expected: int) -> None:
    """The checksum matches the first of the test vectors that are published with the algorithm."""
    assert checksum(bytes(range(32)), content) == expected


@pytest.mark.parametrize("index_is_kept", [True, False])
async def test_the_broker_starts_and_the_loss_is_reported(
    backlog: Path, tmp_path: Path, *, index_is_kept: bool
) -> None:
    """The broker delivers unchanged what it can read; the loss of the rest is reported. A kill loses the index."""
    folder = shutil.copytree(backlog, tmp_path / "broker")
    block = largest_block(folder)
    flip(block, block.read_bytes().index(SENT[50]))
    if not index_is_kept:
        block.with_name("index.db").unlink()
    async with EmbeddedBroker(folder) as broker:
        assert await asyncio.wait_for(broker.damage.get(), PATIENCE) == 1
        found = await received(broker.address, 50)
    assert set(SENT[:50]) <= set(found) < set(SENT)


async def test_an_intact_store_is_not_reported(backlog: Path, tmp_path: Path) -> None:
    """All messages arrive, and there is nothing to report."""
    folder = shutil.copytree(backlog, tmp_path / "broker")
    async with EmbeddedBroker(folder) as broker:
        found = await received(broker.address, len(SENT))
        await eventually(lambda: not [t for t in asyncio.all_tasks() if "store" in t.get_name()])
        assert broker.damage.empty()
    assert sorted(found) == SENT
