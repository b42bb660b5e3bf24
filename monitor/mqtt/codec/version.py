"""The versions of MQTT."""

from enum import Enum


class ProtocolVersion(Enum):
    """A version of MQTT, as people write it."""

    V3_1_1 = "3.1.1"
    V5 = "5"

    @property
    def level(self) -> int:
        """The protocol level in CONNECT (MQTT 3.1.1, 3.1.2.2; MQTT 5.0, 3.1.2.2)."""
        return 5 if self is ProtocolVersion.V5 else 4
