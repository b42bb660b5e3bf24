"""Transitions of the shift log: what people write into it, and what it notes by itself."""

from datetime import datetime

from msgspec import Struct

from monitor.core.alert import Alert
from monitor.core.phrase import Phrase
from monitor.core.transitions.alerts import Mask
from monitor.core.transitions.zones import ReadinessStatus


class HandOver(Struct, frozen=True, kw_only=True):
    """How things stood when a shift was handed over."""

    to: str = ""
    """Who takes over; empty: whoever confirms."""
    until: datetime
    """When the coming shift ends."""
    alerts: tuple[Alert, ...] = ()
    """The open alerts, the silent ones first, then the gravest."""
    more: dict[str, int] = {}
    """By site: how many more alerts were open; none of them is silent."""
    masks: tuple[Mask, ...] = ()
    """The masks that end in the coming shift."""
    zones: tuple[ReadinessStatus, ...] = ()
    """The zones that were no go or unknown."""


class LogEntry(Struct, frozen=True, kw_only=True):
    """An entry of the shift log, as a person wrote it; it never changes."""

    id: str
    """A number, counted from 1."""
    written_at: datetime
    """When the monitor received it."""
    happened_at: datetime
    who: str
    text: str
    site: str = ""
    zone: str = ""
    alert: str = ""
    """The id of the alert that it is about."""
    silent: bool = False
    """It is about a silent alert: only those see it who may see that alert."""
    hand_over: HandOver | None = None
    """``None``: it hands no shift over."""


class LogEntryWritten(Struct, frozen=True, kw_only=True, tag="log_entry"):
    """An entry was written into the shift log."""

    at: datetime
    entry: LogEntry


class LogEntryStruck(Struct, frozen=True, kw_only=True, tag="log_strike"):
    """An entry of the shift log was struck: it stays, and is shown as struck."""

    at: datetime
    entry: str
    """The entry's id."""
    who: str
    reason: str


class LogEntryConfirmed(Struct, frozen=True, kw_only=True, tag="log_confirmation"):
    """A hand-over was confirmed: its receiver has the shift."""

    at: datetime
    entry: str
    """The entry's id."""
    who: str


class LogNoted(Struct, frozen=True, kw_only=True, tag="log_note"):
    """Something besides alerts, masks and shifts that belongs into the shift log by itself."""

    at: datetime
    happened_at: datetime
    site: str = ""
    zone: str = ""
    what: Phrase
    note: str = ""
    """What a person wrote about it."""
