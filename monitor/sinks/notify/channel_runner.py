"""One channel of one person: its rate limit, its pauses after failures, and whether it works."""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import chain
from math import ceil
from random import Random

from monitor.core.events.monitor import Noticed
from monitor.core.events.monitor_delivery import MonitorChannelDown, MonitorChannelUp
from monitor.core.phrase import Phrase, phrase
from monitor.core.rules.model import SEVERITIES, Severity
from monitor.roster import ChannelAddress
from monitor.runtime.backoff import waits
from monitor.sinks.notify.channel import Outcome, PageChannel
from monitor.sinks.notify.factory import open_channel
from monitor.texts import Text, plain

AT_ONCE = 16
"""Pages of one severity sent through one channel concurrently: requests that hang block no more than these.

This is more than the flood limit lets through to one person, so that no page waits for another on a busy channel
(docs/benchmarks.md).
"""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=1), timedelta(seconds=30)
"""Pauses between attempts while the channel fails; judgement."""
MINUTE = 60.0


class ChannelRunner:
    """A channel in use.

    Args:
        person: the person's id.
        channel: the channel in ``roster.toml``.
        notice: called when the channel goes down or comes up again.
        now: the monitor's clock.
        rng: draws the pauses.

    """

    def __init__(
        self,
        person: str,
        channel: ChannelAddress,
        notice: Callable[[Noticed], None],
        now: Callable[[], datetime],
        rng: Random,
    ) -> None:
        self.person = person
        self.channel = channel
        self.slots = {severity: asyncio.Semaphore(AT_ONCE) for severity in SEVERITIES}
        """Held while a page is sent; by severity, so that none waits for a lower one."""
        self.trouble: Phrase | str | None = None
        """Why the channel does not work; empty while it does, ``None`` while that is unknown."""
        self._notice = notice
        self._now = now
        self._rng = rng
        self._opened: PageChannel | None = None
        self._refused = False
        """The trouble is a page that failed: only a delivered page ends it, not a server that answers."""
        self._recent = {
            severity: deque[float](maxlen=channel.per_minute) for severity in SEVERITIES
        }
        self._rest_until = 0.0
        self._waits = waits(rng, FIRST_WAIT, LONGEST_WAIT)

    def wait(self, severity: Severity) -> float:
        """Return the seconds until the channel may be used; life safety ignores our own limit, not the service's."""
        now = asyncio.get_running_loop().time()
        rest = max(0.0, self._rest_until - now)
        return rest if severity == "life_safety" else max(rest, self._full_for(severity, now))

    def why_not(self, severity: Severity) -> Phrase:
        """Return why the channel is not used at present."""
        full = self._full_for(severity, asyncio.get_running_loop().time())
        why = phrase("channel-rate-limited") if full else self.trouble or ""
        return phrase("channel-reason", channel=self.channel.name, error=why)

    def reserve(self, severity: Severity) -> bool:
        """Count a page against the rate limit; false if the channel may not be used now."""
        if self.wait(severity):
            return False
        self._recent[severity].append(asyncio.get_running_loop().time())
        return True

    def _full_for(self, severity: Severity, now: float) -> float:
        """Return the seconds until the rate limit allows another page: lower severities don't count against it."""
        counted = SEVERITIES[: SEVERITIES.index(severity) + 1]
        times = sorted(chain.from_iterable(self._recent[row] for row in counted))
        most = self.channel.per_minute
        return max(0.0, times[-most] + MINUTE - now) if len(times) >= most else 0.0

    async def send(self, text: Text) -> Outcome:
        """Send a text through the channel; after a timeout it may have arrived."""
        loop = asyncio.get_running_loop()
        seconds = self.channel.timeout.total_seconds()
        try:
            async with asyncio.timeout(seconds):
                outcome = await (await self._open()).send(text)
        except TimeoutError:
            outcome = Outcome(result="unknown", reason=_no_answer(seconds))
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
        """Check whether the channel's server can be reached."""
        seconds = self.channel.timeout.total_seconds()
        try:
            async with asyncio.timeout(seconds):
                reason = await (await self._open()).reach()
        except TimeoutError:
            reason = _no_answer(seconds)
        if reason:
            self._down(reason, by_page=False)
        else:
            self._up(by_page=False)

    async def close(self) -> None:
        """Close open connections."""
        opened, self._opened = self._opened, None
        if opened is not None:
            await opened.close()

    async def _open(self) -> PageChannel:
        if self._opened is None:
            opened = await open_channel(self.channel)
            if self._opened is None:
                self._opened = opened
            else:  # another page has opened it in the meantime
                await opened.close()
        return self._opened

    def _down(self, reason: Phrase | str, *, by_page: bool) -> None:
        was, self.trouble = self.trouble, reason
        self._refused |= by_page
        if not was:
            self._notice(
                MonitorChannelDown(
                    at=self._now(),
                    person=self.person,
                    channel=self.channel.name,
                    reason=plain(reason),
                    phrase=reason if isinstance(reason, Phrase) else None,
                )
            )

    def _up(self, *, by_page: bool) -> None:
        if self._refused and not by_page:
            return
        was, self.trouble, self._refused = self.trouble, "", False
        if was != "":
            self._notice(
                MonitorChannelUp(at=self._now(), person=self.person, channel=self.channel.name)
            )


def _no_answer(seconds: float) -> Phrase:
    return phrase("channel-no-answer", within=ceil(seconds))
