"""The heartbeat message and the topics of the dead-man's switch."""

from datetime import datetime

from msgspec import Struct


class HeartbeatMessage(Struct, frozen=True, kw_only=True):
    """One heartbeat."""

    at: datetime
    """By the monitor's clock."""
    started_at: datetime
    """When this process started."""
    every_s: float
    """Seconds until the next heartbeat."""
    seq: int
    """Number of the latest input in the journal."""
    journal: str = ""
    """The journal's id, in hexadecimal digits."""
    head: str = ""
    """The head of the journal, ``SEQ:HASH``: noted elsewhere, it proves later that nothing was cut off."""
    ok: bool
    """Whether the monitor itself has no problems."""
    troubles: tuple[str, ...] = ()
    """The problems of the monitor itself."""


def status_topic(congress: str) -> str:
    """Return the topic of the monitor's status: ``online``, ``offline`` or the reason why it stopped."""
    return f"venue/{congress}/monitor"


def heartbeat_topic(congress: str) -> str:
    """Return the topic of its heartbeats."""
    return f"{status_topic(congress)}/heartbeat"


def session_topic(congress: str) -> str:
    """Return the topic on which monitors find out whether they share a session."""
    return f"{status_topic(congress)}/session"


def watcher_topic(congress: str, watcher: str) -> str:
    """Return the topic of a watcher's own heartbeats."""
    return f"venue/{congress}/watcher/{watcher}"
