"""Decides whether a monitor has fallen silent and whether it is back, and what people have to be told: pure."""

from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

STEADY = 3
"""Beats in a row after which it is back: one alone may be the last of a monitor that dies again and again."""


DEAF = timedelta(seconds=2)
"""Looks come twice a second: after a longer pause the watcher itself stood still (a paused virtual machine)."""


class Memory(Struct, kw_only=True):
    """What must survive a restart of the watcher: what people have been told."""

    silent_since: datetime | None = None
    """They were told that it is silent since then; ``None``: that all is well."""
    told_at: datetime | None = None
    """When they were told last."""


class Page(Struct, frozen=True, kw_only=True):
    """What people have to be told."""

    kind: Literal["silent", "still silent", "back"]
    since: datetime
    reason: str = ""


class Vigil:
    """Follows one monitor.

    Args:
        silent_after: so long without a heartbeat, and it is silent.
        repeat: people are told again so often.
        now: when the watcher started: before that it has heard nothing, and nobody can blame the monitor for it.
        memory: what people were told before the watcher was restarted.

    """

    def __init__(
        self,
        silent_after: timedelta,
        repeat: timedelta,
        now: datetime,
        memory: Memory | None = None,
    ) -> None:
        self.silent_after = silent_after
        self.repeat = repeat
        self.memory = memory or Memory()
        self.heard_at: datetime | None = None
        self.link_trouble = "not yet connected to the broker"
        """Why the broker can't be asked; empty when it can."""
        self.standing = ""
        """What the monitor, or the broker for it, said last: ``online``, ``offline``, ``stopped: ...``"""
        self._since = now
        """Before that the watcher could hear nothing."""
        self._looked_at = now
        self._in_a_row = 0

    def hear(self, now: datetime) -> None:
        """Take in a heartbeat that was sent just now; one that the broker had kept is none."""
        late = self.heard_at is None or now - self.heard_at > self.silent_after
        self._in_a_row = 1 if late else self._in_a_row + 1
        self.heard_at = now

    def judge(self, now: datetime) -> Page | None:
        """Return what people have to be told now; until it is `delivered`, the same again."""
        if now - self._looked_at > DEAF:
            self._since = now
        self._looked_at = now
        since = max(self.heard_at or self._since, self._since)
        told = self.memory.silent_since
        if now - since <= self.silent_after:
            if told is not None and self._in_a_row >= STEADY and since == self.heard_at:
                return Page(kind="back", since=told)
            return None
        self._in_a_row = 0
        if told is None:
            return Page(kind="silent", since=since, reason=self._reason())
        if self.memory.told_at is None or now - self.memory.told_at >= self.repeat:
            return Page(kind="still silent", since=told, reason=self._reason())
        return None

    def delivered(self, page: Page, now: datetime) -> None:
        """Note that people were told."""
        self.memory.silent_since = None if page.kind == "back" else page.since
        self.memory.told_at = now

    def _reason(self) -> str:
        if self.link_trouble:
            return f"The broker can't be reached: {self.link_trouble}"
        if self.standing and self.standing != "online":
            return f"The broker answers. The monitor is {self.standing}."
        if self.heard_at is None:
            return "The broker answers, and the monitor has said nothing since the watcher was started."
        return "The broker answers, the monitor is connected and says nothing: it hangs, or its network does."
