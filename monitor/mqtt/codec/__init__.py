"""The packets of MQTT 3.1.1 and 5.0 as a subscriber needs them: bytes to packets and back, without a connection."""

from monitor.mqtt.codec.decode import Decoder
from monitor.mqtt.codec.encode import encode
from monitor.mqtt.codec.error import LocalProtocolError, RemoteProtocolError
from monitor.mqtt.codec.packet import (
    ConnAck,
    Connect,
    Disconnect,
    PingReq,
    PingResp,
    PubAck,
    PubComp,
    Publish,
    PubRec,
    PubRel,
    Received,
    Sent,
    SubAck,
    Subscribe,
)
from monitor.mqtt.codec.property import Properties, Property
from monitor.mqtt.codec.version import ProtocolVersion

__all__ = [
    "ConnAck",
    "Connect",
    "Decoder",
    "Disconnect",
    "LocalProtocolError",
    "PingReq",
    "PingResp",
    "Properties",
    "Property",
    "ProtocolVersion",
    "PubAck",
    "PubComp",
    "PubRec",
    "PubRel",
    "Publish",
    "Received",
    "RemoteProtocolError",
    "Sent",
    "SubAck",
    "Subscribe",
    "encode",
]
