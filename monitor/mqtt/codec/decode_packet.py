"""Decodes one packet from a broker, given where it begins and ends (MQTT 3.1.1 and 5.0, chapter 3)."""

from collections.abc import Mapping

from monitor.mqtt.codec.error import Clause, Malformed
from monitor.mqtt.codec.packet import (
    ConnAck,
    Disconnect,
    PingResp,
    PubAck,
    PubComp,
    Publish,
    PubRec,
    PubRel,
    Received,
    SubAck,
)
from monitor.mqtt.codec.packet_type import PacketType
from monitor.mqtt.codec.property import Properties, read_properties
from monitor.mqtt.codec.version import ProtocolVersion

_PUBREL_FLAGS = 2
_QOS = frozenset({0, 1, 2})
_REFUSED = 0x80
_ACKNOWLEDGEMENTS: Mapping[
    PacketType, type[PubAck] | type[PubRec] | type[PubRel] | type[PubComp]
] = {
    PacketType.PUBACK: PubAck,
    PacketType.PUBREC: PubRec,
    PacketType.PUBREL: PubRel,
    PacketType.PUBCOMP: PubComp,
}
_PROTOCOL_ERROR = 0x82


def decode_publish(
    data: bytes,
    first: int,
    at: int,
    stop: int,
    has_properties: bool,  # noqa: FBT001 - positional, for speed: it is called for each message
) -> Publish:
    """Return a message.

    Args:
        data: the bytes.
        first: the packet's first byte.
        at: where the packet goes on behind its fixed header.
        stop: where it ends.
        has_properties: it is one of MQTT 5.0.

    Raises:
        Malformed: it is not as the standard demands.

    """
    topic = at + 2
    if topic > stop:
        raise Malformed("PUBLISH without a topic", Clause.TOPIC_NAME, at)
    payload = topic_end = topic + (data[at] << 8 | data[at + 1])
    qos, packet_id = first >> 1 & 3, 0
    properties: Properties = ()
    if qos:
        payload += 2
        if payload > stop:
            raise Malformed("PUBLISH that is cut off", Clause.TOPIC_NAME, at)
        packet_id = data[topic_end] << 8 | data[topic_end + 1]
        if not packet_id:
            raise Malformed("PUBLISH with packet id 0", Clause.PACKET_IDENTIFIER, topic_end)
        if qos == 3:  # noqa: PLR2004 - both bits
            raise Malformed("PUBLISH with QoS 3", Clause.QOS, at)
    elif payload > stop:
        raise Malformed("PUBLISH that is cut off", Clause.TOPIC_NAME, at)
    if has_properties:
        if payload < stop and not data[payload]:
            payload += 1
        else:
            properties, payload = read_properties(data, payload, stop, PacketType.PUBLISH)
        if topic == topic_end:
            # We allow no aliases, so a topic can't be left out.
            raise Malformed("PUBLISH with a topic alias", Clause.TOPIC_ALIAS, at, 0x94)
    return Publish(
        data[topic:topic_end].decode("utf-8", "backslashreplace"),
        data[payload:stop],
        qos,
        packet_id,
        first & 1 == 1,
        first & 8 == 8,  # noqa: PLR2004 - the DUP flag
        properties,
    )


def decode_packet(
    data: bytes, first: int, at: int, stop: int, version: ProtocolVersion
) -> Received:
    """Return a packet that is no message; the arguments are those of `decode_publish`.

    Raises:
        Malformed: it is not as the standard demands, or a broker must not send it.

    """
    kind, flags = first >> 4, first & 0xF
    has_properties = version is ProtocolVersion.V5
    if kind == 0:
        raise Malformed("a packet of type 0", Clause.PACKET_TYPE, at)
    packet = PacketType(kind)
    if flags != (_PUBREL_FLAGS if packet is PacketType.PUBREL else 0):
        raise Malformed(f"{packet.name} with flags 0x{flags:x}", Clause.FLAGS, at)
    if packet in _ACKNOWLEDGEMENTS:
        return _acknowledgement(packet, data, at, stop, has_properties=has_properties)
    match packet:
        case PacketType.CONNACK:
            return _connack(data, at, stop, has_properties=has_properties)
        case PacketType.SUBACK:
            return _suback(data, at, stop, has_properties=has_properties)
        case PacketType.PINGRESP:
            _expect_end(packet, at, stop)
            return PingResp()
        case PacketType.DISCONNECT if has_properties:
            return _disconnect(data, at, stop)
        case _:
            what = f"{packet.name}, which a subscriber does not get"
            raise Malformed(what, Clause.PACKET_TYPE, at, _PROTOCOL_ERROR)


def _connack(data: bytes, at: int, stop: int, *, has_properties: bool) -> ConnAck:
    if stop - at < 2:  # noqa: PLR2004 - flags and code
        raise Malformed("CONNACK that is cut off", Clause.CONNACK, at)
    flags, code = data[at], data[at + 1]
    if flags > 1 or (flags and code):
        what = f"CONNACK with flags 0x{flags:x} and code {code}"
        raise Malformed(what, Clause.SESSION_PRESENT, at)
    properties: Properties = ()
    end = at + 2
    # A broker that does not know MQTT 5.0 refuses it in the form of its own version: without properties.
    if has_properties and (end < stop or not code):
        properties, end = read_properties(data, end, stop, PacketType.CONNACK)
    _expect_end(PacketType.CONNACK, end, stop)
    return ConnAck(flags == 1, code, properties)


def _acknowledgement(
    packet: PacketType, data: bytes, at: int, stop: int, *, has_properties: bool
) -> PubAck | PubRec | PubRel | PubComp:
    packet_id, end = _packet_id(packet, data, at, stop)
    code = 0
    properties: Properties = ()
    if has_properties and end < stop:
        code = data[end]
        end += 1
        if end < stop:
            properties, end = read_properties(data, end, stop, packet)
    _expect_end(packet, end, stop)
    return _ACKNOWLEDGEMENTS[packet](packet_id, code, properties)


def _suback(data: bytes, at: int, stop: int, *, has_properties: bool) -> SubAck:
    packet_id, end = _packet_id(PacketType.SUBACK, data, at, stop)
    properties: Properties = ()
    if has_properties:
        properties, end = read_properties(data, end, stop, PacketType.SUBACK)
    codes = tuple(data[end:stop])
    if not codes:
        raise Malformed("SUBACK without a code", Clause.SUBACK, at)
    if wrong := [code for code in codes if code < _REFUSED and code not in _QOS]:
        raise Malformed(f"SUBACK with code 0x{wrong[0]:02x}", Clause.SUBACK, end)
    return SubAck(packet_id, codes, properties)


def _disconnect(data: bytes, at: int, stop: int) -> Disconnect:
    code, end = 0, at
    properties: Properties = ()
    if end < stop:
        code = data[end]
        end += 1
        if end < stop:
            properties, end = read_properties(data, end, stop, PacketType.DISCONNECT)
    _expect_end(PacketType.DISCONNECT, end, stop)
    return Disconnect(code, properties)


def _packet_id(packet: PacketType, data: bytes, at: int, stop: int) -> tuple[int, int]:
    end = at + 2
    if end > stop:
        raise Malformed(f"{packet.name} that is cut off", Clause.ACKNOWLEDGEMENT, at)
    packet_id = int.from_bytes(data[at:end])
    if not packet_id:
        raise Malformed(f"{packet.name} with packet id 0", Clause.PACKET_IDENTIFIER, at)
    return packet_id, end


def _expect_end(packet: PacketType, end: int, stop: int) -> None:
    if end != stop:
        raise Malformed(f"{packet.name} with bytes behind its end", Clause.REMAINING_LENGTH, end)
