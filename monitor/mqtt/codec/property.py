"""The properties of MQTT 5.0 (section 2.2.2): their types, and the packets in which they may be."""

from collections.abc import Iterator
from enum import Enum
from typing import TypeAlias

from monitor.mqtt.codec.error import Clause, Malformed
from monitor.mqtt.codec.integer import read_integer, write_integer
from monitor.mqtt.codec.packet_type import PacketType

Value: TypeAlias = int | str | bytes | tuple[str, str]

LONGEST = 0xFFFF
"""Bytes of a string or of binary data."""
_ACKNOWLEDGEMENTS = (
    PacketType.PUBACK,
    PacketType.PUBREC,
    PacketType.PUBREL,
    PacketType.PUBCOMP,
    PacketType.SUBACK,
)


class Format(Enum):
    """How a value is written."""

    BYTE = 1
    TWO_BYTES = 2
    FOUR_BYTES = 4
    VARIABLE = "variable byte integer"
    TEXT = "UTF-8 string"
    BINARY = "binary data"
    PAIR = "UTF-8 string pair"


class Property(Enum):
    """A property: its identifier, its format, and the packets in which it may be."""

    PAYLOAD_FORMAT = 0x01, Format.BYTE, PacketType.PUBLISH
    MESSAGE_EXPIRY = 0x02, Format.FOUR_BYTES, PacketType.PUBLISH
    CONTENT_TYPE = 0x03, Format.TEXT, PacketType.PUBLISH
    RESPONSE_TOPIC = 0x08, Format.TEXT, PacketType.PUBLISH
    CORRELATION_DATA = 0x09, Format.BINARY, PacketType.PUBLISH
    SUBSCRIPTION_ID = 0x0B, Format.VARIABLE, PacketType.PUBLISH, PacketType.SUBSCRIBE
    SESSION_EXPIRY = (
        0x11,
        Format.FOUR_BYTES,
        PacketType.CONNECT,
        PacketType.CONNACK,
        PacketType.DISCONNECT,
    )
    ASSIGNED_CLIENT_ID = 0x12, Format.TEXT, PacketType.CONNACK
    SERVER_KEEPALIVE = 0x13, Format.TWO_BYTES, PacketType.CONNACK
    AUTHENTICATION_METHOD = 0x15, Format.TEXT, PacketType.CONNECT, PacketType.CONNACK
    AUTHENTICATION_DATA = 0x16, Format.BINARY, PacketType.CONNECT, PacketType.CONNACK
    REQUEST_PROBLEM_INFORMATION = 0x17, Format.BYTE, PacketType.CONNECT
    REQUEST_RESPONSE_INFORMATION = 0x19, Format.BYTE, PacketType.CONNECT
    RESPONSE_INFORMATION = 0x1A, Format.TEXT, PacketType.CONNACK
    SERVER_REFERENCE = 0x1C, Format.TEXT, PacketType.CONNACK, PacketType.DISCONNECT
    REASON_STRING = (
        0x1F,
        Format.TEXT,
        PacketType.CONNACK,
        PacketType.DISCONNECT,
        *_ACKNOWLEDGEMENTS,
    )
    RECEIVE_MAXIMUM = 0x21, Format.TWO_BYTES, PacketType.CONNECT, PacketType.CONNACK
    TOPIC_ALIAS_MAXIMUM = 0x22, Format.TWO_BYTES, PacketType.CONNECT, PacketType.CONNACK
    TOPIC_ALIAS = 0x23, Format.TWO_BYTES, PacketType.PUBLISH
    MAXIMUM_QOS = 0x24, Format.BYTE, PacketType.CONNACK
    RETAIN_AVAILABLE = 0x25, Format.BYTE, PacketType.CONNACK
    USER = 0x26, Format.PAIR, *PacketType
    MAXIMUM_PACKET_SIZE = 0x27, Format.FOUR_BYTES, PacketType.CONNECT, PacketType.CONNACK
    WILDCARDS_AVAILABLE = 0x28, Format.BYTE, PacketType.CONNACK
    SUBSCRIPTION_IDS_AVAILABLE = 0x29, Format.BYTE, PacketType.CONNACK
    SHARED_SUBSCRIPTIONS_AVAILABLE = 0x2A, Format.BYTE, PacketType.CONNACK

    def __init__(self, identifier: int, written: Format, *packets: PacketType) -> None:
        self.identifier = identifier
        self.written = written
        self.packets = frozenset(packets)


Properties: TypeAlias = tuple[tuple[Property, Value], ...]
"""The properties of a packet, in the order in which they were sent."""

_BY_IDENTIFIER = {each.identifier: each for each in Property}
_REPEATABLE = frozenset({Property.USER, Property.SUBSCRIPTION_ID})
_FLAGS = frozenset(each for each in Property if each.written is Format.BYTE)
_NOT_ZERO = frozenset(
    {Property.RECEIVE_MAXIMUM, Property.MAXIMUM_PACKET_SIZE, Property.SUBSCRIPTION_ID}
)


def number(properties: Properties, wanted: Property) -> int | None:
    """Return the value of a property that is a number; ``None`` if it was not sent."""
    for name, value in properties:
        if name is wanted and isinstance(value, int):
            return value
    return None


def read_properties(data: bytes, at: int, stop: int, packet: PacketType) -> tuple[Properties, int]:
    """Return the properties from a position on, and the position behind them.

    Raises:
        Malformed: they are not as the standard demands.

    """
    length, at = read_integer(data, at, stop, Clause.PROPERTIES)
    end = at + length
    if end > stop:
        raise Malformed("properties longer than their packet", Clause.PROPERTIES, at)
    found: list[tuple[Property, Value]] = []
    seen: set[Property] = set()
    while at < end:
        began = at
        identifier, at = read_integer(data, at, end, Clause.PROPERTIES)
        known = _BY_IDENTIFIER.get(identifier)
        if known is None or packet not in known.packets:
            what = f"property 0x{identifier:02x} in {packet.name}"
            raise Malformed(what, Clause.PROPERTIES, began)
        if known in seen and known not in _REPEATABLE:
            what = f"property 0x{identifier:02x} twice"
            raise Malformed(what, Clause.PROPERTIES, began)
        seen.add(known)
        value, at = _read(data, at, end, known.written)
        if (known in _FLAGS and value not in (0, 1)) or (known in _NOT_ZERO and not value):
            what = f"property 0x{identifier:02x} with the value {value!r}"
            raise Malformed(what, Clause.PROPERTIES, began)
        found.append((known, value))
    return tuple(found), at


def write_properties(properties: Properties) -> bytes:
    """Return the properties with their length in front."""
    body = b"".join(_write(properties))
    return write_integer(len(body)) + body


def read_text(data: bytes, at: int, end: int) -> tuple[str, int]:
    r"""Return a text from a position on, and the position behind it; bytes that are not UTF-8 become ``\xff``.

    Raises:
        Malformed: it is longer than its packet.

    """
    content, at = _read_binary(data, at, end)
    return content.decode("utf-8", "backslashreplace"), at


def write_text(text: str) -> bytes:
    """Return a text with its length in front.

    Raises:
        ValueError: it is longer than 65,535 bytes, or holds a surrogate.

    """
    return write_binary(text.encode())


def write_binary(content: bytes) -> bytes:
    """Return bytes with their length in front.

    Raises:
        ValueError: there are more than 65,535 of them.

    """
    if len(content) > LONGEST:
        raise ValueError(f"{len(content)} bytes where MQTT has room for {LONGEST}")
    return len(content).to_bytes(2) + content


def _read(data: bytes, at: int, end: int, written: Format) -> tuple[Value, int]:
    match written:
        case Format.BYTE | Format.TWO_BYTES | Format.FOUR_BYTES:
            stop = at + written.value
            if stop > end:
                raise Malformed("a property that is cut off", Clause.PROPERTIES, at)
            return int.from_bytes(data[at:stop]), stop
        case Format.VARIABLE:
            return read_integer(data, at, end, Clause.PROPERTIES)
        case Format.TEXT:
            return read_text(data, at, end)
        case Format.BINARY:
            return _read_binary(data, at, end)
        case Format.PAIR:
            name, at = read_text(data, at, end)
            value, at = read_text(data, at, end)
            return (name, value), at


def _read_binary(data: bytes, at: int, end: int) -> tuple[bytes, int]:
    start = at + 2
    stop = start + int.from_bytes(data[at:start])
    if start > end or stop > end:
        raise Malformed("a string longer than its packet", Clause.STRING, at)
    return data[start:stop], stop


def _write(properties: Properties) -> Iterator[bytes]:
    for each, value in properties:
        yield write_integer(each.identifier)
        match value:
            case str():
                yield write_text(value)
            case bytes():
                yield write_binary(value)
            case (first, second):
                yield write_text(first) + write_text(second)
            case int() if isinstance(each.written.value, int):
                yield value.to_bytes(each.written.value)
            case int():
                yield write_integer(value)
