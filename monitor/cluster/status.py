"""How the cluster is: whether time passes in every partition, the job runs, and each site has an inbox and a reader."""

import json
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.error import URLError

from confluent_kafka import Consumer, KafkaException, TopicPartition
from msgspec import Struct

from monitor.cluster.compacted_topic import CompactedTopic
from monitor.cluster.log_connection import LogConnection
from monitor.cluster.partition import partition_of
from monitor.cluster.settings import JOB_NAME, Topics
from monitor.cluster.site_signs import SiteSigns, keys_of, read_signs
from monitor.config.cluster import ClusterTable
from monitor.errors import ClusterUnavailable

WAIT = 20.0
SILENT = timedelta(seconds=10)
"""After ten ticks that are missing, time stands still: no timer fires at any site, so this has to be an alarm."""
OLD = timedelta(minutes=1)
"""A job whose latest checkpoint is older delivers nothing."""


class ClusterStatus(Struct, frozen=True, kw_only=True):
    """What was found."""

    partitions: int
    """Of the log."""
    behind_s: dict[int, float]
    """By partition: the age of its latest record, where it is too old; the watermark of all sites waits for it."""
    job: str
    """The state of the job, as Flink names it; empty: there is none."""
    checkpoint_age_s: float | None
    """The age of the latest checkpoint; ``None``: there is none."""
    at: datetime
    """When it was found."""
    sites: tuple[SiteSigns, ...] = ()
    """What is known of the programs of each site, if all of them were asked for."""

    @property
    def troubles(self) -> Iterator[str]:
        """What is wrong, one line each."""
        for number, age in self.behind_s.items():
            yield f"partition {number}: no record for {age:.0f} s; start `venue-monitor cluster ticker`"
        if self.job != "RUNNING":
            state = self.job or "missing; start it with `venue-monitor cluster submit`"
            yield f"job {JOB_NAME}: {state}"
        elif self.checkpoint_age_s is None or self.checkpoint_age_s > OLD.total_seconds():
            yield f"job {JOB_NAME}: no checkpoint for a minute, so nothing is delivered"
        for row in self.sites:
            yield from row.troubles(self.at)


def read_status(table: ClusterTable, site: str = "") -> ClusterStatus:
    """Ask Kafka and Flink.

    Args:
        table: where they are.
        site: look only at the partition of this site, and not at its programs; empty: at all.

    Raises:
        ClusterUnavailable: one of them does not answer.

    """
    now = datetime.now(UTC)
    latest = _latest(table, site)
    job, checkpoint = _job(table.flink)
    ages = {number: (now - at).total_seconds() for number, at in latest.items()}
    return ClusterStatus(
        partitions=len(latest),
        behind_s={n: age for n, age in ages.items() if age > SILENT.total_seconds()},
        job=job,
        checkpoint_age_s=None if checkpoint is None else (now - checkpoint).total_seconds(),
        at=now,
        sites=() if site else read_sites(table),
    )


def read_sites(table: ClusterTable) -> tuple[SiteSigns, ...]:
    """Return what is known of the programs of each site.

    Raises:
        ClusterUnavailable: Kafka does not answer.

    """
    signs = CompactedTopic(table.brokers, Topics(table.prefix).inboxes)
    signs.read()
    return read_signs(signs.rows)


def forget_site(table: ClusterTable, site: str) -> bool:
    """Remove what is known of the programs of a site, so that none is expected; return whether something was.

    Raises:
        ClusterUnavailable: Kafka does not answer.

    """
    topics = Topics(table.prefix)
    signs = CompactedTopic(table.brokers, topics.inboxes)
    signs.read()
    known = [key for key in keys_of(site) if key in signs.rows]
    connection = LogConnection(table.brokers, topics.log)
    for key in known:
        signs.remove(key, connection.producer)
    return bool(known)


def _latest(table: ClusterTable, site: str) -> dict[int, datetime]:
    """Return the time of the latest record of each partition of the log; that of an empty one is 1970."""
    topic = Topics(table.prefix).log
    settings = {"bootstrap.servers": table.brokers, "group.id": f"{table.prefix}.status"}
    reader = Consumer(settings)
    found: dict[int, datetime] = {}
    try:
        known = reader.list_topics(topic, WAIT).topics[topic].partitions
        for number in [partition_of(site.encode(), len(known))] if site else known:
            end = reader.get_watermark_offsets(TopicPartition(topic, number), WAIT)[1]
            found[number] = datetime.fromtimestamp(0, UTC)
            if not end:
                continue
            reader.assign([TopicPartition(topic, number, end - 1)])
            record = reader.poll(WAIT)
            if record is not None and record.error() is None:
                found[number] = datetime.fromtimestamp(record.timestamp()[1] / 1000, UTC)
    except KafkaException as error:
        raise ClusterUnavailable(f"Kafka {table.brokers}: {error.args[0]}") from error
    finally:
        reader.close()
    return found


def _job(flink: str) -> tuple[str, datetime | None]:
    """Return the state of the job that was started last, and when its latest checkpoint was complete."""
    jobs = [row for row in _get(flink, "/jobs/overview")["jobs"] if row["name"] == JOB_NAME]
    if not jobs:
        return "", None
    job = max(jobs, key=lambda row: row["start-time"])
    latest = _get(flink, f"/jobs/{job['jid']}/checkpoints")["latest"]
    done = [
        row["latest_ack_timestamp"] for row in (latest["completed"], latest["savepoint"]) if row
    ]
    return job["state"], datetime.fromtimestamp(max(done) / 1000, UTC) if done else None


def _get(flink: str, path: str) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(f"{flink}{path}", timeout=WAIT) as answer:  # noqa: S310 - from the configuration
            found: dict[str, Any] = json.load(answer)
    except (URLError, TimeoutError) as error:
        raise ClusterUnavailable(f"Flink {flink}: {error}") from error
    return found
