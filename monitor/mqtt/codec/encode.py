"""Encodes what a subscriber sends (MQTT 3.1.1 and 5.0, chapter 3)."""

from collections.abc import Mapping
from typing import assert_never

from monitor.mqtt.codec.integer import write_integer
from monitor.mqtt.codec.packet import (
    Connect,
    Disconnect,
    PingReq,
    PubAck,
    PubComp,
    Publish,
    PubRec,
    Sent,
    Subscribe,
)
from monitor.mqtt.codec.packet_type import PacketType
from monitor.mqtt.codec.property import Properties, write_binary, write_properties, write_text
from monitor.mqtt.codec.version import ProtocolVersion

_ACKNOWLEDGEMENTS: Mapping[type[Sent], PacketType] = {
    PubAck: PacketType.PUBACK,
    PubRec: PacketType.PUBREC,
    PubComp: PacketType.PUBCOMP,
}
_SUBSCRIBE_FLAGS = 2
_CLEAN = 0x02
_WILL = 0x04 | 0x08 | 0x20
"""A last will with QoS 1, retained."""
_PASSWORD = 0x40
_USERNAME = 0x80


def encode(packet: Sent, version: ProtocolVersion) -> bytes:
    """Return the bytes of a packet; properties are left out in MQTT 3.1.1.

    Raises:
        ValueError: a text or the whole is longer than MQTT allows.

    """
    match packet:
        case Connect():
            return _framed(PacketType.CONNECT, 0, _connect(packet, version))
        case Publish():
            return _framed(PacketType.PUBLISH, *_publish(packet, version))
        case PubAck() | PubRec() | PubComp():
            body = packet.packet_id.to_bytes(2) + _reason(packet, version)
            return _framed(_ACKNOWLEDGEMENTS[type(packet)], 0, body)
        case Subscribe():
            return _framed(PacketType.SUBSCRIBE, _SUBSCRIBE_FLAGS, _subscribe(packet, version))
        case PingReq():
            return _framed(PacketType.PINGREQ, 0, b"")
        case Disconnect():
            return _framed(PacketType.DISCONNECT, 0, _reason(packet, version))
        case _:
            assert_never(packet)


def _framed(packet: PacketType, flags: int, body: bytes) -> bytes:
    return bytes([packet << 4 | flags]) + write_integer(len(body)) + body


def _properties(properties: Properties, version: ProtocolVersion) -> bytes:
    return write_properties(properties) if version is ProtocolVersion.V5 else b""


def _connect(packet: Connect, version: ProtocolVersion) -> bytes:
    flags = _CLEAN if packet.clean else 0
    payload = write_text(packet.client_id)
    if packet.will_topic:
        flags |= _WILL
        payload += _properties((), version)
        payload += write_text(packet.will_topic) + write_binary(packet.will_payload)
    if packet.username is not None:
        flags |= _USERNAME
        payload += write_text(packet.username)
    if packet.password is not None:
        flags |= _PASSWORD
        payload += write_binary(packet.password.encode())
    head = write_text("MQTT") + bytes([version.level, flags]) + packet.keepalive.to_bytes(2)
    return head + _properties(packet.properties, version) + payload


def _publish(packet: Publish, version: ProtocolVersion) -> tuple[int, bytes]:
    flags = packet.dup << 3 | packet.qos << 1 | packet.retain
    packet_id = packet.packet_id.to_bytes(2) if packet.qos else b""
    properties = _properties(packet.properties, version)
    return flags, write_text(packet.topic) + packet_id + properties + packet.payload


def _subscribe(packet: Subscribe, version: ProtocolVersion) -> bytes:
    qos = bytes([packet.qos])
    filters = b"".join(write_text(each) + qos for each in packet.filters)
    return packet.packet_id.to_bytes(2) + _properties(packet.properties, version) + filters


def _reason(packet: PubAck | PubRec | PubComp | Disconnect, version: ProtocolVersion) -> bytes:
    """Return the reason code and the properties; both are left out where the standard allows it."""
    if version is ProtocolVersion.V5 and (packet.code or packet.properties):
        return bytes([packet.code]) + write_properties(packet.properties)
    return b""
