"""Opens the parts of the monitor in order, runs them until SIGTERM, and closes them in reverse order."""

import asyncio
import gc
import signal
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import structlog

from monitor.app.accounts import AuditRelay, show_first_link
from monitor.app.broker import report_damage
from monitor.app.command_server import CommandServer
from monitor.app.console import make_application, make_source
from monitor.app.identity_provider import open_identity_provider
from monitor.app.journal import maintain
from monitor.app.open_intake import Intake, open_intake
from monitor.app.open_journal import open_journal, report_journal, reporting_damage
from monitor.app.open_parts import open_parts
from monitor.app.open_pipeline import Opened, open_pipeline, report_start
from monitor.app.paging import team_members
from monitor.app.parts import Loops
from monitor.app.reload_roster import open_roster
from monitor.app.reload_rules import RulesReload
from monitor.app.runfile import RunFile
from monitor.app.runfile_loop import RunFileLoop
from monitor.app.sender_rights import SenderRights
from monitor.app.supervisor import supervise
from monitor.app.verify_journal import verify_daily
from monitor.app.watch_photos import watch_photos
from monitor.app.web import WebServer
from monitor.app.web_address import console_address
from monitor.config import Config
from monitor.core.rules.model import RuleSet
from monitor.errors import first
from monitor.ingest.clock_watch import ClockWatch
from monitor.ingest.inbox import Inbox
from monitor.runtime import open_files, systemd
from monitor.runtime.clock import Clock, ScaledClock
from monitor.runtime.shared_clock import SharedClock
from monitor.standby.take_over import TakeOver

log = structlog.get_logger()


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
        opened = await open_pipeline(
            config, rule_set, clock, journal, stack, accept_loss=accept_loss, take_over=take_over
        )
        pipeline = opened.pipeline
        report_start(pipeline, take_over)
        rules = _put_rules_in_force(opened, rule_set, read)
        roster = open_roster(config, pipeline)
        report_journal(pipeline, accept_loss=accept_loss)
        intake = await open_intake(opened, stack)
        routes = open_parts(opened, intake, roster, stack)
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


def _put_rules_in_force(
    opened: Opened, rule_set: RuleSet | None, read: Callable[[], RuleSet]
) -> RulesReload:
    """Put the rules in force; from now on SIGHUP has them read again."""
    rules = RulesReload(opened.config.files, read, opened.pipeline, opened.clock)
    rules.begin(rule_set)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, rules.request)
    return rules


def _open_run_file(opened: Opened, intake: Intake, port: int, stack: AsyncExitStack) -> RunFileLoop:
    """Write where the monitor can be reached, for the commands on this machine."""
    clock, address = opened.clock, opened.address
    running = RunFile(
        broker_host=address.host,
        broker_port=address.port,
        http_port=port,
        congress=opened.congress,
        clock=str(clock) if isinstance(clock, ScaledClock | SharedClock) else "",
    )
    path = opened.config.journal.path
    return stack.enter_context(RunFileLoop(path, running, intake.status.lag))


def _watch_photos(opened: Opened) -> Coroutine[Any, Any, None]:
    budget = opened.config.journal.photos_gb * 10**9
    return watch_photos(opened.pipeline, opened.pipeline.journal.photos, budget)


def _loops(opened: Opened, intake: Intake) -> Loops:
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
