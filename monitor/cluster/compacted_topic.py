"""A compacted topic as a table: the latest value of each key, read as far as it has been written."""

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

from monitor.errors import ClusterUnavailable

WAIT = 20.0
"""Seconds to wait for an answer of the brokers."""


class CompactedTopic:
    """The rows of one topic.

    Args:
        brokers: addresses of Kafka brokers, with commas in between.
        topic: its name.

    """

    def __init__(self, brokers: str, topic: str) -> None:
        self.brokers = brokers
        self.topic = topic
        self.rows: dict[str, bytes] = {}
        """By key, as of the last `read`."""
        self._read_to: dict[int, int] = {}

    def read(self) -> None:
        """Read what has been written since the last time.

        Raises:
            ClusterUnavailable: the topic can't be read.

        """
        consumer = Consumer(
            {
                "bootstrap.servers": self.brokers,
                "group.id": self.topic,
                "enable.partition.eof": True,
            }
        )
        try:
            for number in consumer.list_topics(self.topic, WAIT).topics[self.topic].partitions:
                begin = self._read_to.get(number, 0)
                consumer.assign([TopicPartition(self.topic, number, begin)])
                self._read_to[number] = self._read_partition(consumer, begin)
        except KafkaException as error:
            raise ClusterUnavailable(f"Kafka {self.brokers}: {error.args[0]}") from error
        finally:
            consumer.close()

    def put(self, key: str, value: bytes, producer: Producer) -> None:
        """Write a row, and wait until all replicas have it.

        Raises:
            ClusterUnavailable: the brokers have not acknowledged it.

        """
        self._write(key, value, producer)
        self.rows[key] = value

    def remove(self, key: str, producer: Producer) -> None:
        """Remove a row, and wait until all replicas know it.

        Raises:
            ClusterUnavailable: the brokers have not acknowledged it.

        """
        self._write(key, None, producer)
        self.rows.pop(key, None)

    def _write(self, key: str, value: bytes | None, producer: Producer) -> None:
        failed: list[str] = []

        def delivered(error: object, _: object) -> None:
            if error is not None:
                failed.append(str(error))

        producer.produce(self.topic, value, key, on_delivery=delivered)
        if producer.flush(WAIT) or failed:
            raise ClusterUnavailable(f"Kafka {self.brokers}: {', '.join(failed) or 'no answer'}")

    def _read_partition(self, consumer: Consumer, begin: int) -> int:
        while True:
            message = consumer.poll(WAIT)
            if message is None:
                raise ClusterUnavailable(f"Kafka {self.brokers}: no answer in {WAIT:.0f} s")
            error = message.error()
            if error is not None and error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - its name
                return max(begin, int(message.offset()))
            if error is not None:
                raise KafkaException(error)
            begin = message.offset() + 1
            key, value = message.key().decode(), message.value()
            if value is None:
                self.rows.pop(key, None)
            else:
                self.rows[key] = value
