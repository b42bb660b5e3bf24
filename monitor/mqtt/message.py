"""Messages that pass through the broker."""

from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct


class Message(Struct, frozen=True, gc=False):
    """A message as received from the broker."""

    topic: str
    r"""Bytes that are not UTF-8 are written as ``\xff``."""
    payload: bytes
    retained: bool
    """The broker had kept it: it is a state, not a live event."""
    received_at: datetime
    token: int = 0
    """Identifies it for the acknowledgement: its connection and its packet id there."""


@dataclass(frozen=True, slots=True)
class Will:
    """The last will: published by the broker, retained, when our connection ends without DISCONNECT."""

    topic: str
    payload: bytes
