"""The phases of a connection, and which packet leads from one to the next: everything that MQTT allows a subscriber."""

from collections.abc import Mapping
from enum import Enum


class Phase(Enum):
    """How far a connection has come."""

    NEW = "new"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    CLOSED = "closed"


class Step(Enum):
    """A packet that is sent or received, as far as phases depend on it."""

    SEND_CONNECT = "we send CONNECT"
    SEND_REQUEST = "we send SUBSCRIBE, PUBLISH or PINGREQ"
    SEND_ACKNOWLEDGEMENT = "we send PUBACK, PUBREC or PUBCOMP"
    SEND_DISCONNECT = "we send DISCONNECT"
    ACCEPTED = "CONNACK with code 0"
    REFUSED = "CONNACK with another code"
    MESSAGE = "PUBLISH, or PUBREL"
    ANSWER = "SUBACK, PUBACK or PINGRESP"
    DISCONNECTED = "DISCONNECT (MQTT 5.0)"
    UNASKED = "PUBREC or PUBCOMP, which answer a QoS that we do not publish with"


TRANSITIONS: Mapping[tuple[Phase, Step], Phase] = {
    (Phase.NEW, Step.SEND_CONNECT): Phase.CONNECTING,
    (Phase.CONNECTING, Step.ACCEPTED): Phase.CONNECTED,
    (Phase.CONNECTING, Step.REFUSED): Phase.CLOSED,
    (Phase.CONNECTED, Step.SEND_REQUEST): Phase.CONNECTED,
    (Phase.CONNECTED, Step.SEND_ACKNOWLEDGEMENT): Phase.CONNECTED,
    (Phase.CONNECTED, Step.MESSAGE): Phase.CONNECTED,
    (Phase.CONNECTED, Step.ANSWER): Phase.CONNECTED,
    (Phase.CONNECTED, Step.SEND_DISCONNECT): Phase.CLOSED,
    (Phase.CONNECTED, Step.DISCONNECTED): Phase.CLOSED,
}
"""What is not here breaks the protocol, by the fault of whoever sends it."""
