"""The inbox of one site: what arrives over MQTT goes to the log, and is acknowledged when all replicas have it."""

import asyncio
import math
from collections import deque
from datetime import datetime, timedelta

from monitor.cluster.log import LogWriter
from monitor.cluster.log_connection import LogConnection
from monitor.cluster.records import LoggedInput
from monitor.core.engine.stages.order import LONGEST_CATCH_UP
from monitor.core.events.monitor import (
    MonitorCaughtUp,
    MonitorConnected,
    MonitorStarted,
    Noticed,
)
from monitor.core.inputs import Arrival
from monitor.ingest.connection_status import ConnectionStatus
from monitor.ingest.inbox import Inbox
from monitor.runtime.clock import Clock

CHECK = 0.25
"""Seconds between two looks at the connection while nothing arrives."""


class SiteInbox:
    """Takes the messages of one site into the log, and tells the site when it was deaf.

    Args:
        writer: makes records of messages.
        log: where they go.
        clock: the time of all its records.
        lateness: how late a message may be and still not belong to a backlog.

    """

    def __init__(
        self, writer: LogWriter, log: LogConnection, clock: Clock, lateness: timedelta
    ) -> None:
        self._writer = writer
        self._log = log
        self.clock = clock
        self.lateness = lateness
        self.behind = timedelta(0)
        """The age of the latest live event when it was received."""
        self.resumed_at = -math.inf
        """Never: this inbox reports a pause of its own as a loss of the connection, which it is."""
        self._catching_up_until: datetime | None = None
        self._notices: deque[LoggedInput] = deque()

    @property
    def is_catching_up(self) -> bool:
        """Whether the site holds its watermark until the backlog has been received."""
        until = self._catching_up_until
        return until is not None and self.clock.now() < until

    def notice(self, event: Noticed) -> None:
        """Report something to the site, in the order in which it is noticed."""
        match event:
            case MonitorStarted() | MonitorConnected():
                self._catching_up_until = self.clock.now() + LONGEST_CATCH_UP * self.lateness
            case MonitorCaughtUp():
                self._catching_up_until = None
            case _:
                pass
        self._notices.append(self._writer.notice(event, self.clock.now()))

    async def run(self, inbox: Inbox, broker: str) -> None:
        """Take in what arrives, until cancelled.

        Raises:
            ClusterUnavailable: the log can't be written; the broker keeps what was not acknowledged.

        """
        connection = ConnectionStatus(inbox, self, broker)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch(connection))
            group.create_task(self._take_in(inbox, connection))

    async def _take_in(self, inbox: Inbox, connection: ConnectionStatus) -> None:
        async for batch in inbox:
            connection.received(batch[-1])
            connection.check()
            entries = [
                entry
                for message in batch
                for entry in self._writer.message(message, message.received_at)
            ]
            await self._append(entries)
            inbox.acknowledge(batch)
            if entries:
                self._note_age(entries[-1])
                connection.processed()

    async def _watch(self, connection: ConnectionStatus) -> None:
        while True:
            await asyncio.sleep(CHECK)
            connection.check()
            if self._notices:
                await self._append(())

    async def _append(self, entries: tuple[LoggedInput, ...] | list[LoggedInput]) -> None:
        """Write what was noticed before, and then these records."""
        noticed = [*self._notices]
        self._notices.clear()
        await self._log.append([*noticed, *entries])

    def _note_age(self, entry: LoggedInput) -> None:
        match entry.read():
            case Arrival(events=(latest, *_), retained=False):
                self.behind = self.clock.now() - latest.at
            case _:
                pass
