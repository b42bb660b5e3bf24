"""Carries what the journal has to one sink, at the sink's own pace, with a cursor of its own."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random
from typing import Any, Protocol, runtime_checkable

import structlog

from monitor.core.events.monitor import MonitorSinkRefused
from monitor.errors import SinkRefused, SinkUnavailable
from monitor.journal import Entry, Journal, Written
from monitor.runtime.backoff import waits

log = structlog.get_logger()


class Sink(Protocol):
    """Where entries go. Taking one twice must do no harm."""

    name: str

    async def take(self, entries: Sequence[Any]) -> None:
        """Deliver all of them: transitions as `Written`; to a `Thorough` sink inputs too, as `Entry`.

        Raises:
            SinkUnavailable: it will work later: the same entries come again.
            SinkRefused: it will never work: each is tried alone, and the one to blame is stepped over.

        """
        ...


@runtime_checkable
class Thorough(Protocol):
    """A sink that is brought every input with what followed, and builds something up from all that it has taken."""

    def recall(self, memory: bytes | None) -> None:
        """Be as at the cursor: `memory` is what `remember` told there; ``None`` at the very beginning."""
        ...

    def remember(self) -> bytes:
        """Tell what has to be known to go on after the latest entry taken; it is kept with the cursor."""
        ...


@runtime_checkable
class Recurring(Protocol):
    """A sink that has something to say also when nothing new has happened."""

    every: timedelta

    async def beat(self) -> None:
        """Say it; called every so often, while nothing is being delivered.

        Raises:
            SinkUnavailable: it will work later; the next beat comes as usual.

        """
        ...


class Relay:
    """One sink's reader of the journal.

    Args:
        journal: what to read.
        sink: where to bring it.
        refuse: is told of each entry that the sink refused.
        rng: for the pauses while the sink is away.

    """

    def __init__(
        self,
        journal: Journal,
        sink: Sink,
        refuse: Callable[[MonitorSinkRefused], None],
        now: Callable[[], datetime],
        rng: Random,
    ) -> None:
        self.journal = journal
        self.sink = sink
        self.refuse = refuse
        self.rng = rng
        self.now = now
        self.name = sink.name
        self.thorough = isinstance(sink, Thorough)
        """The sink is brought inputs too."""
        self.cursor = journal.cursor(sink.name)
        """The number of the latest input that has been dealt with."""
        self.bell = asyncio.Event()
        """Rung when the journal has grown."""
        self.trouble = ""
        """Why nothing can be delivered at the moment."""
        self.reached = False
        """The sink has taken something since the start."""
        self._beat_at = 0.0
        """When the sink speaks by itself next, on the loop's clock."""

    @property
    def lag(self) -> int:
        """Inputs between the cursor and the latest one that the sink has to have."""
        latest = self.journal.seq if self.thorough else self.journal.last_told
        return max(0, latest - self.cursor)

    @property
    def behind(self) -> timedelta:
        """For how long the oldest that the sink has not had has been waiting."""
        if not self.lag:
            return timedelta(0)
        since = self.journal.waits_since(self.cursor, thorough=self.thorough)
        return timedelta(0) if since is None else max(timedelta(0), self.now() - since)

    async def run(self) -> None:
        """Bring everything that is there and everything that comes, until cancelled."""
        sink, journal = self.sink, self.journal
        if isinstance(sink, Thorough):
            sink.recall(journal.memory(sink.name))
        while True:
            self.bell.clear()
            entries: Sequence[Written | Entry] = (
                journal.entries(self.cursor) if self.thorough else journal.transitions(self.cursor)
            )
            if entries:
                await self._deliver(entries)
                memory = sink.remember() if isinstance(sink, Thorough) else None
                journal.advance(sink.name, entries[-1].seq, memory)
                self.cursor = entries[-1].seq
            if isinstance(sink, Recurring):
                await self._beat(sink)
            if not entries:
                await self._rest()

    async def _rest(self) -> None:
        """Return when the journal has grown, or the sink has something to say again."""
        if not isinstance(self.sink, Recurring):
            await self.bell.wait()
            return
        with suppress(TimeoutError):
            async with asyncio.timeout_at(self._beat_at):
                await self.bell.wait()

    async def _beat(self, sink: Recurring) -> None:
        """Let the sink say what it says every so often, if it is time."""
        now = asyncio.get_running_loop().time()
        if now < self._beat_at:
            return
        self._beat_at = now + sink.every.total_seconds()
        try:
            await sink.beat()
        except SinkUnavailable as error:
            self._away(error)
        else:
            self._well()

    def _well(self) -> None:
        self.trouble, self.reached = "", True

    def _away(self, error: SinkUnavailable) -> None:
        if not self.trouble:
            log.warning("sink_unavailable", sink=self.sink.name, reason=str(error))
        self.trouble = str(error)

    async def _deliver(self, entries: Sequence[Written | Entry]) -> None:
        """Bring entries until the sink has taken or refused each."""
        pauses = waits(self.rng)
        while True:
            try:
                await self.sink.take(entries)
            except SinkUnavailable as error:
                self._away(error)
                await asyncio.sleep(max(next(pauses), error.after).total_seconds())
                continue
            except SinkRefused as error:
                await self._one_by_one(entries, error)
            self._well()
            return

    async def _one_by_one(self, entries: Sequence[Written | Entry], error: SinkRefused) -> None:
        if len(entries) == 1:
            log.error("sink_refused", sink=self.sink.name, seq=entries[0].seq, reason=str(error))
            self.refuse(MonitorSinkRefused(at=self.now(), sink=self.sink.name, reason=str(error)))
            return
        for entry in entries:
            await self._deliver([entry])
