"""Events that the monitor notices about the messages of senders, and about how many there are."""

from typing import Annotated, Literal

from msgspec import Meta

from monitor.core.events.base import Event
from monitor.core.phrase import Phrase


class MonitorRejected(Event, frozen=True, kw_only=True, tag="monitor.rejected"):
    """A message was rejected."""

    source: str
    """The topic of the message."""
    reason: str
    """What is wrong, in English."""
    phrase: Phrase | None = None
    """The same for people, each in their own language; in journals of older versions it is missing."""


class MonitorBoardWritten(Event, frozen=True, kw_only=True, tag="monitor.board_written"):
    """Someone else wrote to a topic on which only the monitor publishes; it was restored."""

    source: str
    """The topic."""
    more: Annotated[int, Meta(ge=1)] | None = None
    """How many further topics were found at the same time that are not reported one by one."""


class MonitorSenderUnnamed(Event, frozen=True, kw_only=True, tag="monitor.sender_unnamed"):
    """A sender acted for a person over MQTT without being named in the configuration; it was refused."""

    sender: str
    """The last level of the topic."""
    source: str
    """The topic of the message."""


class MonitorPersonRefused(Event, frozen=True, kw_only=True, tag="monitor.person_refused"):
    """A named sender acted over MQTT for a person who may not do this; it was refused."""

    sender: str
    """The last level of the topic."""
    who: str
    """In whose name."""
    act: str
    """What was refused: the type of the command."""
    right: str = ""
    """The right that the person's account lacks; empty: they have no account that could have it."""


class MonitorIdReused(Event, frozen=True, kw_only=True, tag="monitor.id_reused"):
    """A sender used the id of an earlier event for another one in the same second; both were taken in."""

    source: str
    """The topic of the message."""
    subject: str
    """The id."""


class MonitorKeysIgnored(Event, frozen=True, kw_only=True, tag="monitor.keys_ignored"):
    """The messages of a sender have keys that are not read; once for each key."""

    source: str
    """The topic down to the kind: ``venue/hall/inspection``."""
    subject: str
    """The subject of the message in which they were found."""
    keys: str
    """The keys, separated by commas."""
    hint: str = ""
    """The key that is read and is closest to the first of them."""


class MonitorUnknown(Event, frozen=True, kw_only=True, tag="monitor.unknown"):
    """An event names something that is not in the venue file."""

    kind: Literal["point", "zone", "device", "checklist", "item", "class"]
    subject: str
    hint: str = ""
    """The name in the venue file that is closest to it, for an item of a checklist or a class."""


class MonitorClockSkew(Event, frozen=True, kw_only=True, tag="monitor.clock_skew"):
    """A sender's clock is ahead of the monitor's by more than the tolerance."""

    source: str
    ahead_s: float


class MonitorKeysCapped(Event, frozen=True, kw_only=True, tag="monitor.keys_capped"):
    """A rule tracks as many keys as it may; further keys are ignored."""

    rule: str
    """The id of the rule or fact, or what the monitor itself remembers: a `CappedMemory`."""


NoticedOfSenders = (
    MonitorRejected
    | MonitorBoardWritten
    | MonitorSenderUnnamed
    | MonitorPersonRefused
    | MonitorIdReused
    | MonitorKeysIgnored
    | MonitorUnknown
    | MonitorClockSkew
    | MonitorKeysCapped
)
"""Every event that the monitor notices about senders."""
