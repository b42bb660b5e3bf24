"""What the monitor says of itself every few seconds, on MQTT."""

from datetime import datetime

from msgspec import Struct


class Beat(Struct, frozen=True, kw_only=True):
    """One heartbeat."""

    at: datetime
    """By the monitor's clock."""
    started_at: datetime
    """When this process took up its work."""
    every_s: float
    """The next one comes after so many seconds."""
    seq: int
    """Number of the latest input in the journal."""
    ok: bool
    """All is well with the monitor itself."""
    troubles: tuple[str, ...] = ()
    """What is not, in words."""


def standing_topic(congress: str) -> str:
    """Return where the monitor says ``online``, ``offline`` or why it stopped."""
    return f"venue/{congress}/monitor"


def beat_topic(congress: str) -> str:
    """Return where its heartbeats are."""
    return f"{standing_topic(congress)}/heartbeat"


def watcher_topic(congress: str, watcher: str) -> str:
    """Return where a watcher says that it is there."""
    return f"venue/{congress}/watcher/{watcher}"
