"""The topics of the cluster as tests use them: writes the log and ticks, reads what came out."""

import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import msgspec
from confluent_kafka import OFFSET_END, Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from monitor.cluster.configurations import ConfigurationTopic
from monitor.cluster.records import (
    DeadLetter,
    LoggedInput,
    Outcome,
    RulesNamed,
    decode_logged,
    decode_outcome,
    encode,
)
from monitor.cluster.settings import Topics
from monitor.core.rules.model import RuleSet
from tests.support.cluster_stream import alert_keys
from tests.support.pipeline import START

PATIENCE = 300.0
PARTITIONS = 4
_MILLISECOND = timedelta(milliseconds=1)


class ClusterTopics:
    """Writes and reads the topics of one cluster."""

    def __init__(self, brokers: str, topics: Topics) -> None:
        self._brokers = brokers
        self._topics = topics
        self.producer = Producer(
            {
                "bootstrap.servers": brokers,
                "acks": "all",
                "enable.idempotence": True,
                "linger.ms": 5,
                "partitioner": "murmur2_random",
            }
        )
        self._reader = Consumer(
            {
                "bootstrap.servers": brokers,
                "group.id": f"{topics.prefix}.test",
                "isolation.level": "read_committed",
                "auto.offset.reset": "earliest",
                "enable.auto.commit": False,
            }
        )
        self._reader.assign([TopicPartition(topics.out, n, 0) for n in range(PARTITIONS)])
        self.changes = 0
        """How many changes of alerts have been read."""
        self.out: list[Outcome] = []
        """What has been read."""
        self.raw: list[bytes] = []
        """The same as it was written."""
        self.read_at: list[float] = []
        """When each was read, by `time.monotonic`."""

    def change_rules(self, sites: Iterable[str], rule_set: RuleSet, at: datetime = START) -> None:
        """Put rules in force at sites."""
        topic = ConfigurationTopic(self._brokers, self._topics.configuration)
        digest = topic.put(rule_set, self.producer)
        for site in sites:
            named = RulesNamed(received_at=at, who="test", digest=digest)
            self.write([LoggedInput(site=site, received_at=at, input=named)])
        self.flush()

    def write(self, entries: Iterable[LoggedInput]) -> None:
        """Write records of sites."""
        for entry in entries:
            self.write_raw(entry.site, encode(entry), entry.received_at)

    def write_raw(self, site: str, record: bytes, at: datetime) -> None:
        """Write any bytes into the log of a site."""
        while True:
            try:
                self.producer.produce(self._topics.log, record, site, timestamp=_milliseconds(at))
            except BufferError:
                self.producer.poll(0.1)
            else:
                self.producer.poll(0)
                return

    def tick(self, at: datetime) -> None:
        """Write a tick into each partition."""
        for number in range(PARTITIONS):
            record = b'{"tick":"' + at.isoformat().encode() + b'"}'
            self.producer.produce(
                self._topics.log, record, partition=number, timestamp=_milliseconds(at)
            )

    def flush(self) -> None:
        """Wait until all is written."""
        assert self.producer.flush(PATIENCE) == 0

    def remove_log(self) -> None:
        """Remove all records of the log so far."""
        admin = AdminClient({"bootstrap.servers": self._brokers})
        rows = [TopicPartition(self._topics.log, n, OFFSET_END) for n in range(PARTITIONS)]
        for future in admin.delete_records(rows).values():
            future.result(PATIENCE)

    def dead_letters(self) -> list[DeadLetter]:
        """Return the records that could not be taken in."""
        rows = self._all(self._topics.dead_letters, 1)
        return [msgspec.json.decode(row, type=DeadLetter) for row in rows]

    def log(self) -> list[LoggedInput]:
        """Return the records of sites in the log, those of each site in order."""
        rows = self._all(self._topics.log, PARTITIONS)
        return [decode_logged(row) for row in rows if not row.startswith(b'{"tick"')]

    def read(self, seconds: float) -> int:
        """Read for so long, or until there is nothing for that long; return how many outcomes came."""
        before = len(self.out)
        for message in self._reader.consume(1000, seconds):
            assert message.error() is None, message.error()
            outcome = decode_outcome(message.value())
            self.changes += len(alert_keys(outcome.site, outcome.transitions))
            self.out.append(outcome)
            self.raw.append(message.value())
            self.read_at.append(time.monotonic())
        return len(self.out) - before

    def read_until(self, holds: Callable[[], bool], patience: float = PATIENCE) -> bool:
        """Read until something holds; return whether it does in time."""
        deadline = time.monotonic() + patience
        while not holds():
            if time.monotonic() > deadline:
                return False
            self.read(0.5)
        return True

    def read_rest(self) -> None:
        """Read to the end of what is committed."""
        for number in range(PARTITIONS):
            where = TopicPartition(self._topics.out, number)
            end = self._reader.get_watermark_offsets(where, PATIENCE)[1]
            deadline = time.monotonic() + PATIENCE
            while self._reader.position([where])[0].offset < end:
                assert time.monotonic() < deadline
                self.read(0.5)

    def _all(self, topic: str, partitions: int) -> list[bytes]:
        """Return all records that are committed."""
        found: list[bytes] = []
        settings = {
            "group.id": topic,
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
        }
        reader = Consumer({"bootstrap.servers": self._brokers, **settings})
        for number in range(partitions):
            reader.assign([TopicPartition(topic, number, 0)])
            while (row := reader.poll(PATIENCE)) is not None and row.error() is None:
                found.append(row.value())
        reader.close()
        return found

    def close(self) -> None:
        """Close the reader."""
        self._reader.close()


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
