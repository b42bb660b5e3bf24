"""Delivers the journal to InfluxDB: inputs as they arrive, periodic states, and the monitor's own metrics."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain

from monitor.journal import Entry
from monitor.sinks.influx.delivery import LineDelivery
from monitor.sinks.influx.measurements import OFTEN
from monitor.sinks.influx.projection import Projection
from monitor.sinks.influx.timestamps import EPOCH

FEW = 500
"""Entries; after a larger batch the sink does not wait for more."""
YIELD_AFTER = 100
"""Lines made before other tasks of the event loop run."""
LINGER = 0.2
"""The minimum of seconds between two small requests, so that requests carry more lines."""
SETTLED = timedelta(seconds=1)
"""How long after a tick all inputs received before it are in the journal."""


class InfluxSink:
    """A sink of all inputs; see `relay.StatefulSink` and `relay.PeriodicSink`.

    Args:
        delivery: stores the lines.
        projection: makes the lines.
        self_metrics: returns lines about the monitor itself.
        latest: returns the number of the latest input in the journal.
        now: the monitor's clock.

    """

    name = "influx"
    every = timedelta(seconds=1)

    def __init__(
        self,
        delivery: LineDelivery,
        projection: Projection,
        *,
        self_metrics: Callable[[], Iterable[str]],
        latest: Callable[[], int],
        now: Callable[[], datetime],
    ) -> None:
        self._delivery = delivery
        self._projection = projection
        self._self_metrics = self_metrics
        self._latest = latest
        self._now = now
        self.linger = LINGER
        """The minimum of seconds between two small requests."""
        self._rested_at = 0.0
        self._sent_in = 0
        """The ten seconds, counted from 1970, in which the self-metrics were last sent."""
        self._reset()

    def _reset(self) -> None:
        self._taking = 0
        """The number of the last entry whose lines are being made."""
        self._lines: Iterator[str] = iter(())
        """Lines that are not made yet."""
        self._batch: list[str] = []
        """Lines that are made and not stored yet."""

    def restore(self, saved: bytes | None) -> None:
        """Go back to a saved state; see `relay.StatefulSink`."""
        self._reset()
        self._projection.restore(saved)

    def save(self) -> bytes:
        """Return the state; see `relay.StatefulSink`."""
        return self._projection.save()

    async def take(self, entries: Sequence[Entry]) -> None:
        """Store the entries' lines; see `relay.Sink`. The same entries again are continued, not started over."""
        if entries[-1].seq != self._taking:
            self._taking = entries[-1].seq
            self._lines = chain(self._lines, self._projection.lines(entries))
        await self._store()
        if len(entries) < FEW:
            await self._wait_for_more()

    async def send_periodic(self) -> None:
        """Store the states, if all inputs are stored; and every ten seconds the monitor's own metrics."""
        now = self._now()
        if not self._batch and self._latest() == self._projection.read_model.seq:
            self._lines = chain(self._lines, self._projection.until(now - SETTLED))
        await self._store()
        if (interval := (now - EPOCH) // OFTEN) != self._sent_in:
            await self._delivery.send(list(self._self_metrics()))
            self._sent_in = interval

    async def close(self) -> None:
        """Close the connection."""
        await self._delivery.close()

    # Inside ------------------------------------------------------------------------------------------------------

    async def _store(self) -> None:
        """Make lines and send them until there are none."""
        while True:
            for n, line in enumerate(self._lines):
                self._batch.append(line)
                if len(self._batch) >= self._delivery.most:
                    break
                if n % YIELD_AFTER == YIELD_AFTER - 1:
                    await asyncio.sleep(0)
            if not self._batch:
                return
            await self._delivery.send(self._batch)
            self._batch = []

    async def _wait_for_more(self) -> None:
        """Wait, so that the next request carries more lines."""
        now = asyncio.get_running_loop().time()
        await asyncio.sleep(max(0.0, self._rested_at + self.linger - now))
        self._rested_at = asyncio.get_running_loop().time()
