"""Brings the journal to InfluxDB: inputs as they come, how things stand meanwhile, and the monitor's heartbeat."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain

from monitor.journal import Entry
from monitor.sinks.influx.delivery import Delivery
from monitor.sinks.influx.measurements import OFTEN
from monitor.sinks.influx.projection import Scribe
from monitor.sinks.influx.timestamps import EPOCH

FEW = 500
"""Entries; what is more than that is not waited for."""
BREATH = 100
"""Lines made in one go; then the line of the monitor has its turn."""
LINGER = 0.2
"""Seconds between two requests, at least: meanwhile more comes together."""
SETTLED = timedelta(seconds=1)
"""What came in before a tick is in the journal so long after it."""


class InfluxSink:
    """A sink of all inputs; see `relay.Thorough` and `relay.Recurring`.

    Args:
        delivery: has lines stored.
        scribe: makes the lines.
        vitals: gives the lines about the monitor itself as it is now.
        latest: tells the number of the latest input in the journal.
        now: our clock.

    """

    name = "influx"
    every = timedelta(seconds=1)

    def __init__(
        self,
        delivery: Delivery,
        scribe: Scribe,
        *,
        vitals: Callable[[], Iterable[str]],
        latest: Callable[[], int],
        now: Callable[[], datetime],
    ) -> None:
        self._delivery = delivery
        self._scribe = scribe
        self._vitals = vitals
        self._latest = latest
        self._now = now
        self._rested_at = 0.0
        self._beaten = 0
        """The ten seconds in which it was told last how the monitor fares; since 1970."""
        self._forget()

    def _forget(self) -> None:
        self._taking = 0
        """The last of the entries that lines are being made of."""
        self._lines: Iterator[str] = iter(())
        """Lines that are not made yet."""
        self._batch: list[str] = []
        """Lines that are not stored yet."""

    def recall(self, memory: bytes | None) -> None:
        """Be as at the cursor."""
        self._forget()
        self._scribe.recall(memory)

    def remember(self) -> bytes:
        """Tell what has to be known to go on."""
        return self._scribe.remember()

    async def take(self, entries: Sequence[Entry]) -> None:
        """Store what the entries say; see `relay.Sink`. The same entries again are gone on with, not begun anew."""
        if entries[-1].seq != self._taking:
            self._taking = entries[-1].seq
            self._lines = chain(self._lines, self._scribe.lines(entries))
        await self._store()
        if len(entries) < FEW:
            await self._linger()

    async def beat(self) -> None:
        """Store how things stand, if all that has come in is stored; and every ten seconds how the monitor fares."""
        now = self._now()
        if not self._batch and self._latest() == self._scribe.picture.seq:
            self._lines = chain(self._lines, self._scribe.until(now - SETTLED))
        await self._store()
        if (beat := (now - EPOCH) // OFTEN) != self._beaten:
            await self._delivery.send(list(self._vitals()))
            self._beaten = beat

    async def close(self) -> None:
        """Let go of the connection."""
        await self._delivery.close()

    # Inside ------------------------------------------------------------------------------------------------------

    async def _store(self) -> None:
        """Make lines and send them, until there are none."""
        while True:
            for n, line in enumerate(self._lines):
                self._batch.append(line)
                if len(self._batch) >= self._delivery.most:
                    break
                if n % BREATH == BREATH - 1:
                    await asyncio.sleep(0)
            if not self._batch:
                return
            await self._delivery.send(self._batch)
            self._batch = []

    async def _linger(self) -> None:
        """Let something come together, so that a request is worth it."""
        now = asyncio.get_running_loop().time()
        await asyncio.sleep(max(0.0, self._rested_at + LINGER - now))
        self._rested_at = asyncio.get_running_loop().time()
