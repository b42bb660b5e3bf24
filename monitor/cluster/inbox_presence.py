"""Asks Kafka whether an inbox of a site runs: the reader reports one that is gone as it reports a sink."""

import asyncio
from datetime import timedelta

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from monitor.cluster.inbox_claim import claim_group
from monitor.config.cluster import ClusterTable
from monitor.errors import SinkUnavailable

WAIT = 20.0
"""Seconds to wait for an answer of the brokers."""


class InboxPresence:
    """A target of a `HeartbeatLoop`, which asks again and again and keeps the answer.

    Args:
        table: where Kafka is.
        site: the id of the site's congress.

    """

    name = "inbox"
    every = timedelta(seconds=10)

    def __init__(self, table: ClusterTable, site: str) -> None:
        self._group = claim_group(table, site)
        self._admin = AdminClient({"bootstrap.servers": table.brokers})

    async def send(self) -> None:
        """Ask once.

        Raises:
            SinkUnavailable: none runs, or Kafka does not answer.

        """
        if not await asyncio.to_thread(self._count):
            raise SinkUnavailable(
                "no inbox of this site runs, and its broker keeps the messages; start `venue-monitor cluster inbox`"
            )

    async def close(self) -> None:
        """Do nothing: the client closes with the process."""

    def _count(self) -> int:
        """Return how many inboxes there are, with those that stand by."""
        try:
            (future,) = self._admin.describe_consumer_groups(
                [self._group], request_timeout=WAIT
            ).values()
            return len(future.result(WAIT).members)
        except KafkaException as error:
            raise SinkUnavailable(f"Kafka: {error.args[0]}") from error
