"""One connection to a broker: what it guarantees, and how it reports failures."""

import asyncio
import gc
import inspect
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from paho.mqtt.client import Client as Paho
from paho.mqtt.client import MQTTMessage

from monitor.errors import BrokerUnavailable
from monitor.mqtt import BrokerAddress, Connection, Publisher, Tls
from monitor.mqtt.connection import WINDOW
from tests.support.mqtt_faults import ScriptedBroker, publish_packet, wait_until_retained
from tests.support.servers import (
    PATIENCE,
    Broker,
    Mosquitto,
    eventually,
    free_port,
    password_file,
)
from tests.support.tls_broker import tls_broker

Taken = list[tuple[str, bytes, bool]]


async def subscribed(address: BrokerAddress, topic_filter: str) -> tuple[Connection, Taken]:
    """Return a connection and the list of what it receives."""
    taken: Taken = []
    connection = Connection(
        address,
        "reader",
        deliver=lambda topic, payload, retained, _: taken.append((topic, payload, retained)),
    )
    await connection.open()
    await connection.subscribe([topic_filter])
    return connection, taken


async def test_what_is_published_has_arrived(broker: Broker) -> None:
    """Many messages, more than may be under way at once, arrive whole and in order."""
    reader, taken = await subscribed(broker.address, "a/#")
    sent = [(f"a/{n % 7}", f"{n}".encode()) for n in range(WINDOW * 3)]

    async with Publisher(broker.address, "writer") as publisher:
        await publisher.publish_many(sent)

    await eventually(lambda: len(taken) == len(sent))
    await reader.close()
    assert [(topic, payload) for topic, payload, _ in taken] == sent


async def up_to_the_live_message(publisher: Publisher, address: BrokerAddress) -> Taken:
    """Return what a new subscriber receives about the door, up to a live message."""
    reader, taken = await subscribed(address, "door")
    await publisher.publish("door", b"live")
    await eventually(lambda: taken[-1:] == [("door", b"live", False)])
    await reader.close()
    return taken


@pytest.mark.parametrize("qos", [0, 1])
async def test_a_retained_message_reaches_later_subscribers(broker: Broker, qos: int) -> None:
    """A message is marked as retained for later subscribers, and an empty one removes it."""
    async with Publisher(broker.address, "writer") as publisher:
        await publisher.publish("door", b"open", retain=True, qos=qos)
        await wait_until_retained(broker.address, "door", b"open")
        reader, taken = await subscribed(broker.address, "door")
        await eventually(lambda: taken == [("door", b"open", True)])
        await reader.close()

        await publisher.publish("door", b"", retain=True)
        async with asyncio.timeout(PATIENCE):
            while await up_to_the_live_message(publisher, broker.address) != [
                ("door", b"live", False)
            ]:
                pass


async def test_publish_waits_for_the_acknowledgement() -> None:
    """What the broker has not acknowledged when the connection ends counts as not published."""
    async with (
        ScriptedBroker(pubacks=False) as broker,
        Publisher(broker.address, "writer") as publisher,
    ):
        publishing = asyncio.create_task(publisher.publish("a", b"1"))
        await eventually(lambda: len(broker.published) == 1)
        assert not publishing.done()

        broker.disconnect()

        with pytest.raises(BrokerUnavailable, match="the broker closed the connection"):
            await publishing


async def test_the_messages_under_way_are_limited() -> None:
    """A broker that acknowledges nothing receives only a limited number of messages."""
    async with (
        ScriptedBroker(pubacks=False) as broker,
        Publisher(broker.address, "writer") as publisher,
    ):
        publishing = asyncio.create_task(publisher.publish_many([("a", b"1")] * (WINDOW * 2)))
        await eventually(lambda: len(broker.published) == WINDOW)
        await publisher.publish("b", b"", qos=0)  # what was to come before it has come
        await eventually(lambda: len(broker.published) > WINDOW)

        assert len(broker.published) == WINDOW + 1
        broker.disconnect()
        with pytest.raises(BrokerUnavailable):
            await publishing


async def test_a_topic_with_a_wildcard_is_a_mistake(mosquitto: Mosquitto) -> None:
    """Publishing to a topic with a wildcard fails without sending anything, and the connection goes on."""
    async with Publisher(mosquitto.address, "writer") as publisher:
        with pytest.raises(ValueError, match="wildcard"):
            await publisher.publish("a/#", b"")
        await publisher.publish("a", b"")


async def test_a_broker_that_is_away_is_named() -> None:
    """The error says which broker, and what happened."""
    port = free_port()

    with pytest.raises(BrokerUnavailable, match=rf"127\.0\.0\.1:{port}: .*refused"):
        await Connection(BrokerAddress(port=port), "reader").open()


async def test_a_broker_that_goes_away_is_noticed(mosquitto: Mosquitto) -> None:
    """Publishing after the broker has gone fails at once."""
    async with Publisher(mosquitto.address, "writer") as publisher:
        await publisher.publish("a", b"1")
        mosquitto.kill()

        with pytest.raises(BrokerUnavailable):
            await publisher.publish_many([("a", b"2")] * WINDOW)


@pytest.mark.parametrize("password", [None, "wrong"])
async def test_a_wrong_password_is_reported(tmp_path: Path, password: str | None) -> None:
    """The right password is accepted; with another one, the error says what to check."""
    passwords = password_file(tmp_path, "monitor", "right")
    with Mosquitto(tmp_path, f"password_file {passwords}") as broker:
        right = BrokerAddress(port=broker.port, username="monitor", password="right")
        async with Publisher(right, "writer") as publisher:
            await publisher.publish("a", b"1")

        wrong = BrokerAddress(port=broker.port, username="monitor", password=password)
        with pytest.raises(BrokerUnavailable, match="check user name, password"):
            await Connection(wrong, "reader").open()


def test_a_password_is_not_shown() -> None:
    """A broker address can be logged: it does not show the password."""
    address = BrokerAddress(username="monitor", password="secret")

    assert "secret" not in repr(address)
    assert "secret" not in str(address)


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[tuple[Mosquitto, Tls]]:
    """A broker that requires a certificate of its own authority, and files that satisfy it."""
    with tls_broker(tmp_path) as made:
        yield made


async def test_tls_with_a_certificate_of_ours(tls: tuple[Mosquitto, Tls]) -> None:
    """With certificates on both sides messages come through, also many at once."""
    broker, files = tls
    address = BrokerAddress("localhost", broker.port, tls=files)
    reader, taken = await subscribed(address, "a")

    async with Publisher(address, "writer") as publisher:
        await publisher.publish_many([("a", b"x" * 2000)] * 1000)

    await eventually(lambda: len(taken) == 1000)
    await reader.close()


async def test_tls_without_a_certificate_of_ours(tls: tuple[Mosquitto, Tls]) -> None:
    """A broker that requires a certificate closes the connection, which is reported without a long wait."""
    broker, files = tls
    address = BrokerAddress("localhost", broker.port, tls=Tls(files.ca_file))

    with pytest.raises(BrokerUnavailable) as raised:
        await Connection(address, "reader").open()

    assert "no answer" not in str(raised.value)


def sockets_left() -> bool:
    """Return whether a TLS socket is still there; paho leaves that of a failed handshake to the garbage collector."""
    gc.collect()
    return any(type(each) is ssl.SSLSocket for each in gc.get_objects())


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
async def test_tls_with_a_stranger(tls: tuple[Mosquitto, Tls], tmp_path: Path) -> None:
    """A broker whose certificate is not from our authority gets nothing from us."""
    broker, _ = tls
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))

    with pytest.raises(BrokerUnavailable, match="certificate verify failed"):
        await Connection(BrokerAddress("localhost", broker.port, tls=Tls(other)), "reader").open()
    await eventually(lambda: not sockets_left())


@pytest.mark.parametrize(
    ("text", "why"), [(None, "No such file"), ("no certificate", "give a PEM file")]
)
async def test_a_tls_file_that_is_none_is_named(tmp_path: Path, text: str | None, why: str) -> None:
    """If a TLS file is missing or not PEM, the error names it."""
    file = tmp_path / "ca.pem"
    if text is not None:
        file.write_text(text)

    with pytest.raises(BrokerUnavailable, match=rf"ca\.pem: .*{why}"):
        Connection(BrokerAddress(tls=Tls(file)), "reader")


async def test_a_broker_that_hangs_up_at_once_is_named() -> None:
    """The error names a broker that hangs up instead of answering CONNECT, or right after accepting it."""
    for connack in (b"", b"\x20\x02\x00\x00"):
        async with ScriptedBroker(connack=connack, hangs_up=True) as broker:
            with pytest.raises(BrokerUnavailable, match="the broker closed the connection"):
                await subscribed(broker.address, "a")


async def test_giving_up_leaves_no_connection_behind() -> None:
    """Cancelling the connection to a broker that never answers CONNECT closes it at once."""
    async with ScriptedBroker(connack=b"") as broker:
        opening = asyncio.create_task(Connection(broker.address, "reader").open())
        await eventually(lambda: broker.connections == 1)

        opening.cancel()

        async with asyncio.timeout(PATIENCE):
            await asyncio.wait({opening})
            await broker.gone.wait()
        assert opening.cancelled()


async def test_an_acknowledgement_that_can_not_be_written_ends_the_connection() -> None:
    """Also one that is sent as the message is delivered: paho's own lock would stop the event loop there."""

    def deliver(_topic: str, _payload: bytes, _retained: bool, packet_id: int) -> None:
        sock = connection._paho.socket()  # noqa: SLF001
        assert isinstance(sock, socket.socket)
        sock.shutdown(socket.SHUT_WR)
        connection.acknowledge([packet_id])

    async with ScriptedBroker() as broker:
        connection = Connection(broker.address, "reader", deliver=deliver)
        await connection.open()
        await connection.subscribe(["a"])

        broker.send(publish_packet(b"a", b"1", 1))

        assert (
            await asyncio.wait_for(connection.lost, PATIENCE) == "the broker closed the connection"
        )


async def test_an_invalid_packet_ends_the_connection() -> None:
    """MQTT does not allow a connection to go on after an invalid packet; the connection reports that it has ended."""
    async with ScriptedBroker() as broker:
        connection, _ = await subscribed(broker.address, "a")

        broker.send(b"\x30\x02\x00\x09")

        assert await asyncio.wait_for(connection.lost, PATIENCE) == "Protocol error"


def test_the_private_names_of_paho_are_unchanged() -> None:
    """The private names of paho that we use still exist, with the same signatures."""
    queue = inspect.signature(Paho._packet_queue)  # noqa: SLF001
    close = inspect.signature(Paho._sock_close)  # noqa: SLF001

    assert list(queue.parameters) == ["self", "command", "packet", "mid", "qos", "info"]
    assert list(close.parameters) == ["self"]
    assert MQTTMessage(topic=b"\xff")._topic == b"\xff"  # noqa: SLF001
