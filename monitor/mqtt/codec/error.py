"""What breaks the protocol, by whose fault it is, with the place in the stream and the clause of the standard."""

from enum import Enum

from monitor.errors import MonitorError
from monitor.mqtt.codec.version import ProtocolVersion


class Clause(Enum):
    """A rule of the standard, with its sections in MQTT 3.1.1 and in MQTT 5.0."""

    PACKET_TYPE = "2.2.1", "2.1.2"
    FLAGS = "2.2.2", "2.1.3"
    REMAINING_LENGTH = "2.2.3", "2.1.4"
    PACKET_IDENTIFIER = "2.3.1", "2.2.1"
    PROPERTIES = "-", "2.2.2"
    STRING = "1.5.3", "1.5.4"
    MAXIMUM_PACKET_SIZE = "2.2.3", "3.1.2.11.4"
    CONNECT = "3.1.0", "3.1.0"
    CLIENT_IDENTIFIER = "3.1.3.1", "3.1.3.1"
    CONNACK_FIRST = "3.2.0", "3.2.0"
    SESSION_PRESENT = "3.2.2.2", "3.2.2.1.1"
    CONNACK = "3.2", "3.2"
    QOS = "3.3.1.2", "3.3.1.2"
    TOPIC_NAME = "3.3.2.1", "3.3.2.1"
    TOPIC_ALIAS = "-", "3.3.2.3.4"
    ACKNOWLEDGEMENT = "3.4.2", "3.4.2"
    TOPIC_FILTER = "4.7", "4.7"
    SUBACK = "3.9.3", "3.9.3"
    DISCONNECT = "3.14", "3.14.2"

    def __str__(self) -> str:
        """Return its name in words."""
        return self.name.lower().replace("_", " ")

    def section(self, version: ProtocolVersion) -> str:
        """Return where the standard of this version has it."""
        earlier, later = self.value
        section = later if version is ProtocolVersion.V5 else earlier
        return f"MQTT {version.value}, section {section}"


class RemoteProtocolError(MonitorError):
    """The broker broke the protocol; the connection can't go on.

    Args:
        what: what it sent.
        clause: the rule that it broke.
        version: of the protocol on this connection.
        offset: where in the stream from the broker, in bytes since the connection began.
        code: the reason code with which MQTT 5.0 disconnects.

    """

    def __init__(
        self,
        what: str,
        clause: Clause,
        version: ProtocolVersion,
        offset: int,
        code: int = 0x81,
    ) -> None:
        self.clause = clause
        self.offset = offset
        self.code = code
        section = clause.section(version)
        super().__init__(f"the broker sent an invalid packet: {what} (byte {offset}; {section})")


class LocalProtocolError(MonitorError):
    """We would have broken the protocol; nothing was sent, and nothing has changed."""

    def __init__(self, what: str, clause: Clause, version: ProtocolVersion) -> None:
        self.clause = clause
        super().__init__(f"{what} ({clause.section(version)})")


class Malformed(Exception):
    """What `RemoteProtocolError` says, before the position in the stream is known."""

    def __init__(self, what: str, clause: Clause, at: int, code: int = 0x81) -> None:
        super().__init__(what)
        self.what = what
        self.clause = clause
        self.at = at
        self.code = code
