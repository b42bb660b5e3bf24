"""A broker that breaks the protocol, floods or falls silent: the monitor says what it did, and goes on."""

import asyncio
import re
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from monitor.errors import BrokerUnavailable
from monitor.ingest.inbox import Inbox
from monitor.mqtt import BrokerAddress, Message, Subscriber
from monitor.mqtt.codec import ProtocolVersion
from tests.support.mqtt_faults import ScriptedBroker, publish_packet
from tests.support.servers import PATIENCE, eventually

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
ACCEPTED = b"\x20\x02\x00\x00"
LIMIT = 100


def inbox(
    broker: ScriptedBroker | BrokerAddress, on_session_taken: Callable[[], None] = lambda: None
) -> Inbox:
    """An inbox at this broker."""
    return Inbox(
        broker if isinstance(broker, BrokerAddress) else broker.address,
        client_id="monitor",
        filters=["a/#"],
        clock=lambda: NOON,
        rng=Random(1),
        on_session_lost=lambda: None,
        on_session_taken=on_session_taken,
        expect_session=False,
        limit=LIMIT,
    )


def at_most_once(payload: bytes) -> bytes:
    """A message of QoS 0."""
    return bytes([0x30, 3 + len(payload)]) + b"\x00\x01a" + payload


async def take(source: Inbox, count: int) -> list[Message]:
    """Return this many messages, and acknowledge each batch."""
    taken: list[Message] = []
    async with asyncio.timeout(PATIENCE):
        while len(taken) < count:
            batch = await anext(source)
            assert source.unacknowledged <= LIMIT + 1
            source.acknowledge(batch)
            taken += batch
    return taken


@pytest.mark.parametrize(
    ("after_connack", "why"),
    [
        (
            b"\x30\x80\x80\x80\x80\x01",
            r"remaining length of more than four bytes \(byte 5; MQTT 3\.1\.1, section 2\.2\.3",
        ),
        (b"\x30\x01\x00", r"PUBLISH without a topic \(byte 6; "),
        (
            b"\x32\x05\x00\x01a\x00\x00",
            r"PUBLISH with packet id 0 \(byte 9; MQTT 3\.1\.1, section 2\.3\.1",
        ),
        (b"\x36\x05\x00\x01a\x00\x01", "PUBLISH with QoS 3"),
        (b"\x90\x03\x00\x00\x01", "SUBACK with packet id 0"),
        (b"\xf0\x00", "AUTH, which a subscriber does not get"),
        (ACCEPTED, "CONNACK, although the connection is connected"),
        (b"\x50\x02\x00\x01", "PUBREC, although"),
    ],
)
async def test_invalid_packets_are_named(after_connack: bytes, why: str) -> None:
    """The connection ends, with byte and section in its reason, and another one is made."""
    async with ScriptedBroker(connack=ACCEPTED + after_connack) as broker, inbox(broker) as source:
        await eventually(lambda: broker.connections == 2)

        assert re.search(why, source.trouble)
        assert not source.connected


async def test_a_packet_that_never_ends() -> None:
    """A length of 256 MB is believed, and costs no more memory than has arrived."""
    async with ScriptedBroker() as broker, inbox(broker) as source:
        await broker.subscribed.wait()
        tracemalloc.start()
        try:
            broker.send(b"\x32\xff\xff\xff\x7f\x00\x01a\x00\x01", b"x" * 3_000_000)
            (message,) = await take(source, 1)
            size, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

        assert len(message.payload) == 1024 * 1024 - 5
        assert size < 8_000_000


async def test_wrong_and_repeated_acknowledgements() -> None:
    """Nobody waits for them, so they change nothing."""
    async with ScriptedBroker() as broker, inbox(broker) as source:
        await eventually(lambda: source.connected)
        broker.send(*[b"\x90\x03\x00\x01\x01", b"\x40\x02\x00\x09", b"\x90\x03\x12\x34\x01"] * 3)
        broker.send(b"\xd0\x00" * 3, publish_packet(b"a", b"1", 1))

        (message,) = await take(source, 1)

        assert message.payload == b"1"
        assert (source.connected, source.reconnects) == (True, 0)


async def test_an_answer_to_another_request_is_none() -> None:
    """A SUBACK with a wrong id does not count as ours, and neither does silence."""
    async with ScriptedBroker(connack=ACCEPTED, grants=False) as broker:
        reader = Subscriber(
            broker.address,
            "reader",
            deliver=lambda _: None,
            room=lambda: 1,
            patience=timedelta(
                seconds=2
            ),  # on a busy machine, the broker needs some of it to accept
        )
        await reader.open()
        broker.send(b"\x90\x03\x00\x07\x01")

        with pytest.raises(BrokerUnavailable, match="no answer for 2 s"):
            await reader.subscribe(["a"])
        await reader.close()


async def test_silence_after_connect() -> None:
    """A broker that never answers CONNECT is given up, and the connection is closed."""
    async with ScriptedBroker(connack=b"") as broker:
        reader = Subscriber(
            broker.address,
            "reader",
            deliver=lambda _: None,
            room=lambda: 1,
            patience=timedelta(seconds=0.2),
        )
        with pytest.raises(BrokerUnavailable, match=r"no answer for 0\.2 s"):
            await reader.open()
        async with asyncio.timeout(PATIENCE):
            await broker.gone.wait()


async def test_a_flood_of_qos_0_waits_in_the_socket() -> None:
    """No more is taken than there is room for, and nothing of it is lost."""
    sent = [b"%d" % n for n in range(30_000)]
    async with ScriptedBroker() as broker, inbox(broker) as source:
        await broker.subscribed.wait()
        broker.send(*(at_most_once(payload) for payload in sent))
        await eventually(lambda: source.unacknowledged == LIMIT + 1)

        got = await take(source, len(sent))

        assert [message.payload for message in got] == sent
        assert broker.acknowledged == []


async def test_ten_thousand_retained_messages_at_once() -> None:
    """All are taken in order, and acknowledged in order, whatever the packets in which they arrive."""
    count = 10_000
    sent = [b"%d" % n for n in range(count)]
    async with ScriptedBroker() as broker, inbox(broker) as source:
        await broker.subscribed.wait()
        packets = [publish_packet(b"a/" + each, each, n + 1) for n, each in enumerate(sent)]
        broker.send(*(bytes([each[0] | 1]) + each[1:] for each in packets))

        got = await take(source, count)

        assert [message.payload for message in got] == sent
        assert all(message.retained for message in got)
        await eventually(lambda: len(broker.acknowledged) == count)
        assert broker.acknowledged == list(range(1, count + 1))


async def test_a_broker_that_does_not_read_is_not_read() -> None:
    """While what we send piles up, nothing more is taken; when the broker reads again, all goes on."""
    taken: list[bytes] = []
    async with ScriptedBroker() as broker:
        reader = Subscriber(
            broker.address,
            "reader",
            deliver=lambda packets: taken.extend(each.payload for each in packets),
            room=lambda: LIMIT,
        )
        await reader.open()
        reader.pause_writing()
        broker.send(at_most_once(b"1"))
        with pytest.raises(AssertionError):
            await eventually(lambda: taken != [], seconds=0.2)

        reader.resume_writing()

        await eventually(lambda: taken == [b"1"])
        await reader.close()


async def test_a_session_taken_over_is_told() -> None:
    """In MQTT 5.0 the broker says that another client has our session; it is told once, with the reason."""
    taken: list[datetime] = []
    async with ScriptedBroker(connack=b"\x20\x03\x00\x00\x00") as broker:
        broker.protocol = ProtocolVersion.V5
        async with inbox(broker, on_session_taken=lambda: taken.append(NOON)) as source:
            await eventually(lambda: source.connected)
            broker.send(b"\xe0\x01\x8e")
            await eventually(lambda: source.reconnects == 1)

    assert taken == [NOON]


async def test_an_old_broker_is_read_in_its_version() -> None:
    """A broker that refuses MQTT 5.0 is asked again in 3.1.1 at once, unless the deployment insists."""
    async with ScriptedBroker(refuses_5=True) as broker:
        broker.protocol = None
        async with inbox(broker) as source:
            await eventually(lambda: source.connected)
            assert (broker.connections, source.reconnects) == (2, 0)

        broker.protocol = ProtocolVersion.V5
        async with inbox(broker) as source:
            await eventually(lambda: "check protocol" in source.trouble)
            assert not source.connected


async def test_brokers_are_tried_in_turn() -> None:
    """The next one is tried while one is away, and one that answers is kept as long as it does."""
    async with ScriptedBroker() as second:
        async with ScriptedBroker() as first:
            others = ((second.address.host, second.address.port),)
            address = replace(first.address, alternatives=others)
            async with inbox(address) as source:
                await eventually(lambda: source.connected)
                first.disconnect()
                await eventually(lambda: source.reconnects == 1)
            assert (first.connections, second.connections) == (2, 0)

        async with inbox(address) as source:
            await eventually(lambda: source.connected)
            second.disconnect()
            await eventually(lambda: source.reconnects == 1)
        assert second.connections == 2


async def test_a_packet_that_does_not_end() -> None:
    """Bytes keep coming, and no packet: the stream is garbled, so that the connection would be deaf for ever."""
    async with ScriptedBroker() as broker:
        address = replace(broker.address, keepalive=timedelta(seconds=1))
        subscriber = Subscriber(
            address,
            "reader",
            deliver=lambda _: None,
            room=lambda: LIMIT,
            longest_packet=timedelta(seconds=0.5),
        )
        await subscriber.open()
        await subscriber.subscribe(["a"])
        broker.send(b"\x30\xff\xff\xff\x7f\x00\x01a")
        async with asyncio.timeout(PATIENCE):
            while not subscriber.lost.done():
                broker.send(b"x")
                await asyncio.sleep(0.05)

        assert subscriber.lost.result() == "a packet that does not end"
