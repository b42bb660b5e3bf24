"""What a broker must not send is refused, with the byte and the clause; harmless flaws are accepted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.mqtt.codec import Decoder, ProtocolVersion, Publish, Received, RemoteProtocolError
from monitor.mqtt.codec.error import Clause

OLD, NEW = ProtocolVersion.V3_1_1, ProtocolVersion.V5
PINGRESP = b"\xd0\x00"
LARGEST = 100


def packets(stream: bytes, version: ProtocolVersion, most: int = 1000) -> list[Received]:
    """All packets of a stream."""
    decoder, found = Decoder(version, LARGEST), []
    decoder.receive(stream)
    while more := decoder.packets(most):
        found += more
    return found


@pytest.mark.parametrize(
    ("invalid", "version", "clause", "offset"),
    [
        (b"\x30\x80\x80\x80\x80\x01", OLD, Clause.REMAINING_LENGTH, 1),
        (b"\x30\xff\xff\xff\xff", NEW, Clause.REMAINING_LENGTH, 1),
        (b"\x00\x00", OLD, Clause.PACKET_TYPE, 2),
        (b"\x10\x00", OLD, Clause.PACKET_TYPE, 2),
        (b"\xe0\x00", OLD, Clause.PACKET_TYPE, 2),
        (b"\xf0\x00", NEW, Clause.PACKET_TYPE, 2),
        (b"\x41\x02\x00\x01", OLD, Clause.FLAGS, 2),
        (b"\x60\x02\x00\x01", OLD, Clause.FLAGS, 2),
        (b"\x30\x01\x00", OLD, Clause.TOPIC_NAME, 2),
        (b"\x30\x02\x00\x09", OLD, Clause.TOPIC_NAME, 2),
        (b"\x32\x03\x00\x01a", OLD, Clause.TOPIC_NAME, 2),
        (b"\x32\x05\x00\x01a\x00\x00", OLD, Clause.PACKET_IDENTIFIER, 5),
        (b"\x36\x05\x00\x01a\x00\x01", OLD, Clause.QOS, 2),
        (b"\x30\x04\x00\x00\x00x", NEW, Clause.TOPIC_ALIAS, 2),
        (b"\x30\x03\x00\x01a", NEW, Clause.PROPERTIES, 5),
        (b"\x30\x05\x00\x01a\x02\x7f", NEW, Clause.PROPERTIES, 6),
        (b"\x30\x06\x00\x01a\x02\x7f\x00", NEW, Clause.PROPERTIES, 6),
        (b"\x30\x08\x00\x01a\x04\x01\x00\x01\x00", NEW, Clause.PROPERTIES, 8),
        (b"\x30\x06\x00\x01a\x02\x01\x02", NEW, Clause.PROPERTIES, 6),
        (b"\x30\x06\x00\x01a\x02\x02\x00", NEW, Clause.PROPERTIES, 7),
        (b"\x30\x08\x00\x01a\x04\x03\x00\x09x", NEW, Clause.STRING, 7),
        (b"\x20\x01\x00", OLD, Clause.CONNACK, 2),
        (b"\x20\x02\x02\x00", OLD, Clause.SESSION_PRESENT, 2),
        (b"\x20\x02\x01\x05", OLD, Clause.SESSION_PRESENT, 2),
        (b"\x20\x03\x00\x00\x00", OLD, Clause.REMAINING_LENGTH, 4),
        (b"\x20\x06\x00\x00\x03\x21\x00\x00", NEW, Clause.PROPERTIES, 5),
        (b"\x40\x01\x00", OLD, Clause.ACKNOWLEDGEMENT, 2),
        (b"\x40\x02\x00\x00", OLD, Clause.PACKET_IDENTIFIER, 2),
        (b"\x40\x03\x00\x01\x00", OLD, Clause.REMAINING_LENGTH, 4),
        (b"\x90\x02\x00\x01", OLD, Clause.SUBACK, 2),
        (b"\x90\x03\x00\x01\x03", OLD, Clause.SUBACK, 4),
        (b"\xd0\x01\x00", OLD, Clause.REMAINING_LENGTH, 2),
        (b"\xe0\x03\x00\x00\x00", NEW, Clause.REMAINING_LENGTH, 4),
        (b"\x90\x65" + b"\x00" * 0x65, OLD, Clause.MAXIMUM_PACKET_SIZE, 0),
    ],
)
def test_what_is_invalid_is_refused(
    invalid: bytes, version: ProtocolVersion, clause: Clause, offset: int
) -> None:
    """The error is the broker's, names byte and clause, and comes after what was valid; nothing is read behind it."""
    decoder = Decoder(version, LARGEST)
    decoder.receive(PINGRESP + invalid + PINGRESP)
    assert len(decoder.packets(1000)) == 1

    for _ in range(2):
        with pytest.raises(RemoteProtocolError) as caught:
            decoder.packets(1000)
        assert (caught.value.clause, caught.value.offset) == (clause, len(PINGRESP) + offset)
        place = f"(byte {len(PINGRESP) + offset}; {clause.section(version)})"
        assert place in str(caught.value)


def test_messages_before_an_invalid_packet_are_kept() -> None:
    """What was decoded before the error is returned, in one list, and the error follows."""
    decoder = Decoder(OLD)
    decoder.receive(b"\x30\x04\x00\x01a1\x30\x04\x00\x01a2\x30\x01\x00")

    assert [each.payload for each in decoder.packets(9) if isinstance(each, Publish)] == [
        b"1",
        b"2",
    ]
    with pytest.raises(RemoteProtocolError, match=r"byte 14; MQTT 3\.1\.1, section 3\.3\.2\.1"):
        decoder.packets(9)


def test_no_more_packets_than_asked_for() -> None:
    """The rest waits, however much has arrived."""
    decoder = Decoder(OLD)
    decoder.receive(b"\x30\x03\x00\x01a" * 10)

    assert [len(decoder.packets(4)) for _ in range(4)] == [4, 4, 2, 0]


@pytest.mark.parametrize(
    ("flawed", "topic"),
    [
        (b"\x30\x04\x00\x02a\xff", r"a\xff"),
        (b"\x30\x04\x00\x02+#", "+#"),
        (b"\x38\x03\x00\x01a", "a"),
    ],
)
def test_harmless_flaws_are_accepted(flawed: bytes, topic: str) -> None:
    """A broker would send such a message again at every connection, and nothing else would get through."""
    (message,) = packets(flawed, OLD)

    assert isinstance(message, Publish)
    assert message.topic == topic


def test_an_old_broker_refuses_in_its_own_version() -> None:
    """Who does not know MQTT 5.0 answers in the form of 3.1.1."""
    (refused,) = packets(b"\x20\x02\x00\x01", NEW)

    assert refused.code == 1  # type: ignore[union-attr]


@pytest.mark.parametrize("pieces", [1, 7, 5000])
def test_a_message_that_is_too_large_is_cut_off(pieces: int) -> None:
    """Its first bytes arrive, and the next packets as ever, also if it comes in pieces; memory stays small."""
    large = b"\x32\x94\x23\x00\x01a\x00\x09" + b"x" * 4495
    stream = b"\x30\x04\x00\x01a1" + large + b"\x30\x04\x00\x01a2\xd0"
    decoder, found = Decoder(OLD, LARGEST), []
    for start in range(0, len(stream), pieces):
        decoder.receive(stream[start : start + pieces])
        found += decoder.packets(9)
    decoder.receive(b"\x01\x00")

    payloads = [each.payload for each in found if isinstance(each, Publish)]
    assert payloads == [b"1", b"x" * (LARGEST - 5), b"2"]
    with pytest.raises(RemoteProtocolError) as caught:
        decoder.packets(9)
    assert caught.value.offset == len(stream) + 1


@pytest.mark.parametrize("version", ProtocolVersion)
@given(stream=st.binary(max_size=60), split=st.integers(0, 60))
def test_any_bytes(version: ProtocolVersion, stream: bytes, split: int) -> None:
    """Whatever bytes arrive, in whatever pieces, they are packets or one error of the broker at one place."""

    def outcome(*pieces: bytes) -> tuple[list[Received], int | None]:
        decoder, found = Decoder(version, LARGEST), []
        for piece in pieces:
            decoder.receive(piece)
            try:
                while more := decoder.packets(3):
                    found += more
            except RemoteProtocolError as error:
                return found, error.offset
        return found, None

    assert outcome(stream) == outcome(stream[:split], stream[split:])
