"""Runs the import of a site: its state into the topic `configuration`, then the record that names it into the log."""

import asyncio
from datetime import UTC, datetime

from monitor.cluster.configurations import ConfigurationTopic, Published
from monitor.cluster.journal_import import site_of, snapshot_of, state_of
from monitor.cluster.log_connection import LogConnection
from monitor.cluster.records import Imported, LoggedInput
from monitor.cluster.settings import Topics
from monitor.cluster.site import Settings
from monitor.config import Config
from monitor.config.cluster import ClusterTable
from monitor.errors import ClusterUnavailable
from monitor.journal import Journal
from monitor.texts import ENGLISH


async def run_import(config: Config, table: ClusterTable, who: str) -> str:
    """Bring the site of a configuration over; return its id.

    Raises:
        JournalError: the monitor still runs, or its journal can't be read.
        ClusterUnavailable: Kafka does not answer, or the site is there already.

    """
    topics = Topics(table.prefix)
    connection = LogConnection(table.brokers, topics.log)
    topic = ConfigurationTopic(table.brokers, topics.configuration)
    settings = Settings(config.time.lateness, config.time.tolerance, ENGLISH)
    with Journal(config.journal.path) as journal:
        rule_set = state_of(journal, settings).rule_set
        site = site_of(rule_set)
        if topic.published(site) != Published():
            raise ClusterUnavailable(f"Kafka {table.brokers}: {site} is in the cluster already")
        rules = await asyncio.to_thread(topic.put, rule_set, connection.producer)
        body = snapshot_of(journal, rules, settings, topic)
        digest = await asyncio.to_thread(topic.put, body, connection.producer)
        now = datetime.now(UTC)
        named = Imported(received_at=now, who=who, digest=digest)
        await connection.append([LoggedInput(site=site, received_at=now, input=named)])
        await asyncio.to_thread(topic.publish, site, Published(rules), connection.producer)
    return site
