"""One job with topics of its own, what is fed into it, and the oracle beside it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice

from monitor.cluster.records import LoggedInput
from monitor.cluster.settings import JobSettings, Topics
from monitor.cluster.topics import create_topics
from monitor.config.cluster import ClusterTable
from monitor.core.rules.model import RuleSet
from tests.support.cluster_stream import Difference, Oracle, compare, names, rules_of, stream
from tests.support.cluster_topics import PARTITIONS, PATIENCE, ClusterTopics
from tests.support.engine import LATENESS, RULE_SET, TOLERANCE
from tests.support.flink import FlinkServers
from tests.support.kafka import KafkaServers
from tests.support.pipeline import START

_TICK_EVERY = 50


class ClusterRun:
    """A stream of messages through Kafka and Flink, with what one process would make of it.

    Args:
        kafka: keeps the topics.
        flink: runs the job.
        name: of the run; its topics begin with it.
        site_count: how many sites.

    """

    def __init__(
        self, kafka: KafkaServers, flink: FlinkServers, name: str, site_count: int = 12
    ) -> None:
        self.flink = flink
        self.admin = kafka.admin
        """Returns a client to administer the brokers."""
        self.sites = names(site_count)
        self.settings = JobSettings(
            brokers=kafka.brokers,
            topics=Topics(name),
            lateness=LATENESS,
            tolerance=TOLERANCE,
            snapshot_after=timedelta(seconds=2),
            snapshot_records=50,
        )
        self.table = ClusterTable(
            brokers=kafka.brokers, prefix=name, partitions=PARTITIONS, replicas=kafka.count
        )
        # The stream is of another year.
        create_topics(self.table, {"retention.ms": "-1"})
        topics = self.settings.topics
        self.line = ClusterTopics(kafka.brokers, topics)
        self.oracle = Oracle()
        self.job = ""
        self.now: datetime = START
        self._stream = stream(self.sites, 1_000_000, 1)
        self.change_rules(RULE_SET)

    def submit(self, parallelism: int, savepoint: str = "") -> None:
        """Start the job."""
        self.job = self.flink.submit(self.settings, parallelism, savepoint)

    def feed(self, count: int) -> Sequence[LoggedInput]:
        """Write the next messages of the stream, with ticks in between; return them."""
        entries = list(islice(self._stream, count))
        for place, entry in enumerate(entries):
            self.oracle.take(entry)
            self.line.write([entry])
            if place % _TICK_EVERY == 0:
                self.line.tick(entry.received_at)
        self.now = entries[-1].received_at
        self.line.flush()
        return entries

    def read(self, count: int) -> None:
        """Wait until so many outcomes are there."""
        assert self.line.read_until(lambda: len(self.line.out) >= count), len(self.line.out)

    def change_rules(self, rule_set: RuleSet) -> None:
        """Put other rules in force at all sites, after what has been written so far."""
        self.line.change_rules(self.sites, rule_set, self.now)
        rules_of(self.oracle, self.sites, rule_set, self.now)

    def forget_log(self) -> None:
        """Remove what is in the log so far, as if the job had never read it, and put the rules in force again."""
        self.line.remove_log()
        self.line.change_rules(self.sites, RULE_SET, self.now)

    def back_at(self, before: datetime) -> float:
        """Return when the last site had an outcome of something later, by `time.monotonic`."""
        first: dict[str, float] = {}
        for outcome, at in zip(self.line.out, self.line.read_at, strict=True):
            if outcome.entry.received_at > before:
                first.setdefault(outcome.site, at)
        return max(first.values())

    def finish(self, patience: float = PATIENCE) -> Difference:
        """Let an hour pass at all sites, stop the job when all is there, and compare."""
        end = self.now + timedelta(hours=1)
        self.oracle.end(end)
        self.line.tick(end + self.settings.disorder)
        self.line.flush()
        wanted = self.oracle.count()
        self.line.read_until(lambda: self.line.changes >= wanted, patience)
        self.flink.stop_with_savepoint(self.job)
        self.line.read_rest()
        return compare(self.oracle.changes, self.line.out)
