"""Runs the reader of one site: what came out of it goes into its journal, and on to people and other systems."""

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from functools import partial
from random import SystemRandom
from typing import Any

import msgspec
import structlog
from litestar.handlers import HTTPRouteHandler

from monitor.accounts import Accounts
from monitor.app.accounts import AuditRelay, open_accounts, show_first_link
from monitor.app.broker import broker_settings
from monitor.app.broker_address import address_of
from monitor.app.command_server import CommandServer
from monitor.app.console import make_application, make_source, signed_in
from monitor.app.identity_provider import open_identity_provider
from monitor.app.journal import maintain, recover_engine
from monitor.app.paging import Paging, team_members
from monitor.app.parts import Parts
from monitor.app.reload_roster import RosterReload, open_roster
from monitor.app.runfile import RunFile
from monitor.app.runfile_loop import RunFileLoop
from monitor.app.sink_health import SinkHealth
from monitor.app.sinks import make_sinks
from monitor.app.supervisor import supervise
from monitor.app.verify_journal import verify_daily
from monitor.app.watch_photos import watch_photos
from monitor.app.web import WebServer
from monitor.app.web_address import console_address
from monitor.cluster.compacted_topic import CompactedTopic
from monitor.cluster.configurations import ConfigurationTopic
from monitor.cluster.group_sites import GroupSites
from monitor.cluster.inbox_presence import InboxPresence
from monitor.cluster.log_connection import LogConnection
from monitor.cluster.out_reader import OutReader
from monitor.cluster.reader_heartbeat import DeliveringTarget
from monitor.cluster.reader_status import ReaderStatus
from monitor.cluster.settings import Topics
from monitor.cluster.sink_progress import SinkProgress
from monitor.cluster.site_line import SiteLine
from monitor.cluster.site_outcomes import SiteOutcomes
from monitor.cluster.site_signs import ALIVE, reader_key
from monitor.config import Config
from monitor.config.cluster import ClusterTable
from monitor.core.roster import Roster
from monitor.core.state.state import NO_RULES
from monitor.deadman.heartbeat import HeartbeatLoop, HeartbeatTarget, heartbeats
from monitor.journal import Journal
from monitor.runtime.clock import Clock
from monitor.sinks.relay import Relay, Sink

log = structlog.get_logger()

READ_FOR = 0.2
"""Seconds after which what has come is processed, even if it is little."""
_Loops = Sequence[Coroutine[Any, Any, None]]


async def run_reader(config: Config, table: ClusterTable, site: str, clock: Clock) -> None:
    """Run until cancelled.

    Args:
        config: of the site; its journal belongs to the reader.
        table: its ``[cluster]``.
        site: the id of the site's congress.
        clock: the time of deliveries, and of what people do.

    Raises:
        ClusterUnavailable: Kafka does not answer.
        JournalError: the journal can't be written, or an outcome is missing.
        ConfigError: the roster has mistakes, or an address is in use.

    """
    topics = Topics(table.prefix)
    async with AsyncExitStack() as stack:
        journal = stack.enter_context(Journal(config.journal.path))
        contents = ConfigurationTopic(table.brokers, topics.configuration)
        engine = recover_engine(config, journal, clock)
        engine.state.time.step_limit = 0  # only the line of one machine cuts its steps
        reader = OutReader(journal, contents, engine, config.journal.snapshot_every)
        outcomes = SiteOutcomes(table, site, is_new=not journal.seq)
        stack.callback(outcomes.close)
        connection = LogConnection(table.brokers, topics.log)
        line = SiteLine(
            site, reader, connection.append, partial(_publish, contents, connection), clock
        )
        await _catch_up(line, outcomes)
        kept = CompactedTopic(table.brokers, topics.readers)
        await asyncio.to_thread(kept.read)
        put = partial(connection.put, topics.readers)
        progress = SinkProgress(kept.rows, site, put)
        if count := progress.restore(journal, clock.now()):
            log.warning("pages_may_be_sent_again", site=site, pages=count)
        loops = _open_parts(config, table, line, progress, connection, stack)
        log.info("reader_running", site=site, seq=journal.seq)
        async with asyncio.TaskGroup() as group:
            for loop in [*loops, _follow(line, outcomes), line.send()]:
                group.create_task(loop)


async def _publish(contents: ConfigurationTopic, connection: LogConnection, roster: Roster) -> str:
    return await asyncio.to_thread(contents.put, roster, connection.producer)


async def _catch_up(line: SiteLine, outcomes: SiteOutcomes) -> None:
    """Read what is in `out`, and until the site has rules; before that nobody is paged and nothing is shown."""
    has_warned = False
    while not outcomes.at_end or line.engine.state.rule_set == NO_RULES:
        found = await asyncio.to_thread(outcomes.read, READ_FOR)
        if line.follow(found):
            outcomes.done()
        if outcomes.at_end and not has_warned and line.engine.state.rule_set == NO_RULES:
            has_warned = True
            log.warning("no_rules_yet", site=line.site, why="no inbox of this site has run")


async def _follow(line: SiteLine, outcomes: SiteOutcomes) -> None:
    while True:
        found = await asyncio.to_thread(outcomes.read, READ_FOR)
        if line.follow(found):
            outcomes.done()


def _open_parts(  # noqa: PLR0913, PLR0917 - what the parts need together
    config: Config,
    table: ClusterTable,
    line: SiteLine,
    progress: SinkProgress,
    connection: LogConnection,
    stack: AsyncExitStack,
) -> _Loops:
    """Open what follows the journal, as on one machine; return its loops."""
    parts = Parts()
    line.on_commit = parts.wake
    sink_health = SinkHealth(parts, line)
    status = ReaderStatus(line, table, sink_health)
    accounts = open_accounts(config, line, stack)
    roster = open_roster(config, line)
    address = address_of(broker_settings(config))
    for sink in make_sinks(config, address, None, line, status, sink_health):
        stack.push_async_callback(sink.close)
        parts.relays.append(_relay(line, sink, sink_health))
    routes: list[HTTPRouteHandler] = []
    if roster is not None:
        paging = Paging(config.http, roster, line, status.troubles, progress.settle)
        parts.relays.append(_relay(line, paging.sink, sink_health))
        parts.deliveries.append(paging.delivery)
        routes += paging.routes(signed_in(accounts, config.http))
    _open_heartbeats(config, table, line, status, parts, stack)
    parts.register_readers(line.journal)
    sites = GroupSites(table, line.site, line.clock) if table.group == line.site else None
    web = _open_web(config, line, roster, accounts, status, parts, routes, sites, stack)
    members = partial(team_members, roster)
    commands = CommandServer(accounts, line, members, make_source(line, roster, status), stack)
    running = RunFile(
        broker_host=address.host,
        broker_port=address.port,
        http_port=web.port,
        congress=line.site,
        clock="",
    )
    run_file = stack.enter_context(RunFileLoop(line.journal.path, running, status.lag))
    budget = config.journal.photos_gb * 10**9
    return [
        web.run(),
        commands.run(),
        run_file.run(),
        status.run(),
        sink_health.run(),
        progress.run(parts.relays),
        _give_signs(status, connection, table, line.site, console_address(config.http, web.port)),
        AuditRelay(accounts, line).run(),
        maintain(line.journal, config.journal.retention, line.clock),
        verify_daily(line),
        watch_photos(line, line.journal.photos, budget),
        *([roster.run()] if roster is not None else []),
        *([sites.run()] if sites is not None else []),
        *(supervise(part, line) for part in parts),
    ]


def _open_heartbeats(  # noqa: PLR0913, PLR0917 - as above
    config: Config,
    table: ClusterTable,
    line: SiteLine,
    status: ReaderStatus,
    parts: Parts,
    stack: AsyncExitStack,
) -> None:
    """Send heartbeats as one machine does, for the same watchers, and look whether an inbox runs."""
    settings = broker_settings(config)
    targets: list[HeartbeatTarget] = [
        DeliveringTarget(target, lambda: status.connected)
        for target in heartbeats(
            config,
            address_of(settings),
            f"{settings.client_id}-heart",
            line.site,
            status.heartbeat,
        )
    ]
    for target in (*targets, InboxPresence(table, line.site)):
        stack.push_async_callback(target.close)
        parts.heartbeats.append(HeartbeatLoop(target))


async def _give_signs(
    status: ReaderStatus, connection: LogConnection, table: ClusterTable, site: str, console: str
) -> None:
    """Give signs of life until cancelled; Kafka's client keeps what it can't write at once."""
    topic, key = Topics(table.prefix).inboxes, reader_key(site)
    while True:
        connection.put(topic, key, msgspec.json.encode(status.sign(console)))
        await asyncio.sleep(ALIVE)


def _relay(line: SiteLine, sink: Sink, health: SinkHealth) -> Relay:
    return Relay(line.journal, sink, health.refused, line.clock.now, SystemRandom())


def _open_web(  # noqa: PLR0913, PLR0917 - what its pages show
    config: Config,
    line: SiteLine,
    roster: RosterReload | None,
    accounts: Accounts,
    status: ReaderStatus,
    parts: Parts,
    routes: Sequence[HTTPRouteHandler],
    sites: GroupSites | None,
    stack: AsyncExitStack,
) -> WebServer:
    app = make_application(
        config.http,
        line,
        roster,
        accounts,
        status,
        parts,
        routes,
        open_identity_provider(config.http, accounts.now, stack),
        photo_budget=config.journal.photos_gb * 10**9,
        sites=None if sites is None else sites.rows,
    )
    web = WebServer(config.http, app, stack)
    show_first_link(accounts, console_address(config.http, web.port))
    return web
