"""Opens the parts of the monitor in order, runs them until SIGTERM, and closes them in reverse order."""

import asyncio
import gc
import signal
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from random import SystemRandom
from typing import Any

import structlog
from litestar.handlers import HTTPRouteHandler

from monitor.accounts import Accounts
from monitor.app.accounts import AuditRelay, open_accounts, show_first_link
from monitor.app.broker import (
    broker_settings,
    claim_session,
    inbox_of,
    open_broker,
    report_damage,
)
from monitor.app.command_server import CommandServer
from monitor.app.console import make_application, make_source, signed_in
from monitor.app.deployment import translator
from monitor.app.identity_provider import open_identity_provider
from monitor.app.journal import maintain, recover_engine
from monitor.app.open_journal import (
    compare_with_heartbeat,
    open_journal,
    report_journal,
    reporting_damage,
)
from monitor.app.paging import Paging, team_members
from monitor.app.parts import Parts
from monitor.app.reload_roster import RosterReload, open_roster
from monitor.app.reload_rules import RulesReload
from monitor.app.runfile import RunFile
from monitor.app.runfile_loop import RunFileLoop
from monitor.app.sender_rights import SenderRights
from monitor.app.sink_health import SinkHealth
from monitor.app.sinks import make_sinks
from monitor.app.status import Status
from monitor.app.supervisor import supervise
from monitor.app.verify_journal import verify_daily
from monitor.app.watch_photos import watch_photos
from monitor.app.web import WebServer
from monitor.app.web_address import console_address
from monitor.config import Config
from monitor.core.events.monitor import MonitorStarted
from monitor.core.rules.model import RuleSet
from monitor.core.state.time import LONG_AGO
from monitor.deadman.heartbeat import HeartbeatLoop, heartbeats
from monitor.errors import first
from monitor.ingest.clock_loop import ClockLoop
from monitor.ingest.clock_watch import ClockWatch, step_while_stopped
from monitor.ingest.connection_status import ConnectionStatus
from monitor.ingest.inbox import Inbox
from monitor.ingest.intake_loop import IntakeLoop
from monitor.ingest.pipeline import Pipeline
from monitor.journal import Journal
from monitor.mqtt import BrokerAddress
from monitor.mqtt.embedded import EmbeddedBroker
from monitor.runtime import open_files, systemd
from monitor.runtime.clock import Clock, ScaledClock
from monitor.runtime.metrics import Metrics
from monitor.runtime.shared_clock import SharedClock
from monitor.sinks.relay import Relay
from monitor.standby.feed import StandbyFeed
from monitor.standby.take_over import TakeOver, check_copy, complete
from monitor.web.authority import authority_routes
from monitor.web.changes import accounts_route, changes_route, photos_route

log = structlog.get_logger()

Loops = Sequence[tuple[str, Coroutine[Any, Any, None]]]
"""What runs until the monitor stops, by name."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """What every other part of the monitor works with."""

    config: Config
    clock: Clock
    address: BrokerAddress
    embedded: EmbeddedBroker | None
    pipeline: Pipeline
    parts: Parts
    accounts: Accounts
    is_new: bool
    """The journal is new."""


@dataclass(frozen=True, slots=True)
class _Intake:
    """The way in, connected, and what is known about it."""

    inbox: Inbox
    loop: IntakeLoop
    clock_loop: ClockLoop
    sink_health: SinkHealth
    status: Status
    session_owner: Loops


async def run(  # noqa: PLR0913 - the deployment, and how it is started
    config: Config,
    rule_set: RuleSet | None,
    read: Callable[[], RuleSet],
    clock: Clock,
    *,
    accept_loss: bool = False,
    take_over: TakeOver | None = None,
) -> None:
    """Run until SIGTERM or SIGINT.

    Args:
        config: the deployment.
        rule_set: the content of the rule and venue files; ``None`` if they have mistakes: the rules from before the
            start stay in force.
        read: reads these files again.
        clock: the monitor's clock.
        accept_loss: continue although the journal has lost history.
        take_over: what is known about the primary, if the journal is a copy of its journal that is taken over.

    Raises:
        JournalLoss, JournalDamaged: the journal has lost history, or can't be read; people have been paged.
        MonitorError: the monitor can't go on; nothing is acknowledged that is not in the journal.

    """
    open_files.raise_soft_limit()
    stop = _stop_signal()
    async with reporting_damage(config, rule_set, clock), AsyncExitStack() as stack:
        journal = await open_journal(config, rule_set, clock, stack, accept_loss=accept_loss)
        opened = await _open_pipeline(
            config, rule_set, clock, journal, stack, accept_loss=accept_loss, take_over=take_over
        )
        pipeline = opened.pipeline
        _report_start(pipeline, take_over)
        rules = _put_rules_in_force(opened, rule_set, read)
        roster = open_roster(config, pipeline)
        report_journal(pipeline, accept_loss=accept_loss)
        intake = await _open_intake(opened, stack)
        routes = _open_parts(opened, intake, roster, stack)
        app = make_application(
            config.http,
            pipeline,
            roster,
            opened.accounts,
            intake.status,
            opened.parts,
            routes,
            open_identity_provider(config.http, opened.accounts.now, stack),
            photo_budget=config.journal.photos_gb * 10**9,
        )
        web = WebServer(config.http, app, stack)
        show_first_link(opened.accounts, console_address(config.http, web.port))
        members = partial(team_members, roster)
        pipeline.ask_who_may_act(SenderRights(opened.accounts, pipeline, members).may_act)
        commands = CommandServer(
            opened.accounts, pipeline, members, make_source(pipeline, roster, intake.status), stack
        )
        run_file = _open_run_file(opened, intake, web.port, stack)
        loops: Loops = [
            ("web", web.run()),
            ("commands", commands.run()),
            ("run file", run_file.run()),
            ("rules", rules.run()),
            *([("roster", roster.run())] if roster is not None else []),
            *_loops(opened, intake),
        ]
        log.info(
            "running",
            broker=str(opened.address),
            http=web.port,
            rules=len(pipeline.engine.state.rule_set.rules),
        )
        # From here on: what the start takes is a part of the downtime.
        pipeline.watch_clock(ClockWatch(clock, config.time.lateness))
        await _run_until(stop, loops, intake.inbox)
        pipeline.snapshot()
        log.info("stopped", seq=journal.seq)


def _stop_signal() -> asyncio.Event:
    """Return an event that is set by SIGTERM and SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def _open_pipeline(  # noqa: PLR0913 - the deployment, and how it is started
    config: Config,
    rule_set: RuleSet | None,
    clock: Clock,
    journal: Journal,
    stack: AsyncExitStack,
    *,
    accept_loss: bool,
    take_over: TakeOver | None,
) -> _Opened:
    """Recover the engine, find the broker, and join both in the pipeline.

    Raises:
        JournalLoss: the heartbeat at the broker shows that the journal has lost history.
        MonitorError: the journal can't be read, or the broker can't be started.

    """
    engine = recover_engine(config, check_copy(journal, take_over), clock)
    address, embedded = await open_broker(config, stack)
    is_new = await compare_with_heartbeat(
        journal,
        config,
        rule_set or engine.state.rule_set,
        address,
        clock,
        accept_loss=accept_loss,
    )
    parts = Parts()
    pipeline = Pipeline(
        engine,
        journal,
        translator(config),
        clock,
        Metrics(),
        snapshot_every=config.journal.snapshot_every,
        on_commit=parts.wake,
        staff_senders=frozenset(config.staff.mqtt),
    )
    accounts = open_accounts(config, pipeline, stack)
    return _Opened(config, clock, address, embedded, pipeline, parts, accounts, is_new)


def _report_start(pipeline: Pipeline, take_over: TakeOver | None) -> None:
    """Report to the core that the monitor has started, in whose place, and how long it was down."""
    latest = pipeline.engine.state.time.now
    is_continued = bool(pipeline.journal.seq) and latest > LONG_AGO
    if is_continued and (step := step_while_stopped(pipeline.clock, latest)) is not None:
        pipeline.notice(step)
    if take_over is not None:
        complete(take_over, pipeline)
    now, downtime = pipeline.clock.now(), timedelta(0)
    if is_continued:
        downtime = max(downtime, now - pipeline.engine.state.time.now)
    pipeline.notice(MonitorStarted(at=now, downtime_s=downtime.total_seconds()))


def _put_rules_in_force(
    opened: _Opened, rule_set: RuleSet | None, read: Callable[[], RuleSet]
) -> RulesReload:
    """Put the rules in force; from now on SIGHUP has them read again."""
    rules = RulesReload(opened.config.files, read, opened.pipeline, opened.clock)
    rules.begin(rule_set)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, rules.request)
    return rules


async def _open_intake(opened: _Opened, stack: AsyncExitStack) -> _Intake:
    """Claim the session at the broker, and connect to it.

    Raises:
        SessionTaken: another monitor uses the session.

    """
    config, address, pipeline = opened.config, opened.address, opened.pipeline
    inbox = inbox_of(config, address, pipeline, expect_session=not opened.is_new)
    connection = ConnectionStatus(inbox, pipeline, str(address))
    session_owner = await claim_session(config, address, pipeline, stack)
    await stack.enter_async_context(inbox)
    loop = IntakeLoop(inbox, pipeline, connection, opened.parts.is_paging)
    clock_loop = ClockLoop(pipeline, connection)
    sink_health = SinkHealth(opened.parts, pipeline)
    status = Status(pipeline, inbox, connection, clock_loop, sink_health)
    return _Intake(inbox, loop, clock_loop, sink_health, status, session_owner)


def _open_parts(
    opened: _Opened, intake: _Intake, roster: RosterReload | None, stack: AsyncExitStack
) -> list[HTTPRouteHandler]:
    """Open what follows the journal: sinks, heartbeats, standby and paging; return their web routes."""
    config, pipeline, parts = opened.config, opened.pipeline, opened.parts
    journal, now, rng = pipeline.journal, opened.clock.now, SystemRandom()
    refused = intake.sink_health.refused
    for sink in make_sinks(
        config, opened.address, opened.embedded, pipeline, intake.inbox, intake.sink_health
    ):
        stack.push_async_callback(sink.close)
        parts.relays.append(Relay(journal, sink, refused, now, rng))
    client_id = f"{broker_settings(config).client_id}-heart"
    congress, heartbeat = _congress(pipeline), intake.status.heartbeat
    for target in heartbeats(config, opened.address, client_id, congress, heartbeat):
        stack.push_async_callback(target.close)
        parts.heartbeats.append(HeartbeatLoop(target))
    routes = [*_authority_routes(config), *_open_standby(config, pipeline, parts, stack)]
    if roster is not None:
        paging = Paging(config.http, roster, pipeline, intake.status.troubles)
        parts.relays.append(Relay(journal, paging.sink, refused, now, rng))
        parts.deliveries.append(paging.delivery)
        routes += paging.routes(signed_in(opened.accounts, config.http))
    parts.register_readers(journal)
    return routes


def _open_standby(
    config: Config, pipeline: Pipeline, parts: Parts, stack: AsyncExitStack
) -> list[HTTPRouteHandler]:
    """Return the route from which a standby copies the journal, if the deployment has one."""
    if config.standby is None:
        return []
    feed = stack.enter_context(StandbyFeed(config, config.standby, pipeline))
    parts.standbys.append(feed)
    return [
        changes_route(feed.token, feed.answer),
        accounts_route(feed.token, feed.accounts),
        photos_route(feed.token, feed.photos),
    ]


def _authority_routes(config: Config) -> list[HTTPRouteHandler]:
    """Return the routes of the deployment's own certificate authority, if it has one."""
    tls = config.http.tls
    return [] if tls is None or tls.ca_file is None else authority_routes(tls.ca_file)


def _open_run_file(
    opened: _Opened, intake: _Intake, port: int, stack: AsyncExitStack
) -> RunFileLoop:
    """Write where the monitor can be reached, for the commands on this machine."""
    clock, address = opened.clock, opened.address
    running = RunFile(
        broker_host=address.host,
        broker_port=address.port,
        http_port=port,
        congress=_congress(opened.pipeline),
        clock=str(clock) if isinstance(clock, ScaledClock | SharedClock) else "",
    )
    path = opened.config.journal.path
    return stack.enter_context(RunFileLoop(path, running, intake.status.lag))


def _congress(pipeline: Pipeline) -> str:
    return pipeline.engine.state.rule_set.venue.congress.id


def _watch_photos(opened: _Opened) -> Coroutine[Any, Any, None]:
    budget = opened.config.journal.photos_gb * 10**9
    return watch_photos(opened.pipeline, opened.pipeline.journal.photos, budget)


def _loops(opened: _Opened, intake: _Intake) -> Loops:
    """Return the loops of the pipeline and of the parts beside it, by name."""
    pipeline, embedded, parts = opened.pipeline, opened.embedded, opened.parts
    return [
        ("intake", intake.loop.run()),
        ("clock", intake.clock_loop.run()),
        ("sink health", intake.sink_health.run()),
        ("photos", _watch_photos(opened)),
        ("journal", maintain(pipeline.journal, opened.config.journal.retention, opened.clock)),
        ("verification", verify_daily(pipeline)),
        ("accounts", AuditRelay(opened.accounts, pipeline).run()),
        *intake.session_owner,
        *([("broker", report_damage(embedded, pipeline))] if embedded is not None else []),
        *(("standby", feed.run()) for feed in parts.standbys),
        *((part.name, supervise(part, pipeline)) for part in parts),
    ]


async def _run_until(stop: asyncio.Event, loops: Loops, inbox: Inbox) -> None:
    """Run the loops until the event is set or one of them raises, which is the last that the inbox says."""
    try:
        await _run_all(stop, loops)
    except BaseExceptionGroup as group:
        error = first(group)
        inbox.farewell = f"stopped: {error}".encode()
        raise error from group


async def _run_all(stop: asyncio.Event, loops: Loops) -> None:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(loop, name=name) for name, loop in loops]
        # The objects made so far live as long as the process: scanning them takes 50 ms each time.
        gc.collect()
        gc.freeze()
        systemd.notify("READY=1")
        await stop.wait()
        systemd.notify("STOPPING=1")
        for task in tasks:
            task.cancel()
