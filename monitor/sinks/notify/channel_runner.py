"""One channel to one person: how often it may be used, when it is left in peace, and whether it works."""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from monitor.core.events.monitor import MonitorChannelDown, MonitorChannelUp, Noticed
from monitor.roster import Channel as Row
from monitor.runtime.backoff import waits
from monitor.sinks.notify.channel import Channel, Outcome
from monitor.sinks.notify.factory import open_channel
from monitor.texts import Text

AT_ONCE = 16
"""Pages that one channel is handed at the same time: what hangs holds up no more than these.

More than the flood limit lets out to one person, so that none waits for another while the line is busy
(docs/benchmarks.md).
"""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=1), timedelta(seconds=30)
"""Between two tries, as long as it takes nothing; judgement."""
MINUTE = 60.0
FULL = "over its pages a minute"


class Line:
    """A channel in use.

    Args:
        person: whom it reaches.
        row: what ``roster.toml`` says of it.
        notice: takes in that it went down or came up again.
        now: tells the time for that.
        rng: for the waits.

    """

    def __init__(
        self,
        person: str,
        row: Row,
        notice: Callable[[Noticed], None],
        now: Callable[[], datetime],
        rng: Random,
    ) -> None:
        self.person = person
        self.row = row
        self.turn = asyncio.Semaphore(AT_ONCE)
        """Whoever sends holds it."""
        self.trouble: str | None = None
        """Why it doesn't work; empty while it does, ``None`` while nobody knows."""
        self._notice = notice
        self._now = now
        self._rng = rng
        self._channel: Channel | None = None
        self._refused = False
        """The trouble is that it did not take a page: that its server answers doesn't end it."""
        self._recent: deque[float] = deque(maxlen=row.per_minute)
        self._rest_until = 0.0
        self._waits = waits(rng, FIRST_WAIT, LONGEST_WAIT)

    def wait(self, *, urgent: bool = False) -> float:
        """Return the seconds until it may be used; what is urgent goes past our own limit, not past the service's."""
        now = asyncio.get_running_loop().time()
        rest = max(0.0, self._rest_until - now)
        return rest if urgent else max(rest, self._full_for(now))

    def why_not(self) -> str:
        """Tell why it is not used now."""
        full = self._full_for(asyncio.get_running_loop().time())
        return f"{self.row.name}: {FULL if full else self.trouble}"

    def reserve(self, *, urgent: bool = False) -> bool:
        """Take one of the pages that it may have in a minute; false if it may not be used now."""
        if self.wait(urgent=urgent):
            return False
        self._recent.append(asyncio.get_running_loop().time())
        return True

    def _full_for(self, now: float) -> float:
        """Return the seconds until it may have one more page in a minute."""
        full = len(self._recent) == self._recent.maxlen
        return max(0.0, self._recent[0] + MINUTE - now) if full else 0.0

    async def send(self, text: Text) -> Outcome:
        """Hand a text to the channel; what takes longer than it may has perhaps arrived."""
        loop = asyncio.get_running_loop()
        seconds = self.row.timeout.total_seconds()
        try:
            async with asyncio.timeout(seconds):
                outcome = await (await self._opened()).send(text)
        except TimeoutError:
            outcome = Outcome(result="unknown", reason=f"no answer within {seconds:g} s")
        if outcome.result == "delivered":
            self._waits = waits(self._rng, FIRST_WAIT, LONGEST_WAIT)
            self._rest_until = 0.0
            self._up(by_page=True)
        else:
            rest = max(next(self._waits), outcome.retry_after)
            self._rest_until = loop.time() + rest.total_seconds()
            self._down(outcome.reason, by_page=True)
        return outcome

    async def check(self) -> None:
        """Look whether its server can be reached."""
        seconds = self.row.timeout.total_seconds()
        try:
            async with asyncio.timeout(seconds):
                reason = await (await self._opened()).reach()
        except TimeoutError:
            reason = f"no answer within {seconds:g} s"
        if reason:
            self._down(reason, by_page=False)
        else:
            self._up(by_page=False)

    async def close(self) -> None:
        """Let go of what is open."""
        channel, self._channel = self._channel, None
        if channel is not None:
            await channel.close()

    async def _opened(self) -> Channel:
        if self._channel is None:
            channel = await open_channel(self.row)
            if self._channel is None:
                self._channel = channel
            else:  # another page was quicker
                await channel.close()
        return self._channel

    def _down(self, reason: str, *, by_page: bool) -> None:
        was, self.trouble = self.trouble, reason
        self._refused |= by_page
        if not was:
            self._notice(
                MonitorChannelDown(
                    at=self._now(), person=self.person, channel=self.row.name, reason=reason
                )
            )

    def _up(self, *, by_page: bool) -> None:
        if self._refused and not by_page:
            return
        was, self.trouble, self._refused = self.trouble, "", False
        if was != "":
            self._notice(
                MonitorChannelUp(at=self._now(), person=self.person, channel=self.row.name)
            )
