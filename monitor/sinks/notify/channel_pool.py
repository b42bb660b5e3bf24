"""Everyone's channels: opened as the roster has them at present, and checked regularly."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from random import Random

from monitor.core.events.monitor import Noticed
from monitor.core.phrase import Phrase, phrase
from monitor.roster import ChannelAddress
from monitor.sinks.notify.channel_runner import ChannelRunner

CHECK_EVERY = 60.0
"""Seconds between two checks of whether the channels can be reached."""


class ChannelPool:
    """The channels of all people.

    Args:
        channels: returns the channels of each person in the order in which they are tried.
        notice: called when a channel goes down or comes up.
        now: the monitor's clock.
        rng: draws the pauses after failures.

    """

    def __init__(
        self,
        channels: Callable[[], Mapping[str, Sequence[ChannelAddress]]],
        notice: Callable[[Noticed], None],
        now: Callable[[], datetime],
        rng: Random,
    ) -> None:
        self._channels = channels
        self._notice = notice
        self._now = now
        self._rng = rng
        self._runners: dict[str, list[ChannelRunner]] = {}

    async def of(self, person: str) -> list[ChannelRunner]:
        """Return a person's channels as the roster has them now."""
        channels = list(self._channels().get(person, ()))
        before = self._runners.get(person, [])
        if [runner.channel for runner in before] != channels:
            self._runners[person] = [
                ChannelRunner(person, channel, self._notice, self._now, self._rng)
                for channel in channels
            ]
            for runner in before:
                await runner.close()
        return self._runners.get(person, [])

    async def check(self) -> None:
        """Check every minute whether everyone's channels can be reached, until cancelled."""
        while True:
            runners = [runner for person in self._channels() for runner in await self.of(person)]
            async with asyncio.TaskGroup() as group:
                for runner in runners:
                    group.create_task(runner.check())
            await asyncio.sleep(CHECK_EVERY)

    def troubles(self) -> list[Phrase]:
        """Return which channels do not work, and why."""
        return [
            phrase(
                "channel-of",
                person=runner.person,
                channel=runner.channel.name,
                error=runner.trouble,
            )
            for runners in self._runners.values()
            for runner in runners
            if runner.trouble
        ]

    async def close(self) -> None:
        """Close all channels."""
        for runners in self._runners.values():
            for runner in runners:
                await runner.close()
        self._runners = {}
