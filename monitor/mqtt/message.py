"""What goes over the broker: a message that came, and the last will that may go."""

from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct


class Message(Struct, frozen=True, gc=False):
    """Bytes from the broker."""

    topic: str
    r"""Bytes that are no UTF-8 are shown as ``\xff``."""
    payload: bytes
    retained: bool
    """The broker had kept it: it tells a state, not news."""
    received_at: datetime
    token: int = 0
    """What acknowledges it: the connection it came by and its packet id there."""


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker publishes, retained, when our connection breaks without a goodbye."""

    topic: str
    payload: bytes
