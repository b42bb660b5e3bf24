"""The committed outcomes of one site, as they come from the topic `out`."""

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from monitor.cluster.partition import partition_of
from monitor.cluster.records import Outcome, decode_outcome
from monitor.cluster.settings import Topics
from monitor.config.cluster import ClusterTable
from monitor.errors import ClusterUnavailable

WAIT = 20.0
"""Seconds to wait for an answer of the brokers."""
BATCH = 500
"""Outcomes in one transaction."""


class SiteOutcomes:
    """Reads the partition of one site.

    Args:
        table: where the topic is.
        site: whose outcomes; those of the other sites in its partition are passed over.
        is_new: whether to read from the beginning of the topic, and not from the latest `done`.

    Raises:
        ClusterUnavailable: the brokers do not answer, or have no such topic.

    """

    def __init__(self, table: ClusterTable, site: str, *, is_new: bool) -> None:
        self.at_end = False
        """Whether everything has been read that was there at some moment since the start."""
        self._brokers = table.brokers
        self._site = site.encode()
        self._consumer = Consumer(
            {
                "bootstrap.servers": table.brokers,
                "group.id": f"{table.prefix}.reader.{site}",
                "isolation.level": "read_committed",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
            }
        )
        topic = Topics(table.prefix).out
        try:
            known = self._consumer.list_topics(topic, WAIT).topics[topic]
            if known.error is not None:
                raise ClusterUnavailable(f"Kafka {self._brokers}: {topic}: {known.error}")
            where = TopicPartition(topic, partition_of(self._site, len(known.partitions)), 0)
            done = where if is_new else self._consumer.committed([where], WAIT)[0]
        except KafkaException as error:
            raise ClusterUnavailable(f"Kafka {self._brokers}: {error.args[0]}") from error
        self._consumer.assign([TopicPartition(topic, where.partition, max(0, done.offset))])

    def read(self, seconds: float) -> list[Outcome]:
        """Return what comes in this time, at most a batch.

        Raises:
            ClusterUnavailable: the brokers do not answer.
            msgspec.MsgspecError: an outcome is damaged, or from a later version.

        """
        found = []
        for row in self._consumer.consume(BATCH, seconds):
            error = row.error()
            if error is None and row.key() == self._site:
                found.append(decode_outcome(row.value()))
            elif error is not None and error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - its name
                self.at_end = True
            elif error is not None and error.code() != KafkaError._ALL_BROKERS_DOWN:  # noqa: SLF001
                raise ClusterUnavailable(f"Kafka {self._brokers}: {error}")
        return found

    def done(self) -> None:
        """Begin after what has been read so far at the next start. It is in the journal, and a gap would be noticed."""
        self._consumer.commit(asynchronous=True)

    def close(self) -> None:
        """Close the connection."""
        self._consumer.close()
