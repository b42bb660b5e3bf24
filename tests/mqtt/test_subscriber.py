"""One connection of a subscriber: TLS, pauses, and an end that loses nothing."""

import asyncio
import ssl
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from monitor.errors import BrokerUnavailable, ConfigError
from monitor.mqtt import BrokerAddress, Publisher, Subscriber, Tls
from monitor.mqtt.codec import ProtocolVersion, Publish
from tests.support.mqtt_faults import ScriptedBroker, publish_packet
from tests.support.servers import (
    HOST,
    PATIENCE,
    Mosquitto,
    eventually,
    free_port,
    password_file,
)
from tests.support.tls_broker import tls_broker


def reader(
    address: BrokerAddress,
    taken: list[bytes],
    then: Callable[[Sequence[Publish]], None] = lambda _: None,
    room: int = 10_000,
) -> Subscriber:
    """A subscriber that adds the payloads that it receives to a list."""

    def deliver(packets: Sequence[Publish]) -> None:
        taken.extend(each.payload for each in packets)
        then(packets)

    return Subscriber(address, "reader", deliver=deliver, room=lambda: room)


async def open_and_subscribe(subscriber: Subscriber) -> None:
    """Connect, and ask for the messages of a topic."""
    await subscriber.open()
    await subscriber.subscribe(["a"])


@pytest.mark.parametrize("protocol", ProtocolVersion)
async def test_tls_with_a_certificate_of_ours(tmp_path: Path, protocol: ProtocolVersion) -> None:
    """With certificates on both sides messages come through, many at once, and are acknowledged."""
    taken: list[bytes] = []

    def acknowledge(packets: Sequence[Publish]) -> None:
        subscriber.acknowledge([each.packet_id for each in packets])

    with tls_broker(tmp_path) as (broker, files):
        address = BrokerAddress("localhost", broker.port, tls=files, protocol=protocol)
        subscriber = reader(address, taken, acknowledge)
        await open_and_subscribe(subscriber)
        async with Publisher(address, "writer") as publisher:
            await publisher.publish_many([("a", b"x" * 2000)] * 1000)
        await eventually(lambda: len(taken) == 1000)
        await subscriber.close()

        again = reader(address, taken)
        await again.open()
        assert again.session_present
        await again.subscribe(["a"])
        await again.close()
        assert len(taken) == 1000


async def test_tls_pauses_and_goes_on(tmp_path: Path) -> None:
    """Many packets in one TLS record: what is decrypted and not read yet is delivered, also after a pause."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    taken: list[bytes] = []
    async with ScriptedBroker(tls=context) as broker:
        address = replace(broker.address, tls=Tls(tmp_path / "ca.pem"))
        subscriber = reader(address, taken, lambda _: subscriber.pause(), room=2)
        await open_and_subscribe(subscriber)
        sent = [b"%d" % n for n in range(1, 11)]
        broker.send(*(publish_packet(b"a", payload, int(payload)) for payload in sent))
        for n in range(2, 11, 2):
            await eventually(lambda n=n: taken == sent[:n])  # type: ignore[misc]
            subscriber.resume()
        await subscriber.close()


async def test_tls_without_a_certificate_of_ours(tmp_path: Path) -> None:
    """A broker that requires a certificate closes the connection, which is reported without a long wait."""
    with tls_broker(tmp_path) as (broker, files):
        address = BrokerAddress("localhost", broker.port, tls=Tls(files.ca_file))
        with pytest.raises(BrokerUnavailable) as raised:
            await reader(address, []).open()

    assert "no answer" not in str(raised.value)


async def test_tls_with_a_stranger(tmp_path: Path) -> None:
    """A broker whose certificate is not from our authority gets nothing from us."""
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    with tls_broker(tmp_path) as (broker, _):
        address = BrokerAddress("localhost", broker.port, tls=Tls(other))
        with pytest.raises(BrokerUnavailable, match="certificate verify failed"):
            await reader(address, []).open()


@pytest.mark.parametrize("protocol", ProtocolVersion)
async def test_a_wrong_password_is_reported(tmp_path: Path, protocol: ProtocolVersion) -> None:
    """The error says what to check."""
    passwords = password_file(tmp_path, "monitor", "right")
    with Mosquitto(tmp_path, f"password_file {passwords}") as broker:
        address = BrokerAddress(
            port=broker.port, username="monitor", password="wrong", protocol=protocol
        )
        with pytest.raises(BrokerUnavailable, match="check user name, password"):
            await reader(address, []).open()


async def test_a_broker_that_is_away_is_named() -> None:
    """The error says which broker, and what happened."""
    port = free_port()

    with pytest.raises(BrokerUnavailable, match=rf"127\.0\.0\.1:{port}: .*refused"):
        await reader(BrokerAddress(port=port), []).open()


async def test_a_broker_that_hangs_up_at_once_is_named() -> None:
    """The error names a broker that hangs up instead of answering CONNECT, or right after accepting it."""
    for connack in (b"", b"\x20\x02\x00\x00"):
        async with ScriptedBroker(connack=connack, hangs_up=True) as broker:
            subscriber = reader(broker.address, [])
            with pytest.raises(BrokerUnavailable, match="the broker closed the connection"):
                await open_and_subscribe(subscriber)
            await subscriber.close()


@pytest.mark.parametrize("wrong", ["a/#/b", "a+", "#a", "", "a\0"])
async def test_a_filter_that_is_none_is_a_mistake(wrong: str) -> None:
    """It is refused before anything is sent."""
    async with ScriptedBroker() as broker:
        subscriber = reader(broker.address, [])
        await subscriber.open()
        with pytest.raises(ConfigError, match="MQTT topic filters"):
            await subscriber.subscribe([wrong])
        for valid in ("a/+/b", "#", "+/#", "a//b"):
            await subscriber.subscribe([valid])
        await subscriber.close()


async def test_closing_waits_until_the_broker_has_read_everything() -> None:
    """Closing does not lose what was sent last, above all the acknowledgements."""
    taken: list[bytes] = []
    async with ScriptedBroker() as broker:
        subscriber = reader(broker.address, taken)
        await open_and_subscribe(subscriber)
        broker.send(publish_packet(b"a", b"1", 1), publish_packet(b"a", b"2", 2))
        await eventually(lambda: len(taken) == 2)
        broker.stop_reading()
        subscriber.acknowledge([1, 2])
        closing = asyncio.create_task(subscriber.close())
        await eventually(subscriber.lost.done)
        assert not closing.done()

        broker.resume_reading()

        await closing
        assert broker.acknowledged == [1, 2]


async def test_an_acknowledgement_after_the_end_is_dropped() -> None:
    """The broker sends the message again on the next connection."""
    taken: list[bytes] = []
    async with ScriptedBroker() as broker:
        subscriber = reader(broker.address, taken)
        await subscriber.open()
        broker.send(publish_packet(b"a", b"1", 1))
        await eventually(lambda: taken == [b"1"])
        broker.disconnect()
        reason = await asyncio.wait_for(subscriber.lost, PATIENCE)

        subscriber.acknowledge([1])

        assert reason == "the broker closed the connection"
        assert broker.acknowledged == []
        await subscriber.close()
