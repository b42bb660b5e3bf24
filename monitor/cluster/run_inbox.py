"""Runs the inbox of one site: publishes its rules, connects to its broker, and takes its messages in."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from random import SystemRandom

import structlog

from monitor.app.broker import FILTERS, broker_settings
from monitor.app.broker_address import address_of
from monitor.app.deployment import translator
from monitor.cluster.compacted_topic import CompactedTopic
from monitor.cluster.configurations import ConfigurationTopic, Published
from monitor.cluster.inbox import SiteInbox
from monitor.cluster.inbox_claim import InboxClaim
from monitor.cluster.log import LogWriter
from monitor.cluster.log_connection import LogConnection
from monitor.cluster.records import LoggedInput, RulesNamed
from monitor.cluster.settings import Topics
from monitor.cluster.site_signs import ALIVE
from monitor.config import Config
from monitor.config.cluster import ClusterTable
from monitor.core.events.monitor import MonitorSessionLost, MonitorStarted
from monitor.core.events.monitor_files import MonitorRulesLoaded, MonitorRulesRefused
from monitor.core.rules.model import RuleSet
from monitor.deadman.heartbeat_message import status_topic
from monitor.errors import ConfigError
from monitor.ingest.inbox import Inbox
from monitor.mqtt import Will
from monitor.runtime.clock import Clock

log = structlog.get_logger()


async def run_inbox(  # noqa: PLR0913, PLR0917 - the deployment, and how it is watched
    config: Config,
    table: ClusterTable,
    read: Callable[[], RuleSet],
    who: str,
    clock: Clock,
    reload: asyncio.Event,
) -> None:
    """Run until cancelled; while another inbox of the site runs, stand by.

    Args:
        config: the deployment.
        table: its ``[cluster]``.
        read: reads its rules and venue.
        who: who has started it, for the audit.
        clock: the time of all records.
        reload: is set when the files have to be read again.

    Raises:
        ClusterUnavailable: Kafka does not answer, or another inbox has taken over; what was not acknowledged stays with
            the broker.
        ConfigError: the files have mistakes.

    """
    site = read().venue.congress.id
    claim = InboxClaim(table, site)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(claim.run())
            log.info("inbox_stands_by", site=site)
            await claim.held.wait()
            await _run(config, table, site, read, who, clock, reload)
    finally:
        await asyncio.to_thread(claim.close)


async def _run(  # noqa: PLR0913, PLR0917 - as above
    config: Config,
    table: ClusterTable,
    site: str,
    read: Callable[[], RuleSet],
    who: str,
    clock: Clock,
    reload: asyncio.Event,
) -> None:
    """Take the messages in, until cancelled or another inbox takes over."""
    topics = Topics(table.prefix)
    connection = LogConnection(table.brokers, topics.log)
    publisher = Publisher(site, connection, ConfigurationTopic(table.brokers, topics.configuration))
    alive = CompactedTopic(table.brokers, topics.inboxes)
    await asyncio.to_thread(alive.read)
    writer = LogWriter(site, translator(config), frozenset(config.staff.mqtt), table.group)
    line = SiteInbox(writer, connection, clock, config.time.lateness)
    # Read again: this inbox may have stood by for a month.
    await publisher.publish(await asyncio.to_thread(read), who, clock.now())
    line.notice(MonitorStarted(at=clock.now(), downtime_s=_downtime(alive, site, clock.now())))
    settings = broker_settings(config)
    address = address_of(settings)
    async with AsyncExitStack() as stack:
        inbox = Inbox(
            address,
            client_id=settings.client_id,
            filters=[*FILTERS, *(adapter.topic for adapter in config.adapters)],
            clock=clock.now,
            rng=SystemRandom(),
            on_session_lost=lambda: line.notice(
                MonitorSessionLost(at=clock.now(), broker=str(address))
            ),
            expect_session=site in alive.rows,
            will=Will(status_topic(site), b"offline"),
            online=b"online",
            limit=settings.max_unacknowledged,
            batch=config.journal.batch,
        )
        await stack.enter_async_context(inbox)
        log.info("inbox_running", site=site, broker=str(address), kafka=table.brokers)
        async with asyncio.TaskGroup() as group:
            group.create_task(line.run(inbox, str(address)))
            group.create_task(_note_alive(alive, site, connection, clock))
            folder = str(config.files.rules)
            group.create_task(_reload(publisher, read, line, folder, reload))


class Publisher:
    """Publishes the rules of one site: their content first, then the change in the site's log."""

    def __init__(self, site: str, log_: LogConnection, topic: ConfigurationTopic) -> None:
        self._site = site
        self._log = log_
        self._topic = topic

    async def publish(self, rule_set: RuleSet, who: str, now: datetime) -> bool:
        """Publish the rules if they have changed; return whether they have.

        Raises:
            ClusterUnavailable: Kafka does not answer.

        """
        site, producer = self._site, self._log.producer
        before = await asyncio.to_thread(self._topic.published, site)
        rules = await asyncio.to_thread(self._topic.put, rule_set, producer)
        if rules == before.rules:
            return False
        named = RulesNamed(received_at=now, who=who, digest=rules)
        await self._log.append([LoggedInput(site=site, received_at=now, input=named)])
        # A crash before this line publishes the same again, which changes nothing.
        await asyncio.to_thread(self._topic.publish, site, Published(rules), producer)
        log.info("published", site=site, who=who, rules=rules[:12])
        return True


async def _reload(
    publisher: Publisher,
    read: Callable[[], RuleSet],
    line: SiteInbox,
    folder: str,
    reload: asyncio.Event,
) -> None:
    """Publish the files again when someone asks for it; while they have mistakes, the rules before stay in force."""
    while True:
        await reload.wait()
        reload.clear()
        now = line.clock.now()
        try:
            rule_set = await asyncio.to_thread(read)
        except ConfigError as error:
            log.warning("rules_refused", mistakes=error.mistakes)
            line.notice(MonitorRulesRefused(at=now, folder=folder, reason=error.summary))
            continue
        await publisher.publish(rule_set, "reload", now)
        line.notice(MonitorRulesLoaded(at=now, folder=folder))


async def _note_alive(
    alive: CompactedTopic, site: str, connection: LogConnection, clock: Clock
) -> None:
    """Give signs of life; the next start counts its downtime from the last one."""
    while True:
        body = clock.now().isoformat().encode()
        await asyncio.to_thread(alive.put, site, body, connection.producer)
        await asyncio.sleep(ALIVE)


def _downtime(alive: CompactedTopic, site: str, now: datetime) -> float:
    """Return for how many seconds no inbox has listened; 0 if none ever has."""
    body = alive.rows.get(site)
    if body is None:
        return 0.0
    return max(0.0, (now - datetime.fromisoformat(body.decode()).astimezone(UTC)).total_seconds())
