"""Plays a day: publishes each message when it is due, reconnecting as often as necessary."""

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
"""Messages in flight at once; encoding that many blocks the loop for less than 10 ms."""


@dataclass(slots=True)
class Published:
    """Counts of the messages that the broker has acknowledged."""

    count: int = 0
    """Messages of the plan."""
    duplicates: int = 0
    """Of these, deliberate repetitions of others."""
    rejected: int = 0
    """Of these, deliberately unreadable messages."""
    republished: int = 0
    """Sent again because the connection broke before they were acknowledged; the broker may have them twice."""
    behind: timedelta = timedelta()
    """The longest time from when a message was due to its acknowledgement, by the clock of the day."""
    ids: set[str] = field(default_factory=set)
    """Ids of the events in the monitor's own format."""

    @property
    def inputs(self) -> int:
        """Rows that the journal must have for these messages, without the duplicates."""
        return self.count - self.duplicates

    def add(self, message: Planned) -> None:
        """Count an acknowledged message."""
        self.count += 1
        self.duplicates += message.outcome == "duplicate"
        self.rejected += message.outcome == "unreadable"
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
    """Publish the messages of a plan, which come in order of time; return when the broker has acknowledged all.

    Messages that were not acknowledged when a connection broke are sent again over the next one.
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
    """Yield batches of messages when they are due."""
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
