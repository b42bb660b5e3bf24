"""Devices and senders: whether they are alive, and whether their messages and clocks are in order."""

from datetime import datetime
from typing import Literal

from msgspec import Struct, field

from monitor.core.state.time import LONG_AGO


class LivenessState(Struct):
    """Whether a device of the venue is alive."""

    at: datetime
    """When it last sent something or was reported offline; at first, since when it is expected."""
    status: Literal["expected", "heard", "missed", "silent", "offline"] = field(
        default="expected", name="standing"
    )
    """``missed``: its limit has run out, and it is not yet known whether its gateway is silent."""
    due: datetime | None = None
    """When to check its liveness again."""
    heard_late: datetime = LONG_AGO
    """The watermark when a late sign of life arrived: until then, its silence may be that of the way here."""
    missed_from: datetime = LONG_AGO
    """When the latest gap began in which the monitor may have missed what it sent with QoS 0."""
    resumed: datetime = LONG_AGO
    """From when its silence counts if nothing is known of it since that gap began."""


class Gap(Struct, frozen=True):
    """Sequence numbers of a sender that have not arrived."""

    since: datetime
    """When a later number arrived."""
    first: int
    last: int


class SequenceCounter(Struct):
    """The sequence numbers of a sender."""

    at: datetime
    """When it sent the latest of them."""
    last: int
    gaps: list[Gap] = []
    """The gaps that may still be filled, in order."""


class DevicesState(Struct):
    """What is known of devices and senders."""

    liveness: dict[str, LivenessState] = {}
    """By device of the venue."""
    counters: dict[str, SequenceCounter] = {}
    """By sender."""
    clocks_behind: dict[str, None] = {}
    """Devices whose clock is behind."""
    unknown_keys: dict[str, list[str]] = {}
    """By topic down to the kind: the keys that are not read and have been reported."""
    unknown_names: dict[str, datetime] = {}
    """Names that are not in venue.toml, each with the time when that was last reported."""
    disconnected_since: datetime | None = None
    """Since when the monitor has received nothing; ``None`` while it is connected."""
