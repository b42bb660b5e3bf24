"""The control packets that a subscriber sends and receives (MQTT 3.1.1 and 5.0, chapter 3)."""

from typing import TypeAlias

from msgspec import Struct

from monitor.mqtt.codec.property import Properties


class Connect(Struct, frozen=True, kw_only=True):
    """Asks for a session; the first packet that a client sends."""

    client_id: str
    clean: bool
    """Begin a new session, and forget one that is there."""
    keepalive: int
    """Seconds; 0: none."""
    username: str | None = None
    password: str | None = None
    will_topic: str = ""
    """Empty: no last will."""
    will_payload: bytes = b""
    properties: Properties = ()


class ConnAck(Struct, frozen=True):
    """The broker's answer to CONNECT."""

    session_present: bool
    code: int
    """0: accepted; in MQTT 3.1.1 a return code, in MQTT 5.0 a reason code."""
    properties: Properties = ()


class Publish(Struct, frozen=True, gc=False):
    """A message, in either direction."""

    topic: str
    r"""Bytes that are not UTF-8 are written as ``\xff``."""
    payload: bytes
    qos: int
    packet_id: int
    """0 with QoS 0."""
    retain: bool
    dup: bool = False
    """It may have been sent before."""
    properties: Properties = ()


class PubAck(Struct, frozen=True):
    """Acknowledges a message of QoS 1."""

    packet_id: int
    code: int = 0
    properties: Properties = ()


class PubRec(Struct, frozen=True):
    """Acknowledges a message of QoS 2: the first of three steps."""

    packet_id: int
    code: int = 0
    properties: Properties = ()


class PubRel(Struct, frozen=True):
    """Releases the packet id of a message of QoS 2: the second step."""

    packet_id: int
    code: int = 0
    properties: Properties = ()


class PubComp(Struct, frozen=True):
    """Confirms the release of a packet id: the third step."""

    packet_id: int
    code: int = 0
    properties: Properties = ()


class Subscribe(Struct, frozen=True):
    """Asks for the messages of topic filters."""

    packet_id: int
    filters: tuple[str, ...]
    qos: int
    """The highest QoS that is wanted."""
    properties: Properties = ()


class SubAck(Struct, frozen=True):
    """The broker's answer to SUBSCRIBE."""

    packet_id: int
    codes: tuple[int, ...]
    """For each filter the granted QoS, or from 0x80 on why it was refused."""
    properties: Properties = ()


class PingReq(Struct, frozen=True):
    """Asks whether the broker is there."""


class PingResp(Struct, frozen=True):
    """It is."""


class Disconnect(Struct, frozen=True):
    """The last packet of a connection; a broker sends it in MQTT 5.0 only."""

    code: int = 0
    properties: Properties = ()


Received: TypeAlias = (
    ConnAck | Publish | PubAck | PubRec | PubRel | PubComp | SubAck | PingResp | Disconnect
)
"""What a broker sends to a subscriber."""
Sent: TypeAlias = Connect | Publish | PubAck | PubRec | PubComp | Subscribe | PingReq | Disconnect
"""What a subscriber sends to a broker."""
