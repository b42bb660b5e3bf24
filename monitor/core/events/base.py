"""The fields of every event, and of those at an access point, of a device and of a zone."""

from typing import Annotated

from msgspec import Meta, Struct

from monitor.core.events.vocabulary import Name, When


class Event(
    Struct, frozen=True, kw_only=True, tag_field="type", gc=False, forbid_unknown_fields=True
):
    """The fields of every event.

    No event refers back to itself, so the garbage collector skips them: each of its runs stops the pipeline.

    A key that an event does not have ends its decoding; `monitor.core.decode` then reads the message without it. What
    earlier versions wrote into journals and snapshots is read as it is: a field may be added, and is never removed.
    """

    at: When
    """When it happened, by the sender's clock."""
    id: Annotated[str, Meta(max_length=128)] = ""
    """The sender's own id for it, if it has one: the same event sent twice carries the same id."""
    replay: bool = False
    """Sent again from a device's memory: it updates the state without raising alerts."""
    raw: Annotated[str, Meta(max_length=256)] = ""
    """The vendor's own text, where the translation lost something."""
    source_seq: Annotated[int, Meta(ge=0, le=2**53 - 1)] | None = None
    """The sender's sequence number, one more for each event: a number that never arrives is a lost event."""
    counter: Annotated[str, Meta(max_length=128)] = ""
    """The device that counts, if it is not ``device``: the controller of several readers."""


class PointEvent(Event, frozen=True, kw_only=True):
    """An event at an access point."""

    point: Name
    device: Annotated[str, Meta(max_length=128)] = ""
    """The reader or controller that reported it, if known."""


class DeviceEvent(Event, frozen=True, kw_only=True):
    """An event of a device."""

    device: Name


class ZoneEvent(Event, frozen=True, kw_only=True):
    """An event of a zone."""

    zone: Name
