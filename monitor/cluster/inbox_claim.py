"""Which of a site's inboxes takes its messages in: the one to which Kafka's consumer group has given the partition."""

import asyncio
from collections.abc import Sequence

from confluent_kafka import Consumer, KafkaException, TopicPartition

from monitor.cluster.settings import Topics
from monitor.config.cluster import ClusterTable
from monitor.errors import ClusterUnavailable

GONE_AFTER = 6.0
"""Seconds without a sign of life after which another inbox takes over; longer than the network pauses: judgement."""
POLL = 0.25


def claim_group(table: ClusterTable, site: str) -> str:
    """Return the consumer group of a site's inboxes."""
    return f"{table.prefix}.inbox.{site}"


class InboxClaim:
    """The claim of one inbox; any number may run, and one holds it.

    Kafka decides, as it does for the partitions of every consumer group. The partition itself is not read.

    Args:
        table: where Kafka is.
        site: the id of the site's congress.

    """

    def __init__(self, table: ClusterTable, site: str) -> None:
        self.held = asyncio.Event()
        """This inbox takes the messages in."""
        self._site = site
        self._is_held = False
        self._is_lost = False
        self._consumer = Consumer(
            {
                "bootstrap.servers": table.brokers,
                "group.id": claim_group(table, site),
                "session.timeout.ms": int(GONE_AFTER * 1000),
                # Whoever has it keeps it while others come and go.
                "partition.assignment.strategy": "cooperative-sticky",
                "heartbeat.interval.ms": int(GONE_AFTER * 250),
                "enable.auto.commit": False,
                "auto.offset.reset": "latest",
            }
        )
        self._topic = Topics(table.prefix).inboxes

    async def run(self) -> None:
        """Keep the claim until cancelled.

        Raises:
            ClusterUnavailable: another inbox has it now; what this one has not acknowledged comes to that one.

        """
        self._consumer.subscribe(
            [self._topic],
            on_assign=self._assigned,
            on_revoke=self._revoked,
            on_lost=self._revoked,
        )
        try:
            while not self._is_lost:
                await asyncio.to_thread(self._consumer.poll, POLL)
                if self._is_held:
                    self.held.set()
        except KafkaException as error:
            raise ClusterUnavailable(f"{self._site}: {error.args[0]}") from error
        raise ClusterUnavailable(f"{self._site}: another inbox has taken over")

    def close(self) -> None:
        """Leave it to another inbox at once."""
        self._consumer.close()

    def _assigned(self, consumer: Consumer, partitions: Sequence[TopicPartition]) -> None:
        if partitions:
            consumer.incremental_assign(partitions)
            consumer.pause(partitions)
            self._is_held = True

    def _revoked(self, _: Consumer, partitions: Sequence[TopicPartition]) -> None:
        self._is_lost = self._is_lost or bool(partitions)
