"""One connection to a broker: what it promises when all is well, and how it says that it is not."""

import asyncio
import gc
import inspect
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import aiomqtt
import pytest
import trustme
from paho.mqtt.client import Client as Paho
from paho.mqtt.client import MQTTMessage

from monitor.errors import BrokerUnavailable
from monitor.mqtt import BrokerAddress, Connection, Publisher, Tls
from monitor.mqtt.connection import WINDOW
from tests.support.mqtt_faults import Script, kept, published
from tests.support.servers import (
    HOST,
    PATIENCE,
    Broker,
    Mosquitto,
    eventually,
    free_port,
    password_file,
)

Taken = list[tuple[str, bytes, bool]]


async def subscribed(address: BrokerAddress, topic_filter: str) -> tuple[Connection, Taken]:
    """A connection that puts what it gets into a list."""
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


async def up_to_the_news(publisher: Publisher, address: BrokerAddress) -> Taken:
    """What a newcomer is told about the door, until it is told something new."""
    reader, taken = await subscribed(address, "door")
    await publisher.publish("door", b"news")
    await eventually(lambda: taken[-1:] == [("door", b"news", False)])
    await reader.close()
    return taken


@pytest.mark.parametrize("qos", [0, 1])
async def test_a_retained_message_waits_for_whoever_comes(broker: Broker, qos: int) -> None:
    """It is marked as retained for those who come later, and an empty one takes it away."""
    async with Publisher(broker.address, "writer") as publisher:
        await publisher.publish("door", b"open", retain=True, qos=qos)
        await kept(broker.address, "door", b"open")
        reader, taken = await subscribed(broker.address, "door")
        await eventually(lambda: taken == [("door", b"open", True)])
        await reader.close()

        await publisher.publish("door", b"", retain=True)
        async with asyncio.timeout(PATIENCE):
            while await up_to_the_news(publisher, broker.address) != [("door", b"news", False)]:
                pass


async def test_publish_waits_for_the_acknowledgement() -> None:
    """What the broker has not acknowledged when the connection ends has not been published."""
    async with Script(pubacks=False) as broker, Publisher(broker.address, "writer") as publisher:
        publishing = asyncio.create_task(publisher.publish("a", b"1"))
        await eventually(lambda: len(broker.published) == 1)
        assert not publishing.done()

        broker.hang_up()

        with pytest.raises(BrokerUnavailable, match="hung up"):
            await publishing


async def test_only_so_many_are_under_way() -> None:
    """A broker that acknowledges nothing is not flooded."""
    async with Script(pubacks=False) as broker, Publisher(broker.address, "writer") as publisher:
        publishing = asyncio.create_task(publisher.publish_many([("a", b"1")] * (WINDOW * 2)))
        await eventually(lambda: len(broker.published) == WINDOW)
        await publisher.publish("b", b"", qos=0)  # what was to come before it has come
        await eventually(lambda: len(broker.published) > WINDOW)

        assert len(broker.published) == WINDOW + 1
        broker.hang_up()
        with pytest.raises(BrokerUnavailable):
            await publishing


async def test_a_topic_with_a_wildcard_is_a_mistake(mosquitto: Mosquitto) -> None:
    """Nothing is sent, and the connection goes on."""
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
    """Whoever publishes after its end is told at once."""
    async with Publisher(mosquitto.address, "writer") as publisher:
        await publisher.publish("a", b"1")
        mosquitto.kill()

        with pytest.raises(BrokerUnavailable):
            await publisher.publish_many([("a", b"2")] * WINDOW)


@pytest.mark.parametrize("password", [None, "wrong"])
async def test_a_wrong_password_is_said_to_be_one(tmp_path: Path, password: str | None) -> None:
    """The right one lets us in; with another the error says what to look at."""
    passwords = password_file(tmp_path, "monitor", "right")
    with Mosquitto(tmp_path, f"password_file {passwords}") as broker:
        right = BrokerAddress(port=broker.port, username="monitor", password="right")
        async with Publisher(right, "writer") as publisher:
            await publisher.publish("a", b"1")

        wrong = BrokerAddress(port=broker.port, username="monitor", password=password)
        with pytest.raises(BrokerUnavailable, match="check user name, password"):
            await Connection(wrong, "reader").open()


def test_a_password_is_not_shown() -> None:
    """An address may be logged."""
    address = BrokerAddress(username="monitor", password="secret")

    assert "secret" not in repr(address)
    assert "secret" not in str(address)


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[tuple[Mosquitto, Tls]]:
    """A broker that wants a certificate of its own authority, and files that satisfy it."""
    authority = trustme.CA()
    names = {"ca": authority.cert_pem}
    for name, certificate in (
        ("server", authority.issue_cert("localhost")),
        ("client", authority.issue_cert("monitor@venue.example")),
    ):
        names[name] = certificate.cert_chain_pems[0]
        names[f"{name}-key"] = certificate.private_key_pem
    files = {name: tmp_path / f"{name}.pem" for name in names}
    for name, blob in names.items():
        blob.write_to_path(str(files[name]))
    lines = (
        "allow_anonymous true",
        f"cafile {files['ca']}",
        f"certfile {files['server']}",
        f"keyfile {files['server-key']}",
        "require_certificate true",
    )
    with Mosquitto(tmp_path, *lines) as broker:
        yield broker, Tls(files["ca"], files["client"], files["client-key"])


async def test_tls_with_a_certificate_of_ours(tls: tuple[Mosquitto, Tls]) -> None:
    """Both sides show a certificate, and messages come through, also many at once."""
    broker, files = tls
    address = BrokerAddress("localhost", broker.port, tls=files)
    reader, taken = await subscribed(address, "a")

    async with Publisher(address, "writer") as publisher:
        await publisher.publish_many([("a", b"x" * 2000)] * 1000)

    await eventually(lambda: len(taken) == 1000)
    await reader.close()


async def test_tls_pauses_and_goes_on(tmp_path: Path) -> None:
    """Many packets in one TLS record: what is decrypted and not read yet is delivered, also after a pause."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    taken: list[bytes] = []

    def deliver(_topic: str, payload: bytes, _retained: bool, packet_id: int) -> None:
        taken.append(payload)
        if packet_id % 2 == 0:
            reader.pause()

    async with Script(tls=context) as broker:
        address = replace(broker.address, tls=Tls(tmp_path / "ca.pem"))
        reader = Connection(address, "reader", deliver=deliver)
        await reader.open()
        await reader.subscribe(["a"])
        broker.say(b"\xd0\x00", published(b"a", b"first", 11))
        await eventually(lambda: taken == [b"first"])

        taken.clear()
        sent = [b"%d" % n for n in range(1, 11)]
        broker.say(*(published(b"a", payload, int(payload)) for payload in sent))
        for n in range(2, 11, 2):
            await eventually(lambda n=n: taken == sent[:n])  # type: ignore[misc]
            reader.resume()
        await reader.close()


async def test_tls_without_a_certificate_of_ours(tls: tuple[Mosquitto, Tls]) -> None:
    """A broker that wants one hangs up, and that is said without a long wait."""
    broker, files = tls
    address = BrokerAddress("localhost", broker.port, tls=Tls(files.ca_file))

    with pytest.raises(BrokerUnavailable):
        async with asyncio.timeout(PATIENCE / 2):
            await Connection(address, "reader").open()


def sockets_left() -> bool:
    """A TLS socket is still there; paho leaves that of a failed handshake to the garbage collector."""
    gc.collect()
    return any(type(each) is ssl.SSLSocket for each in gc.get_objects())


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
async def test_tls_with_a_stranger(tls: tuple[Mosquitto, Tls], tmp_path: Path) -> None:
    """A broker whose certificate is not of our authority gets nothing from us."""
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
    """Missing or not PEM: the error names the file."""
    file = tmp_path / "ca.pem"
    if text is not None:
        file.write_text(text)

    with pytest.raises(BrokerUnavailable, match=rf"ca\.pem: .*{why}"):
        Connection(BrokerAddress(tls=Tls(file)), "reader")


async def test_a_broker_that_hangs_up_at_once_is_named() -> None:
    """Without an answer to CONNECT, or right after a good one."""
    for connack in (b"", b"\x20\x02\x00\x00"):
        async with Script(connack=connack, hangs_up=True) as broker:
            with pytest.raises(BrokerUnavailable, match="hung up"):
                await subscribed(broker.address, "a")


async def test_giving_up_leaves_no_connection_behind() -> None:
    """A broker that takes our CONNECT and says nothing is left as soon as we are cancelled."""
    async with Script(connack=b"") as broker:
        opening = asyncio.create_task(Connection(broker.address, "reader").open())
        await eventually(lambda: broker.connections == 1)

        opening.cancel()

        async with asyncio.timeout(PATIENCE / 2):
            await asyncio.wait({opening})
            await broker.gone.wait()
        assert opening.cancelled()


async def test_closing_waits_until_the_broker_has_heard_us() -> None:
    """What was said last, acknowledgements above all, is not taken back by hanging up."""
    async with Script() as broker:
        connection, _ = await subscribed(broker.address, "a")
        broker.cover_ears()
        connection.acknowledge([1, 2])
        closing = asyncio.create_task(connection.close())
        await eventually(connection.lost.done)
        assert not closing.done()

        broker.listen()

        await closing
        assert broker.acknowledged == [1, 2]


async def test_a_packet_that_nobody_can_read_ends_the_connection() -> None:
    """MQTT doesn't allow to go on after one; the connection says that it has ended."""
    async with Script() as broker:
        connection, _ = await subscribed(broker.address, "a")

        broker.say(b"\x30\x02\x00\x09")

        assert await asyncio.wait_for(connection.lost, PATIENCE) == "Protocol error"


def test_the_private_parts_are_as_we_know_them() -> None:
    """What we use of paho without its consent is still there, and still the same."""
    queue = inspect.signature(Paho._packet_queue)  # noqa: SLF001
    close = inspect.signature(Paho._sock_close)  # noqa: SLF001

    assert list(queue.parameters) == ["self", "command", "packet", "mid", "qos", "info"]
    assert list(close.parameters) == ["self"]
    assert MQTTMessage(topic=b"\xff")._topic == b"\xff"  # noqa: SLF001


async def test_the_client_inside_is_where_we_know_it() -> None:
    """The attribute in which aiomqtt keeps paho, with callbacks set that ours pass on to."""
    paho = aiomqtt.Client("localhost")._client  # noqa: SLF001

    assert type(paho) is Paho
    assert paho.on_connect is not None
