"""Detects that a monitor has fallen silent and that it is back, and which notifications that takes; pure."""

from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct, field

from monitor.core.phrase import Phrase, phrase

STEADY = 3
"""Consecutive heartbeats after which a monitor is back: a single one may be the last of a monitor in a crash loop."""
PAUSED = timedelta(seconds=2)
"""Checks come twice a second: after a longer gap, the watcher itself was paused (a suspended virtual machine)."""


class DetectorState(Struct, kw_only=True):
    """What must survive a restart of the watcher: the notifications that were delivered."""

    silent_since: datetime | None = None
    """Since when the monitor was reported silent; ``None``: it was not, or was reported back."""
    reported_at: datetime | None = field(default=None, name="told_at")
    """When the latest notification was delivered."""


class SilenceNotification(Struct, frozen=True, kw_only=True):
    """A notification to deliver."""

    kind: Literal["silent", "still silent", "back"]
    since: datetime
    reason: Phrase | str = ""


class SilenceDetector:
    """The detector for one monitor.

    Args:
        silent_after: without a heartbeat for this time, the monitor is silent.
        repeat: the interval between reminders.
        now: when the watcher started: silence before that proves nothing.
        state: as it was before a restart of the watcher.

    """

    def __init__(
        self,
        silent_after: timedelta,
        repeat: timedelta,
        now: datetime,
        state: DetectorState | None = None,
    ) -> None:
        self.silent_after = silent_after
        self.repeat = repeat
        self.state = state or DetectorState()
        self.received_at: datetime | None = None
        """When the latest heartbeat was received."""
        self.link_trouble = "not yet connected to the broker"
        """Why the broker can't be reached; empty if it can."""
        self.status = ""
        """The latest status of the monitor, or of the broker for it: ``online``, ``offline``, ``stopped: ...``"""
        self._listening_since = now
        """Before this time the watcher could not receive anything."""
        self._checked_at = now
        self._in_a_row = 0

    def receive(self, now: datetime) -> None:
        """Process a heartbeat that was sent just now, not one that the broker had kept."""
        late = self.received_at is None or now - self.received_at > self.silent_after
        self._in_a_row = 1 if late else self._in_a_row + 1
        self.received_at = now

    def check(self, now: datetime) -> SilenceNotification | None:
        """Return the notification that is due; the same one until it is `delivered`."""
        if now - self._checked_at > PAUSED:
            self._listening_since = now
        self._checked_at = now
        since = max(self.received_at or self._listening_since, self._listening_since)
        reported = self.state.silent_since
        if now - since <= self.silent_after:
            is_steady = self._in_a_row >= STEADY and since == self.received_at
            if reported is not None and is_steady:
                return SilenceNotification(kind="back", since=reported)
            return None
        self._in_a_row = 0
        if reported is None:
            return SilenceNotification(kind="silent", since=since, reason=self._reason())
        if self.state.reported_at is None or now - self.state.reported_at >= self.repeat:
            return SilenceNotification(kind="still silent", since=reported, reason=self._reason())
        return None

    def delivered(self, notification: SilenceNotification, now: datetime) -> None:
        """Note that a notification was delivered."""
        self.state.silent_since = None if notification.kind == "back" else notification.since
        self.state.reported_at = now

    def _reason(self) -> Phrase:
        if self.link_trouble:
            return phrase("silent-broker-away", error=self.link_trouble)
        if self.status and self.status != "online":
            return phrase("silent-stopped", status=self.status)
        if self.received_at is None:
            return phrase("silent-from-start")
        return phrase("silent-hanging")
