"""Messages are acknowledged when we say so and not before, over any number of connections."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from monitor.errors import ConfigError
from monitor.ingest.inbox import Inbox
from monitor.mqtt import BrokerAddress, Connection, Message, Publisher, Will
from monitor.mqtt.codec import ProtocolVersion
from tests.support.mqtt_faults import ScriptedBroker, TcpProxy, publish_packet, wait_until_retained
from tests.support.servers import (
    PATIENCE,
    Aedes,
    Broker,
    Mosquitto,
    Nats,
    eventually,
    password_file,
)

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
STATUS = Will("monitor/status", b"offline: connection lost")
OLD, NEW = ProtocolVersion.V3_1_1, ProtocolVersion.V5


@pytest.fixture(
    params=[(Mosquitto, OLD), (Mosquitto, NEW), (Nats, OLD), (Aedes, OLD)],
    ids=["mosquitto-3.1.1", "mosquitto-5", "nats", "aedes"],
)
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Broker]:
    """Each broker in turn, in each version that it supports."""
    kind, protocol = request.param
    with kind(tmp_path) as broker:
        broker.protocol = protocol
        yield broker


def through(wire: TcpProxy, broker: Broker) -> BrokerAddress:
    """The address of a broker behind a proxy, with a short keepalive."""
    return replace(broker.address, port=wire.address.port, keepalive=timedelta(seconds=1))


def inbox(address: BrokerAddress, **changes: Any) -> Inbox:  # noqa: ANN401
    """An inbox for ``a/#`` whose client id is new to the broker."""
    facts: dict[str, Any] = {
        "client_id": "monitor",
        "filters": ["a/#"],
        "clock": lambda: NOON,
        "rng": Random(1),
        "on_session_lost": lambda: pytest.fail("there was no session to lose"),
        "expect_session": False,
    }
    return Inbox(address, **(facts | changes))


async def take(source: Inbox, count: int) -> list[Message]:
    """Return this many messages, not acknowledged."""
    taken: list[Message] = []
    async with asyncio.timeout(PATIENCE):
        while len(taken) < count:
            taken += await anext(source)
    return taken


async def publish(broker: Broker, *payloads: str, topic: str = "a/door") -> None:
    """Publish these payloads, and return when the broker has them."""
    async with Publisher(broker.address, "device") as publisher:
        await publisher.publish_many([(topic, payload.encode()) for payload in payloads])


def payloads(messages: Sequence[Message]) -> list[str]:
    """The payloads of these messages, as text."""
    return [message.payload.decode() for message in messages]


async def up(source: Inbox) -> None:
    """Wait until the inbox is connected."""
    await eventually(lambda: source.connected)


@asynccontextmanager
async def reading(address: BrokerAddress, topic_filter: str) -> AsyncIterator[list[bytes]]:
    """The payloads that arrive for this filter."""
    received: list[bytes] = []
    connection = Connection(
        address,
        "reader",
        deliver=lambda _topic, payload, _retained, _id: received.append(payload),
    )
    await connection.open()
    await connection.subscribe([topic_filter])
    yield received
    await connection.close()


async def test_a_message_is_what_was_published(broker: Broker) -> None:
    """A message has topic, payload and our own time, and is counted in the figures."""
    async with inbox(broker.address) as source:
        await up(source)
        await publish(broker, "opened", topic="a/north/door")

        (message,) = await take(source, 1)

        assert (message.topic, message.payload) == ("a/north/door", b"opened")
        assert (message.received_at, message.retained) == (NOON, False)
        assert (source.received, source.unacknowledged, source.depth) == (1, 1, 0)
        source.acknowledge([message])
        assert source.unacknowledged == 0


async def test_nothing_is_acknowledged_before_we_say_so(broker: Broker) -> None:
    """Messages that were taken and not acknowledged are delivered again to the next connection with our client id."""
    async with inbox(broker.address) as source:
        await up(source)
        await publish(broker, *"abcde")
        batch = await take(source, 5)
        source.acknowledge(batch[:2])

    async with inbox(broker.address, expect_session=True) as source:
        again = await take(source, 3)
        await up(source)  # aedes forgets what comes while it subscribes us, if we leave at once
        source.acknowledge(again)
        assert payloads(again) == ["c", "d", "e"]

    async with inbox(broker.address, expect_session=True) as source:
        await publish(broker, "f")
        assert payloads(await take(source, 1)) == ["f"]


async def test_what_came_while_we_were_away_is_there(broker: Broker) -> None:
    """The broker keeps our session: many messages arrive in order, in batches no larger than asked for."""
    async with inbox(broker.address) as source:
        await up(source)
    sent = [str(n) for n in range(3000)]
    await publish(broker, *sent)

    got: list[str] = []
    async with (
        inbox(broker.address, expect_session=True, batch=400) as source,
        asyncio.timeout(PATIENCE),
    ):
        async for batch in source:
            assert 0 < len(batch) <= 400
            got += payloads(batch)
            source.acknowledge(batch)
            if len(got) >= len(sent):
                break

    assert got == sent


async def test_a_broken_connection_is_made_again(broker: Broker) -> None:
    """Unacknowledged and new messages arrive over the next connection, without any action of the caller."""
    async with TcpProxy(broker) as wire, inbox(through(wire, broker)) as source:
        await up(source)
        await publish(broker, "a", "b")
        first = await take(source, 2)

        wire.cut()
        await eventually(lambda: source.reconnects == 1)
        again = await take(source, 2)
        await publish(broker, "c")

        assert payloads(first) == payloads(again) == ["a", "b"]
        assert payloads(await take(source, 1)) == ["c"]


async def test_an_acknowledgement_does_not_outlive_its_connection() -> None:
    """Packet ids begin anew with each connection: an old one must not acknowledge a new message."""
    known = b"\x20\x02\x01\x00"
    async with ScriptedBroker(connack=known) as broker, inbox(broker.address) as source:
        await broker.subscribed.wait()
        broker.send(publish_packet(b"a", b"old", 1), publish_packet(b"a", b"older", 2))
        old = await take(source, 2)
        broker.disconnect()
        await eventually(lambda: source.reconnects == 1)
        broker.send(publish_packet(b"a", b"new", 1), publish_packet(b"a", b"newer", 3))
        new = await take(source, 2)

        source.acknowledge(old)
        source.acknowledge(new[1:])

        await eventually(lambda: len(broker.acknowledged) > 0)
        assert broker.acknowledged == [3]


async def test_acknowledgements_keep_the_order() -> None:
    """PUBACKs go out in the order of arrival, and only for what was acknowledged."""
    async with ScriptedBroker() as broker, inbox(broker.address) as source:
        await broker.subscribed.wait()
        broker.send(*(publish_packet(b"a", b"x", packet_id) for packet_id in (7, 3, 9, 4)))
        batch = await take(source, 4)

        source.acknowledge(batch[:3])

        await eventually(lambda: broker.acknowledged == [7, 3, 9])


async def test_a_message_that_we_hold_is_not_taken_twice() -> None:
    """A broker may send a message again while we still work on it; once acknowledged, its number is free again."""
    async with ScriptedBroker() as broker, inbox(broker.address) as source:
        await broker.subscribed.wait()
        broker.send(
            publish_packet(b"a", b"1", 7),
            publish_packet(b"a", b"1", 7, again=True),
            publish_packet(b"a", b"2", 8),
        )
        batch = await take(source, 2)
        assert payloads(batch) == ["1", "2"]

        source.acknowledge(batch)
        broker.send(publish_packet(b"a", b"3", 7))

        assert payloads(await take(source, 1)) == ["3"]


async def test_garbage_in_a_topic_breaks_nothing() -> None:
    """Bytes that are not UTF-8 are shown as such; the message is taken and acknowledged like any other."""
    async with ScriptedBroker() as broker, inbox(broker.address) as source:
        await broker.subscribed.wait()
        broker.send(publish_packet(b"a/\xff\xfe", b"\x00", 1), publish_packet(b"a/\x00 \n", b"", 2))

        batch = await take(source, 2)
        source.acknowledge(batch)

        assert [message.topic for message in batch] == [r"a/\xff\xfe", "a/\x00 \n"]
        await eventually(lambda: broker.acknowledged == [1, 2])


async def test_retained_messages_are_marked(broker: Broker) -> None:
    """Retained messages are states and arrive with every connection; a live one on the same topic is not marked."""
    seen: list[tuple[bytes, bool]] = []
    async with Publisher(broker.address, "device") as publisher:
        await publisher.publish("a/door", b"open", retain=True)
        await wait_until_retained(broker.address, "a/door", b"open")
        for known in (False, True):
            async with inbox(broker.address, expect_session=known) as source:
                batch = await take(source, 1)
                await up(source)
                await publisher.publish("a/door", b"closed", retain=True)
                batch += await take(source, 1)
                source.acknowledge(batch)
                seen += [(message.payload, message.retained) for message in batch]
                await wait_until_retained(broker.address, "a/door", b"closed")

    assert seen == [(b"open", True), (b"closed", False), (b"closed", True), (b"closed", False)]


async def test_a_lost_session_is_told(mosquitto: Mosquitto) -> None:
    """A broker that has lost our session has lost messages: it is reported once each time, and the inbox continues."""
    lost: list[datetime] = []
    async with inbox(mosquitto.address, on_session_lost=lambda: lost.append(NOON)) as source:
        await up(source)
        assert lost == []

        mosquitto.kill()
        await eventually(lambda: not source.connected)
        mosquitto.start()
        await eventually(lambda: source.reconnects == 1)

        assert lost == [NOON]
        await publish(mosquitto, "a")
        assert payloads(await take(source, 1)) == ["a"]


async def test_a_session_missed_at_the_start_is_told(broker: Broker) -> None:
    """If the journal is not new, a broker without our session has lost something."""
    lost: list[datetime] = []
    changes: dict[str, Any] = {"expect_session": True, "on_session_lost": lambda: lost.append(NOON)}
    for _ in range(2):
        async with inbox(broker.address, **changes) as source:
            await up(source)

    assert lost == [NOON]


async def test_a_broker_that_was_killed(nats: Nats) -> None:
    """What a persistent broker had acknowledged to the device is delivered after the broker was killed."""
    async with inbox(nats.address) as source:
        await up(source)
        await publish(nats, *"abc")
        await take(source, 3)

        nats.kill()
        await eventually(lambda: not source.connected)
        assert f"{nats.address}" in source.trouble
        nats.start()

        # NATS does not keep the order of what it sends again.
        assert sorted(payloads(await take(source, 3))) == ["a", "b", "c"]
        await up(source)
        assert source.trouble == ""


async def test_the_broker_says_whether_we_are_there(broker: Broker) -> None:
    """The retained status is online at each connection, the last will when one breaks, the farewell when we leave."""
    async with reading(broker.address, STATUS.topic) as received:
        async with (
            TcpProxy(broker) as wire,
            inbox(through(wire, broker), will=STATUS, online=b"online") as source,
        ):
            await eventually(lambda: received == [b"online"])
            wire.cut()
            await eventually(lambda: len(received) == 3)
            source.farewell = b"offline: maintenance"
        await eventually(lambda: len(received) == 4)

    await wait_until_retained(broker.address, STATUS.topic, b"offline: maintenance")
    assert received == [
        b"online",
        STATUS.payload,
        b"online",
        b"offline: maintenance",
    ]


async def test_whoever_said_online_says_farewell() -> None:
    """The farewell is sent even if we are closed before the broker has acknowledged the online status."""
    async with ScriptedBroker(pubacks=False) as broker:
        async with inbox(broker.address, will=STATUS, online=b"online"):
            await eventually(lambda: broker.published == [b"online"])

        async with asyncio.timeout(PATIENCE):
            await broker.gone.wait()
        assert broker.published == [b"online", STATUS.payload]


async def test_a_backlog_does_not_hold_up_the_connection(mosquitto: Mosquitto) -> None:
    """The broker answers while it sends what it had kept: it need not be drained before the inbox is connected.

    Mosquitto reads acknowledgements so slowly then that what is sent behind them isn't answered within the patience.
    """
    backlog = 20_000
    async with inbox(mosquitto.address) as source:
        await up(source)
    await publish(mosquitto, *map(str, range(backlog)))
    source = inbox(mosquitto.address, expect_session=True, will=STATUS, online=b"online")
    async with source:
        taken = 0
        while taken < backlog:
            batch = await anext(source)
            source.acknowledge(batch)
            taken += len(batch)
            if source.connected:
                break
        assert source.connected
        assert taken < backlog // 2


async def test_a_dead_wire_is_noticed(mosquitto: Mosquitto) -> None:
    """A connection that is silent for two keepalives is given up, and another one made."""
    async with TcpProxy(mosquitto) as wire, inbox(through(wire, mosquitto)) as source:
        await up(source)
        wire.freeze()
        await publish(mosquitto, "a")

        assert payloads(await take(source, 1)) == ["a"]
        await eventually(lambda: source.reconnects == 1)


async def test_a_flood_stays_in_the_socket(broker: Broker) -> None:
    """Above the limit nothing more is taken until half of it is acknowledged; all of it arrives.

    In MQTT 5.0 the broker itself keeps to the limit, Mosquitto 2.0.11 give or take one.
    """
    sent = [f"{n:03}" + "x" * 2000 for n in range(300)]
    async with inbox(broker.address, limit=10, batch=4) as source:
        await up(source)
        await publish(broker, *sent)
        least = 10 if broker.protocol is NEW else 11
        await eventually(lambda: source.unacknowledged >= least)
        assert source.unacknowledged == least

        got: list[str] = []
        async with asyncio.timeout(PATIENCE):
            while len(got) < len(sent):
                batch = await anext(source)
                got += payloads(batch)
                assert source.unacknowledged <= 11
                source.acknowledge(batch)

    assert got == sent


async def test_leaving_in_a_flood_takes_nothing_back(mosquitto: Mosquitto) -> None:
    """With much unread in the socket the last acknowledgements and the farewell still arrive."""
    mosquitto.protocol = OLD  # in MQTT 5.0 the broker keeps to the limit by itself
    sent = [f"{n:03}" + "x" * 2000 for n in range(900)]
    async with inbox(mosquitto.address, limit=10, will=STATUS, online=b"online") as source:
        await up(source)
        await publish(mosquitto, *sent)
        await eventually(lambda: source.unacknowledged > 10)
        batch = await take(source, 4)
        source.acknowledge(batch[:4])
        source.farewell = b"offline: maintenance"

    await wait_until_retained(mosquitto.address, STATUS.topic, b"offline: maintenance")
    async with inbox(mosquitto.address, expect_session=True) as source:
        assert payloads(await take(source, 1))[0] == sent[4]


async def test_a_full_inbox_does_not_connect(mosquitto: Mosquitto) -> None:
    """A consumer that has stopped gets no further connection until it has made room."""
    mosquitto.protocol = OLD  # in MQTT 5.0 the broker keeps to the limit by itself
    async with TcpProxy(mosquitto) as wire, inbox(through(wire, mosquitto), limit=2) as source:
        await up(source)
        await publish(mosquitto, *"abc")
        batch = await take(source, 3)
        await eventually(lambda: not source.connected)

        with pytest.raises(AssertionError):
            await eventually(lambda: wire.connections > 1, seconds=0.5)
        source.acknowledge(batch)

        assert payloads(await take(source, 3)) == ["a", "b", "c"]


async def test_a_wrong_password_is_no_end(tmp_path: Path) -> None:
    """The reason is reported and the inbox keeps trying, until the broker accepts it."""
    broker = Mosquitto(tmp_path, f"password_file {password_file(tmp_path, 'monitor', 'old')}")
    with broker:
        address = BrokerAddress(port=broker.port, username="monitor", password="new")
        async with inbox(address) as source:
            await eventually(lambda: "check user name, password" in source.trouble)
            assert not source.connected

            password_file(tmp_path, "monitor", "new")
            broker.stop()
            broker.start()

            await up(source)


async def test_a_refused_subscription_is_named(nats: Nats) -> None:
    """If the broker refuses one of the filters, we are not connected: half of the messages would not be enough."""
    async with inbox(nats.address, filters=["a/#", "no blanks/#"]) as source:
        await eventually(lambda: "'no blanks/#'" in source.trouble)

        assert not source.connected
        assert "'a/#'" not in source.trouble


async def test_a_filter_that_is_none_ends_it(mosquitto: Mosquitto) -> None:
    """A filter that no broker would accept is a mistake in the configuration."""
    async with inbox(mosquitto.address, filters=["a/#/b"]) as source:
        with pytest.raises(ConfigError, match="a/#/b"):
            await take(source, 1)


async def test_waiting_can_be_given_up(mosquitto: Mosquitto) -> None:
    """Cancelling a wait, for a tick of the clock, loses no message."""
    async with inbox(mosquitto.address) as source:
        await up(source)
        waiting = asyncio.ensure_future(take(source, 1))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait({waiting})

        await publish(mosquitto, "a")

        assert payloads(await take(source, 1)) == ["a"]


async def test_closing_ends_the_messages() -> None:
    """Closing ends a waiting consumer, even with a broker that never answered."""
    async with ScriptedBroker(connack=b"") as broker:
        async with inbox(broker.address) as source:
            waiting = asyncio.ensure_future(take(source, 1))
            await eventually(lambda: broker.connections == 1)

        with pytest.raises(StopAsyncIteration):
            await waiting
        async with asyncio.timeout(PATIENCE):
            await broker.gone.wait()
