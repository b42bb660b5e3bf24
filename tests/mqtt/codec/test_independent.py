"""Round trips between our codec and another author's, mqtt-packet, on random packets in any pieces."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.mqtt.codec import Decoder, ProtocolVersion, Received, encode
from tests.support.node_programs import IndependentCodec
from tests.support.packets import named, received, sent

MANY = 1_000_000


@pytest.fixture(scope="module")
def other() -> Iterator[IndependentCodec]:
    """The other codec."""
    with IndependentCodec() as codec:
        yield codec


def decoded(decoder: Decoder) -> list[Received]:
    """Everything that is complete."""
    found: list[Received] = []
    while more := decoder.packets(MANY):
        found += more
    return found


def within(expected: Any, found: Any) -> bool:  # noqa: ANN401 - as in JSON
    """Whether everything expected is found; the other codec adds what is implied."""
    match expected, found:
        case dict(), dict():
            return all(key in found and within(row, found[key]) for key, row in expected.items())
        case list(), list():
            return len(expected) == len(found) and all(map(within, expected, found))
        case _:
            return bool(expected == found)


@pytest.mark.parametrize("version", ProtocolVersion)
@given(given_packets=st.data())
def test_what_others_encode_is_decoded(
    other: IndependentCodec, version: ProtocolVersion, given_packets: st.DataObject
) -> None:
    """Packets of a broker that another codec wrote are read as they were meant, wherever the stream is split."""
    packets = given_packets.draw(st.lists(received(version), min_size=1, max_size=4))
    stream = b"".join(other.encode(named(each, version), version.level) for each in packets)
    whole = Decoder(version)
    whole.receive(stream)

    assert decoded(whole) == packets
    for split in range(1, min(len(stream), 400)):
        decoder = Decoder(version)
        decoder.receive(stream[:split])
        first = decoded(decoder)
        decoder.receive(stream[split:])
        assert first + decoded(decoder) == packets
    decoder, found = Decoder(version), []
    for n in range(min(len(stream), 2000)):  # every byte on its own
        decoder.receive(stream[n : n + 1])
        found += decoded(decoder)
    decoder.receive(stream[2000:])
    assert found + decoded(decoder) == packets


@pytest.mark.parametrize("version", ProtocolVersion)
@given(given_packet=st.data())
def test_others_decode_what_we_encode(
    other: IndependentCodec, version: ProtocolVersion, given_packet: st.DataObject
) -> None:
    """Another codec reads every packet that a subscriber sends as it was meant."""
    packet = given_packet.draw(sent(version))

    found = other.decode(encode(packet, version), version.level)

    assert within(named(packet, version), found)
