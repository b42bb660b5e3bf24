"""The connection to the log: records are written there, and only then may a message be acknowledged."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from confluent_kafka import KafkaException, Producer

from monitor.cluster.records import LoggedInput, encode
from monitor.errors import ClusterUnavailable

WAIT = 60.0
"""Seconds after which a record that the brokers have not acknowledged has failed."""
_SETTINGS = {
    # All replicas that are in step have a record before it counts as written.
    "acks": "all",
    "enable.idempotence": True,
    "linger.ms": 2,
    # A rule set, or the state of a site, is one record.
    "message.max.bytes": 10_000_000,
    "delivery.timeout.ms": int(WAIT * 1000),
    # That of Kafka's own clients, so that every program finds a site in the same partition.
    "partitioner": "murmur2_random",
}


class LogConnection:
    """Writes records to the topics.

    Args:
        brokers: addresses of Kafka brokers, with commas in between.
        topic: the topic `in`.

    """

    def __init__(self, brokers: str, topic: str) -> None:
        self._brokers = brokers
        self._topic = topic
        self.producer = Producer({"bootstrap.servers": brokers, **_SETTINGS})

    async def append(self, entries: Sequence[LoggedInput]) -> None:
        """Write records, in order; return when they can't be lost any more.

        Raises:
            ClusterUnavailable: some may be missing; those that are there may be written again.

        """
        failed: list[str] = []

        def delivered(error: object, _: object) -> None:
            if error is not None:
                failed.append(str(error))

        for entry in entries:
            at = milliseconds(entry.received_at)
            self._produce(
                self._topic, encode(entry), entry.site, timestamp=at, on_delivery=delivered
            )
        left = await asyncio.to_thread(self.producer.flush, WAIT)
        if failed or left:
            reason = failed[0] if failed else f"no answer in {WAIT:.0f} s"
            raise ClusterUnavailable(f"Kafka {self._brokers}: {reason}")

    def tick(self, partitions: int, now: datetime) -> None:
        """Write a tick into each partition of the log, and do not wait for it: the next one comes soon."""
        record = b'{"tick":"' + now.isoformat().encode() + b'"}'
        for number in range(partitions):
            self._produce(self._topic, record, partition=number, timestamp=milliseconds(now))
        self.producer.poll(0)

    def put(self, topic: str, key: str, value: bytes) -> None:
        """Write a row of a compacted topic, and do not wait for it."""
        self._produce(topic, value, key)
        self.producer.poll(0)

    def partitions(self) -> int:
        """Return how many partitions the log has.

        Raises:
            ClusterUnavailable: the brokers do not answer, or have no such topic.

        """
        try:
            found = self.producer.list_topics(self._topic, WAIT).topics[self._topic]
        except KafkaException as error:
            raise ClusterUnavailable(f"Kafka {self._brokers}: {error.args[0]}") from error
        if found.error is not None:
            raise ClusterUnavailable(f"Kafka {self._brokers}: {self._topic}: {found.error}")
        return len(found.partitions)

    def _produce(self, topic: str, value: bytes, key: str | None = None, **more: Any) -> None:  # noqa: ANN401
        """Hand a record to the client; while its queue is full, wait for the brokers."""
        while True:
            try:
                self.producer.produce(topic, value, key, **more)
            except BufferError:
                self.producer.poll(0.1)
            else:
                return


def milliseconds(at: datetime) -> int:
    """Return a time as Kafka wants it."""
    return int(at.timestamp() * 1000)
