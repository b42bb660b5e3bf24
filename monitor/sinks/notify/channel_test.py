"""Sends a test page through each of a person's channels, and tells what came of it."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from monitor.sinks.notify.channel import Outcome
from monitor.sinks.notify.channel_runner import ChannelRunner
from monitor.texts import PageWriter


class TriedChannel(NamedTuple):
    """A channel, by its name in ``roster.toml``, and what came of a test page."""

    channel: str
    outcome: Outcome


async def try_channels(
    runners: Sequence[ChannelRunner], writer: PageWriter, person: str
) -> list[TriedChannel]:
    """Send a test page through all channels at once; it counts against their limits like a page of low severity."""
    outcomes = await asyncio.gather(*(_test(runner, writer, person) for runner in runners))
    return [
        TriedChannel(runner.channel.name, outcome)
        for runner, outcome in zip(runners, outcomes, strict=True)
    ]


async def _test(runner: ChannelRunner, writer: PageWriter, person: str) -> Outcome:
    if not runner.reserve("low"):
        return Outcome(result="failed", reason=runner.why_not("low"))
    return await runner.send(writer.write_test(person, runner.channel.name))
