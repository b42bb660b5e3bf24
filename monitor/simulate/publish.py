"""Plays a day: sends each message when its time has come, over as many connections as it takes."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby
from random import Random

import structlog

from monitor.errors import BrokerUnavailable
from monitor.mqtt import BrokerAddress, Publisher
from monitor.runtime.backoff import waits
from monitor.runtime.clock import Clock
from monitor.simulate.message import Planned

log = structlog.get_logger()

MOST = 500
"""Messages under way at once; making so many takes less than 10 ms, while the loop waits."""


@dataclass(slots=True)
class Published:
    """What the broker has acknowledged."""

    count: int = 0
    """Messages of the plan."""
    duplicates: int = 0
    """Of these, repetitions of others, on purpose."""
    rejected: int = 0
    """Of these, messages that nobody can read, on purpose."""
    republished: int = 0
    """Sent again because the broker went away before it had acknowledged them; it may have them twice."""
    behind: timedelta = timedelta()
    """How long after its time the latest message was acknowledged, by the clock of the day."""
    ids: set[str] = field(default_factory=set)
    """Of the events in our own language, their ids."""

    @property
    def inputs(self) -> int:
        """How many rows the journal must have for all this, with every repetition absorbed."""
        return self.count - self.duplicates

    def add(self, message: Planned) -> None:
        """Count a message that was acknowledged."""
        self.count += 1
        self.duplicates += message.meant == "duplicate"
        self.rejected += message.meant == "unreadable"
        if message.id:
            self.ids.add(message.id)


async def play(
    plan: Iterable[Planned],
    address: BrokerAddress,
    clock: Clock,
    *,
    client_id: str = "simulation",
    rng: Random,
) -> Published:
    """Send the messages of a plan, which come in order of time; return when the broker has acknowledged all.

    What was not acknowledged when a connection broke is sent again over the next one, as often as it takes.
    """
    published = Published()
    pauses = waits(rng)
    async with aclosing(_due(plan, clock)) as batches:
        batch = await anext(batches, None)
        while batch is not None:
            sent = False
            try:
                async with Publisher(address, client_id) as publisher:
                    while batch is not None:
                        sent = True
                        await _publish(publisher, batch)
                        pauses = waits(rng)
                        for message in batch:
                            published.add(message)
                        published.behind = max(published.behind, clock.now() - batch[0].at)
                        batch = await anext(batches, None)
            except BrokerUnavailable as error:
                published.republished += len(batch) if sent and batch else 0
                pause = next(pauses).total_seconds()
                log.warning("broker_unavailable", reason=str(error), again_in=round(pause, 2))
                await asyncio.sleep(pause)
    return published


async def _due(plan: Iterable[Planned], clock: Clock) -> AsyncGenerator[Sequence[Planned], None]:
    """Yield, whenever the time has come, what is due."""
    batch: list[Planned] = []
    for message in plan:
        if batch and (len(batch) >= MOST or message.at > clock.now()):
            yield batch
            batch = []
        if not batch:
            await clock.sleep_until(message.at)
        batch.append(message)
    if batch:
        yield batch


async def _publish(publisher: Publisher, batch: Sequence[Planned]) -> None:
    for retain, group in groupby(batch, key=lambda message: message.retain):
        messages = ((message.topic, message.payload) for message in group)
        await publisher.publish_many(messages, retain=retain)
