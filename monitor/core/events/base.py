"""What every event carries, and what those at a point, of a device and of a zone have in common."""

from typing import Annotated

from msgspec import Meta, Struct

from monitor.core.events.vocabulary import Name, When


class Said(Struct, frozen=True, kw_only=True, tag_field="type", gc=False):
    """What every event carries.

    No event leads back to itself, so the garbage collector need not look at them: each look stops the line.
    """

    at: When
    """When it happened, by the sender's clock."""
    id: Annotated[str, Meta(max_length=128)] = ""
    """The sender's own number for it, if it has one: the same event sent twice carries the same id."""
    replay: bool = False
    """Sent again from a device's memory: it brings the picture up to date and is not news."""
    raw: Annotated[str, Meta(max_length=256)] = ""
    """The vendor's own word, where translating lost something."""
    source_seq: Annotated[int, Meta(ge=0, le=2**53 - 1)] | None = None
    """The sender's count of what it has said, each one more than the last: a number that never comes was lost."""
    counter: Annotated[str, Meta(max_length=128)] = ""
    """Who counts, where it isn't ``device``: the controller of several readers."""


class AtPoint(Said, frozen=True, kw_only=True):
    """Something at an access point."""

    point: Name
    device: Annotated[str, Meta(max_length=128)] = ""
    """The reader or controller that said so, if it is known."""


class OfDevice(Said, frozen=True, kw_only=True):
    """Something about a device."""

    device: Name


class OfZone(Said, frozen=True, kw_only=True):
    """Something about a zone."""

    zone: Name
