"""The table of ``config.toml`` about the cluster, the same for all its programs."""

import re

from msgspec import Struct

from monitor.config.outward_checks import why_not_a_url
from monitor.toml import KeyMistakes

_BROKERS = re.compile(r"[^\s,:]+:\d+(,[^\s,:]+:\d+)*")
_PREFIX = re.compile(r"[A-Za-z0-9._-]{1,100}")


class ClusterTable(Struct, frozen=True, kw_only=True):
    """``[cluster]``: the deployment is a site of a cluster; docs/cluster.md."""

    brokers: str
    """Addresses of Kafka brokers, with commas in between."""
    flink: str = "http://127.0.0.1:8081"
    """The address of Flink's JobManager."""
    prefix: str = "venue"
    """The names of the topics begin with it."""
    partitions: int = 64
    """Of the log; fixed when the topics are created, since a site has to stay in its partition."""
    replicas: int = 3
    """Copies of each topic, on as many brokers; 2 of 3 have to have a record before it counts as written."""
    group: str = ""
    """The id of a deployment whose rules see the badges of this site beside those of others; empty: none."""
    workers: int = 2
    """TaskManager slots that share the sites."""


def check_cluster(table: ClusterTable) -> KeyMistakes:
    """Yield the mistakes of ``[cluster]``."""
    if not _BROKERS.fullmatch(table.brokers):
        yield "brokers", 'is no list of addresses; write e.g. "kafka-1:9092,kafka-2:9092"'
    if why := why_not_a_url(table.flink):
        yield "flink", why
    if not _PREFIX.fullmatch(table.prefix):
        yield "prefix", "may contain letters, digits, full stops, underscores and hyphens"
    for key in ("partitions", "replicas", "workers"):
        if getattr(table, key) < 1:
            yield key, "must be at least 1"
