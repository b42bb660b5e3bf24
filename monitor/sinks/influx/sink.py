"""Brings the journal to InfluxDB in batches: what can't be delivered waits, what will never be taken is named."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain

import structlog

from monitor.core.event import MonitorSinkRefused
from monitor.errors import SinkUnavailable
from monitor.journal import Entry
from monitor.sinks.influx.answers import Verdict, advice, judge
from monitor.sinks.influx.client import Answer, Client
from monitor.sinks.influx.measurements import OFTEN
from monitor.sinks.influx.scribe import Scribe
from monitor.sinks.influx.stamp import EPOCH

log = structlog.get_logger()

LINES = 5_000
"""Of one request, at the most: what InfluxData recommends."""
FEW = 500
"""Entries; what is more than that is not waited for."""
BREATH = 100
"""Lines made in one go; then the line of the monitor has its turn."""
LINGER = 0.2
"""Seconds between two requests, at least: meanwhile more comes together."""
SETTLED = timedelta(seconds=1)
"""What came in before a tick is in the journal so long after it."""
LONGEST_WAIT = 60.0
"""Seconds; a server that wants more is asked again nevertheless."""


class InfluxSink:
    """A sink of all inputs; see `relay.Thorough` and `relay.Recurring`.

    Args:
        client: the connection.
        scribe: makes the lines.
        vitals: gives the lines about the monitor itself as it is now.
        refuse: is told of each point that InfluxDB will never take.
        latest: tells the number of the latest input in the journal.
        now: our clock.

    """

    name = "influx"
    every = timedelta(seconds=1)

    def __init__(  # noqa: PLR0913 - the parts of the sink
        self,
        client: Client,
        scribe: Scribe,
        *,
        vitals: Callable[[], Iterable[str]],
        refuse: Callable[[MonitorSinkRefused], None],
        latest: Callable[[], int],
        now: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._scribe = scribe
        self._vitals = vitals
        self._refuse = refuse
        self._latest = latest
        self._now = now
        self._most = LINES
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
            await self._send(list(self._vitals()))
            self._beaten = beat

    async def close(self) -> None:
        """Let go of the connection."""
        await self._client.close()

    # Inside ------------------------------------------------------------------------------------------------------

    async def _store(self) -> None:
        """Make lines and send them, until there are none."""
        while True:
            for n, line in enumerate(self._lines):
                self._batch.append(line)
                if len(self._batch) >= self._most:
                    break
                if n % BREATH == BREATH - 1:
                    await asyncio.sleep(0)
            if not self._batch:
                return
            await self._send(self._batch)
            self._batch = []

    async def _linger(self) -> None:
        """Let something come together, so that a request is worth it."""
        now = asyncio.get_running_loop().time()
        await asyncio.sleep(max(0.0, self._rested_at + LINGER - now))
        self._rested_at = asyncio.get_running_loop().time()

    async def _send(self, lines: list[str]) -> None:
        """Have lines stored; those that are refused are named, one by one, and left out.

        Raises:
            SinkUnavailable: not now; those that were stored meanwhile may be sent again.

        """
        answer = await self._client.write("\n".join(lines))
        match judge(answer):
            case Verdict.STORED:
                return
            case Verdict.LATER:
                if answer.retry_after is not None:
                    await asyncio.sleep(min(answer.retry_after, LONGEST_WAIT))
                raise SinkUnavailable(advice(answer))
            case Verdict.TOO_LARGE if len(lines) > 1:
                self._most = max(1, len(lines) // 2)
                log.warning("influx_smaller_batches", lines=self._most)
            case Verdict.TOO_LARGE | Verdict.REFUSED if len(lines) == 1:
                self._bury(lines[0], answer)
                return
            case _:
                pass
        half = (len(lines) + 1) // 2
        await self._send(lines[:half])
        await self._send(lines[half:])

    def _bury(self, line: str, answer: Answer) -> None:
        """Say which point will never be taken; the log keeps it whole, and so does the journal what it came from."""
        log.error("influx_point_refused", line=line, status=answer.status, reason=answer.reason)
        measurement = line.partition(",")[0]
        reason = f"{measurement}: {answer.reason or answer.status}"
        self._refuse(MonitorSinkRefused(at=self._now(), sink=self.name, reason=reason))
