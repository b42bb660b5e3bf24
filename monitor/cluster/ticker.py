"""The ticker: writes the time into each partition of the log, so that time passes where nothing else arrives."""

import asyncio

from monitor.cluster.log_connection import LogConnection
from monitor.runtime.clock import Clock

EVERY = 1.0
"""Seconds between two ticks of a partition, and so the longest delay of a timer besides that of the checkpoints."""


class Ticker:
    """Ticks until it is cancelled. Any number may run: a tick twice is the same as once."""

    def __init__(self, log: LogConnection, clock: Clock) -> None:
        self._log = log
        self._clock = clock

    async def run(self) -> None:
        """Tick until cancelled.

        Raises:
            ClusterUnavailable: the log is not there at the start; later on, Kafka's client waits for it.

        """
        partitions = await asyncio.to_thread(self._log.partitions)
        while True:
            self._log.tick(partitions, self._clock.now())
            await asyncio.sleep(EVERY)
