"""Runs the reader of one site: what came out of it goes into its journal, and from there to the sinks."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from random import SystemRandom

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from monitor.app.broker import broker_settings
from monitor.app.broker_address import address_of
from monitor.cluster.configurations import ConfigurationTopic
from monitor.cluster.log_connection import LogConnection
from monitor.cluster.out_reader import OutReader
from monitor.cluster.records import LoggedInput, Outcome, decode_outcome
from monitor.cluster.settings import Topics
from monitor.config import Config
from monitor.config.cluster import ClusterTable
from monitor.core.bounded_text import short_id
from monitor.core.events.monitor import Noticed
from monitor.core.events.monitor_senders import MonitorBoardWritten
from monitor.core.inputs import Notice
from monitor.core.rules.model import RuleSet
from monitor.errors import ClusterUnavailable
from monitor.journal import Journal
from monitor.runtime.clock import Clock
from monitor.runtime.key_file import read_key
from monitor.sinks.alertmanager import AlertmanagerSink
from monitor.sinks.mqtt import MqttSink
from monitor.sinks.relay import Relay
from monitor.sinks.signature import Signer
from monitor.sinks.webhook import WebhookSink

log = structlog.get_logger()

WAIT = 20.0
BATCH = 500
"""Outcomes in one transaction."""


class SiteOutcomes:
    """The committed outcomes of one site.

    Args:
        table: where the topic is.
        site: whose outcomes; those of the other sites in its partition are passed over.
        is_new: whether to read from the beginning of the topic, and not from the latest `done`.

    """

    def __init__(self, table: ClusterTable, site: str, *, is_new: bool) -> None:
        self._brokers = table.brokers
        self._site = site.encode()
        self._consumer = Consumer(
            {
                "bootstrap.servers": table.brokers,
                "group.id": f"{table.prefix}.reader.{site}",
                "isolation.level": "read_committed",
                "enable.auto.commit": False,
            }
        )
        topic = Topics(table.prefix).out
        try:
            known = self._consumer.list_topics(topic, WAIT).topics[topic].partitions
            where = [TopicPartition(topic, number, 0) for number in known]
            done = where if is_new else self._consumer.committed(where, WAIT)
        except KafkaException as error:
            raise ClusterUnavailable(f"Kafka {self._brokers}: {error.args[0]}") from error
        self._consumer.assign(
            [TopicPartition(topic, row.partition, max(0, row.offset)) for row in done]
        )

    def read(self, seconds: float) -> list[Outcome]:
        """Return what comes in this time, at most a batch.

        Raises:
            ClusterUnavailable: the brokers do not answer.
            msgspec.MsgspecError: an outcome is damaged, or from a later version.

        """
        found = []
        for row in self._consumer.consume(BATCH, seconds):
            error = row.error()
            if error is not None and error.code() != KafkaError._ALL_BROKERS_DOWN:  # noqa: SLF001 - its name
                raise ClusterUnavailable(f"Kafka {self._brokers}: {error}")
            if error is None and row.key() == self._site:
                found.append(decode_outcome(row.value()))
        return found

    def done(self) -> None:
        """Begin after what has been read so far at the next start. It is in the journal, and a gap would be noticed."""
        self._consumer.commit(asynchronous=True)

    def close(self) -> None:
        """Close the connection."""
        self._consumer.close()


async def run_reader(config: Config, table: ClusterTable, rule_set: RuleSet, clock: Clock) -> None:
    """Run until cancelled.

    Args:
        config: of the site; its journal belongs to the reader.
        table: its ``[cluster]``.
        rule_set: the content of its files; only what is in `out` counts as in force.
        clock: the time of deliveries.

    Raises:
        ClusterUnavailable: Kafka does not answer.
        JournalError: the journal can't be written, or an outcome is missing.

    """
    site, topics = rule_set.venue.congress.id, Topics(table.prefix)
    noticed: asyncio.Queue[Noticed] = asyncio.Queue()
    async with AsyncExitStack() as stack:
        journal = stack.enter_context(Journal(config.journal.path))
        contents = ConfigurationTopic(table.brokers, topics.configuration)
        reader = OutReader(journal, contents, rule_set)
        outcomes = SiteOutcomes(table, site, is_new=not journal.seq)
        stack.callback(outcomes.close)
        relays = []
        for sink in _sinks(config, reader, clock, noticed.put_nowait):
            stack.push_async_callback(sink.close)
            relays.append(Relay(journal, sink, noticed.put_nowait, clock.now, SystemRandom()))
        journal.readers.register([relay.name for relay in relays])
        log.info("reader_running", site=site, seq=journal.seq)
        async with asyncio.TaskGroup() as group:
            for relay in relays:
                group.create_task(relay.run())
            group.create_task(
                _report(noticed, site, LogConnection(table.brokers, topics.log), clock)
            )
            while True:
                found = await asyncio.to_thread(outcomes.read, 0.2)
                if reader.take(found):
                    outcomes.done()
                    for relay in relays:
                        relay.wake_up.set()


def _sinks(
    config: Config, reader: OutReader, clock: Clock, notice: Callable[[Noticed], None]
) -> Iterator[MqttSink | AlertmanagerSink | WebhookSink]:
    """Yield the sinks, each made when it is asked for."""
    journal, settings = reader.journal, broker_settings(config)
    congress = reader.rule_set.venue.congress.id
    yield MqttSink(
        address_of(settings),
        f"{settings.client_id}-board",
        congress,
        Signer(read_key(config.http.key_file, "[http] key_file")),
        board=(lambda: [*journal.alerts(), *journal.zones(), *journal.readiness()])
        if config.publish.enabled
        else None,
        is_ours=lambda own: journal.alert(own) is not None,
        report=lambda topic, more: notice(
            MonitorBoardWritten(at=clock.now(), source=short_id(topic), more=more or None)
        ),
    )
    if config.alertmanager is not None:
        for url in config.alertmanager.urls:
            yield AlertmanagerSink(
                url,
                config.alertmanager,
                journal,
                rule_set=lambda: reader.rule_set,
                now=clock.now,
                refuse=notice,
            )
    for webhook in config.webhooks:
        yield WebhookSink(webhook, congress, clock.now)


async def _report(
    noticed: asyncio.Queue[Noticed], site: str, connection: LogConnection, clock: Clock
) -> None:
    """Tell the site what its sinks refuse: it is an alert there, as on one machine."""
    while True:
        event = await noticed.get()
        now = clock.now()
        given = Notice(received_at=now, event=event)
        await connection.append([LoggedInput(site=site, received_at=now, input=given)])
