"""Delivers the journal to one sink, at the sink's own pace, with a cursor of its own."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import structlog

from monitor.core.events.monitor_delivery import MonitorSinkRefused
from monitor.errors import SinkRefused, SinkUnavailable
from monitor.journal import Entry, Journal, Written
from monitor.runtime.backoff import waits
from monitor.sinks.rejected_entry import refusal

if TYPE_CHECKING:
    from monitor.core.phrase import Phrase

log = structlog.get_logger()


class Sink(Protocol):
    """A receiver of entries. Taking an entry twice must do no harm."""

    name: str

    async def take(self, entries: Sequence[Any]) -> None:
        """Deliver all entries: transitions as `Written`; to a `StatefulSink`, every input as `Entry`.

        Raises:
            SinkUnavailable: a temporary failure: the relay tries the same entries again.
            SinkRefused: a permanent failure: the relay tries each entry alone and skips the one that is refused.

        """
        ...


@runtime_checkable
class StatefulSink(Protocol):
    """A sink that takes every input with its transitions and builds up a state from them."""

    def restore(self, saved: bytes | None) -> None:
        """Go back to the state that `save` returned at the cursor; ``None``: to the initial state."""
        ...

    def save(self) -> bytes:
        """Return the state after the latest entry taken; it is saved with the cursor."""
        ...


@runtime_checkable
class PeriodicSink(Protocol):
    """A sink that also sends something at intervals, whether or not the journal has grown."""

    every: timedelta

    async def send_periodic(self) -> None:
        """Send it; called every `every`, while nothing is being delivered.

        Raises:
            SinkUnavailable: a temporary failure; it is called again after `every`.

        """
        ...


class Relay:
    """The reader of the journal for one sink.

    Args:
        journal: the journal to read.
        sink: the sink to deliver to.
        refuse: called with each entry that the sink refused.
        now: the monitor's clock.
        rng: draws the pauses while the sink is unavailable.

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
        # Asked once: what these protocols have is looked up anew each time.
        self._stateful = sink if isinstance(sink, StatefulSink) else None
        self._periodic = sink if isinstance(sink, PeriodicSink) else None
        self.is_stateful = self._stateful is not None
        """The sink takes every input."""
        self.cursor = journal.readers.cursor(sink.name)
        """The number of the latest input that the sink has dealt with."""
        self.wake_up = asyncio.Event()
        """Set when the journal has grown."""
        self.trouble: Phrase | str = ""
        """Why nothing can be delivered at present; empty if it can."""
        self.reached = False
        """The sink has been reached since the start."""
        self._periodic_at = 0.0
        """When `send_periodic` is due, on the loop's clock."""

    @property
    def lag(self) -> int:
        """The number of inputs between the cursor and the latest one that the sink has to take."""
        latest = self.journal.seq if self.is_stateful else self.journal.last_transition_seq
        return max(0, latest - self.cursor)

    @property
    def behind(self) -> timedelta:
        """How long the oldest entry that the sink has not taken has been waiting."""
        if not self.lag:
            return timedelta(0)
        since = self.journal.first_received_after(self.cursor, stateful=self.is_stateful)
        return timedelta(0) if since is None else max(timedelta(0), self.now() - since)

    async def run(self) -> None:
        """Deliver what the journal holds and what is added to it, until cancelled."""
        name, journal, stateful = self.name, self.journal, self._stateful
        if stateful is not None:
            stateful.restore(journal.readers.saved_state(name))
        while True:
            self.wake_up.clear()
            entries: Sequence[Written | Entry] = (
                journal.entries(self.cursor)
                if self.is_stateful
                else journal.transitions(self.cursor)
            )
            if entries:
                await self._deliver(entries)
                saved = None if stateful is None else stateful.save()
                journal.readers.advance(name, entries[-1].seq, saved)
                self.cursor = entries[-1].seq
            if self._periodic is not None:
                await self._send_periodic(self._periodic)
            if not entries:
                await self._rest()

    async def _rest(self) -> None:
        """Return when the journal has grown or `send_periodic` is due."""
        if self._periodic is None:
            await self.wake_up.wait()
            return
        with suppress(TimeoutError):
            async with asyncio.timeout_at(self._periodic_at):
                await self.wake_up.wait()

    async def _send_periodic(self, sink: PeriodicSink) -> None:
        """Call `send_periodic` if it is due."""
        now = asyncio.get_running_loop().time()
        if now < self._periodic_at:
            return
        self._periodic_at = now + sink.every.total_seconds()
        try:
            await sink.send_periodic()
        except SinkUnavailable as error:
            self._unavailable(error)
            self._periodic_at += error.after.total_seconds()
        else:
            self._available()

    def _available(self) -> None:
        self.trouble, self.reached = "", True

    def _unavailable(self, error: SinkUnavailable) -> None:
        if not self.trouble:
            log.warning("sink_unavailable", sink=self.sink.name, reason=str(error))
        self.trouble = error.why

    async def _deliver(self, entries: Sequence[Written | Entry]) -> None:
        """Retry until the sink has taken or refused each entry."""
        pauses = waits(self.rng)
        while True:
            try:
                await self.sink.take(entries)
            except SinkUnavailable as error:
                self._unavailable(error)
                await asyncio.sleep(max(next(pauses), error.after).total_seconds())
                continue
            except SinkRefused as error:
                await self._one_by_one(entries, error)
            self._available()
            return

    async def _one_by_one(self, entries: Sequence[Written | Entry], error: SinkRefused) -> None:
        if len(entries) == 1:
            log.error("sink_refused", sink=self.sink.name, seq=entries[0].seq, reason=str(error))
            self.refuse(refusal(self.now(), self.sink.name, error.why))
            return
        for entry in entries:
            await self._deliver([entry])
