"""Creates the topics of the cluster, and finds what is wrong with those that are there."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, ResourceType

from monitor.cluster.settings import Topics
from monitor.config.cluster import ClusterTable
from monitor.errors import ClusterUnavailable

WAIT = 30.0
"""Seconds to wait for an answer of the brokers."""
LARGEST = 10_000_000
"""Bytes of a record: a rule set, or the state of a site that is brought over from one machine."""

_FOR_A_MONTH = {
    # A page that is older is not sent any more, whatever is known of it.
    "cleanup.policy": "compact,delete",
    "retention.ms": str(30 * 24 * 3600 * 1000),
}

_SOON_COMPACTED = {
    # Each site writes every five seconds, and whoever starts reads all of it: only old segments are compacted.
    "segment.bytes": str(16_000_000),
}


class Wanted(NamedTuple):
    """How a topic has to be."""

    name: str
    partitions: int
    settings: Mapping[str, str]
    at_first: Mapping[str, str] = {}
    """Further settings when it is created, which operators may change."""


def wanted(table: ClusterTable) -> list[Wanted]:
    """Return all topics of a cluster."""
    topics = Topics(table.prefix)
    common = {
        # One broker of three may be away, and yet no record is lost.
        "min.insync.replicas": str(max(1, table.replicas - 1)),
        "max.message.bytes": str(LARGEST),
    }
    kept = {**common, "cleanup.policy": "delete"}
    latest = {**common, "cleanup.policy": "compact"}
    return [
        Wanted(topics.log, table.partitions, kept),
        # The journal of all sites, from which a reader writes its own again; Kafka's usual week would not do.
        Wanted(topics.out, table.partitions, kept, {"retention.ms": "-1"}),
        Wanted(topics.dead_letters, 1, kept),
        Wanted(topics.configuration, 1, latest),
        Wanted(topics.inboxes, 1, {**latest, **_SOON_COMPACTED}),
        Wanted(topics.readers, 1, {**common, **_FOR_A_MONTH}),
    ]


def create_topics(table: ClusterTable, more: Mapping[str, str] = {}) -> list[str]:
    """Create the topics that are missing; return their names.

    Args:
        table: how many partitions and copies they get.
        more: further settings of Kafka for all of them, where nothing else is said here.

    Raises:
        ClusterUnavailable: the brokers do not answer, or refuse.

    """
    try:
        admin = AdminClient({"bootstrap.servers": table.brokers})
        known = admin.list_topics(timeout=WAIT).topics
        missing = [
            NewTopic(
                row.name,
                row.partitions,
                table.replicas,
                config={**more, **row.settings, **row.at_first},
            )
            for row in wanted(table)
            if row.name not in known
        ]
        if missing:
            for future in admin.create_topics(missing).values():
                future.result(WAIT)
    except KafkaException as error:
        raise ClusterUnavailable(f"Kafka {table.brokers}: {error.args[0]}") from error
    return [topic.topic for topic in missing]


def topic_mistakes(table: ClusterTable) -> Iterator[str]:
    """Yield what is wrong with the topics, one line each.

    Raises:
        ClusterUnavailable: the brokers do not answer.

    """
    try:
        admin = AdminClient({"bootstrap.servers": table.brokers})
        known = admin.list_topics(timeout=WAIT).topics
        for row in wanted(table):
            if row.name not in known:
                yield f"topic {row.name}: missing; create it with `venue-monitor cluster check --create`"
                continue
            found = len(known[row.name].partitions)
            if found != row.partitions:
                yield f"topic {row.name}: has {found} partitions, [cluster] partitions says {row.partitions}"
            yield from _differing(admin, row)
    except KafkaException as error:
        raise ClusterUnavailable(f"Kafka {table.brokers}: {error.args[0]}") from error


def _differing(admin: AdminClient, row: Wanted) -> Iterator[str]:
    resource = ConfigResource(ResourceType.TOPIC, row.name)
    (future,) = admin.describe_configs([resource]).values()
    found = future.result(WAIT)
    for key, value in row.settings.items():
        if found[key].value != value:
            yield f"topic {row.name}: {key} is {found[key].value}; set it to {value}"
