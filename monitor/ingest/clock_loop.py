"""The clock loop: advances the time when no messages arrive, and reports to systemd that the monitor is alive."""

import asyncio
import time

from monitor.core.inputs import Tick
from monitor.ingest.connection_status import ConnectionStatus
from monitor.ingest.pipeline import Pipeline
from monitor.runtime import systemd

TICK = 0.05
"""Seconds between two ticks: the longest delay of a timer."""
STEP_LIMIT = 500
"""Events and timers of a backlog in one step: some 20 ms, and more if many alerts follow. In between everything else
has its turn."""


class ClockLoop:
    """Fires the timers that are due."""

    def __init__(self, pipeline: Pipeline, connection: ConnectionStatus) -> None:
        self._pipeline = pipeline
        self._connection = connection
        self.ticked_at = time.monotonic()
        """When the loop last ran: an event loop that is blocked fires no timer."""

    async def run(self) -> None:
        """Run until cancelled."""
        watchdog = systemd.watchdog()
        notified_at = time.monotonic()
        while True:
            # Between two parts of a backlog, everything else has its turn, and no more.
            await asyncio.sleep(0 if self._pipeline.engine.state.time.is_cut else TICK)
            self._pipeline.look_at_clock()
            self._connection.check()
            now, deadline = self._pipeline.clock.now(), self._pipeline.engine.deadline
            if deadline is not None and deadline <= self._pipeline.engine.now_at(now):
                self._pipeline.tick(Tick(received_at=now))
            self.ticked_at = time.monotonic()
            if watchdog is not None and self.ticked_at - notified_at >= watchdog.total_seconds():
                systemd.notify("WATCHDOG=1")
                notified_at = self.ticked_at
