"""Reads the sites of a group again and again, for the board in the group's console."""

import asyncio
from collections.abc import Sequence

import structlog

from monitor.cluster.compacted_topic import CompactedTopic
from monitor.cluster.settings import Topics
from monitor.cluster.site_signs import read_signs
from monitor.cluster.sites_board import of_group
from monitor.config.cluster import ClusterTable
from monitor.errors import ClusterUnavailable
from monitor.runtime.clock import Clock
from monitor.web.sites import SiteOnBoard

log = structlog.get_logger()

READ_EVERY = 5.0
"""Seconds between two looks into the topic: that often, a site gives a sign."""


class GroupSites:
    """What is known of the sites of a group.

    Args:
        table: where Kafka is.
        group: the id of the group's congress.
        clock: the present time.

    """

    def __init__(self, table: ClusterTable, group: str, clock: Clock) -> None:
        self._signs = CompactedTopic(table.brokers, Topics(table.prefix).inboxes)
        self._group = group
        self._clock = clock

    async def run(self) -> None:
        """Read until cancelled; while Kafka does not answer, what was read grows old, which the board says."""
        while True:
            try:
                await asyncio.to_thread(self._signs.read)
            except ClusterUnavailable as error:
                log.warning("sites_unreadable", reason=str(error))
            await asyncio.sleep(READ_EVERY)

    async def rows(self) -> Sequence[SiteOnBoard]:
        """Return the sites, the most urgent first."""
        return of_group(read_signs(dict(self._signs.rows)), self._group, self._clock.now())
