"""Wires everything together in one straight line, runs it, and takes it down in reverse."""

import asyncio
import gc
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from random import Random, SystemRandom

import structlog
from litestar.handlers import HTTPRouteHandler

from monitor.app.deployment import translator
from monitor.app.influx import influx_sinks
from monitor.app.paging import Paging
from monitor.app.reload_roster import Rota
from monitor.app.reload_rules import Reload
from monitor.app.runfile import Running, address_of, running_file
from monitor.app.sinks import outward_sinks
from monitor.app.supervisor import Part, Watch
from monitor.config import Broker, Config
from monitor.config.settings import Http
from monitor.core.events.monitor import MonitorSessionLost, MonitorSinkFailed, MonitorStarted
from monitor.core.inputs import Notice, RosterChanged
from monitor.core.rules.model import RuleBook
from monitor.deadman.heartbeat import Heart, heartbeats
from monitor.errors import ConfigError, JournalError, first
from monitor.ingest.inbox import Inbox
from monitor.ingest.pipeline import Pipeline, recover
from monitor.journal import Journal, prune
from monitor.mqtt import BrokerAddress, Will
from monitor.mqtt.embedded import EmbeddedBroker
from monitor.roster.feeds import Feeds
from monitor.runtime import systemd
from monitor.runtime.clock import Clock
from monitor.runtime.metrics import Metrics
from monitor.sinks.mqtt import MqttSink
from monitor.sinks.relay import Relay
from monitor.texts import Author
from monitor.web.detail import detail_route
from monitor.web.health import server, web

log = structlog.get_logger()

FILTERS = ("venue/#",)
"""Everything in our own language; what nobody understands is said to be so."""
OURSELVES = Broker(host="127.0.0.1")
"""How we come to the embedded broker."""
CHECKPOINT_EVERY = 1.0
PRUNE_EVERY = 3600.0
PRUNE_REST = 0.05
"""Seconds between two transactions that remove something: those that write come first."""
RESTART_AFTER = 5.0
"""Seconds until a sink that died of a defect is started again."""


async def run(
    config: Config, book: RuleBook | None, read: Callable[[], RuleBook], clock: Clock
) -> None:
    """Run until SIGTERM or SIGINT.

    Args:
        config: how this deployment runs.
        book: the rules and the venue as their files say; ``None`` if those have mistakes: what was in force holds on.
        read: reads the files again.
        clock: tells when.

    Raises:
        MonitorError: the monitor can't go on; nothing is acknowledged that is not in the journal.

    """
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    rng, metrics, began = SystemRandom(), Metrics(), time.perf_counter()
    settings = config.broker or OURSELVES
    async with AsyncExitStack() as stack:
        journal = stack.enter_context(Journal(config.journal.path))
        is_new = journal.seq == 0
        # A clock that runs faster makes the network slower by as much.
        engine, replayed = recover(
            journal,
            lateness=config.time.lateness * clock.speed,
            tolerance=config.time.tolerance * clock.speed,
        )
        log.info(
            "recovered",
            seq=journal.seq,
            replayed=replayed,
            seconds=round(time.perf_counter() - began, 3),
        )
        address = await _broker(config, stack)
        relays: list[Relay] = []
        pipeline = Pipeline(
            engine,
            journal,
            translator(config),
            clock,
            metrics,
            snapshot_every=config.journal.snapshot_every,
            on_commit=lambda: _ring(relays),
        )
        _begin(pipeline, clock)
        reload = Reload(config.files, read, pipeline, clock)
        reload.begin(book)
        congress = engine.state.book.venue.congress.id
        rotas = _rotas(config, pipeline, clock)
        inbox = Inbox(
            address,
            client_id=settings.client_id,
            filters=[*FILTERS, *(adapter.topic for adapter in config.adapters)],
            clock=clock.now,
            rng=rng,
            on_session_lost=lambda: watch.notice(
                MonitorSessionLost(at=clock.now(), broker=str(address))
            ),
            expect_session=not is_new,
            will=Will(f"venue/{congress}/monitor", b"offline"),
            online=b"online",
            limit=settings.max_unacknowledged,
            batch=config.journal.batch,
        )
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reload.asked.set)
        watch = Watch(clock, pipeline, inbox, relays, str(address))
        await stack.enter_async_context(inbox)
        for sink in (
            *_boards(config, address, journal, congress),
            *outward_sinks(config, journal, lambda: engine.state.book, clock.now, watch.refuse),
            *influx_sinks(config, pipeline, inbox, relays, watch.refuse),
        ):
            stack.push_async_callback(sink.close)
            relays.append(Relay(journal, sink, watch.refuse, clock.now, rng))
        for place in heartbeats(
            config, address, f"{settings.client_id}-heart", congress, watch.beat
        ):
            stack.push_async_callback(place.close)
            watch.hearts.append(Heart(place))
        routes = _page_people(config, rotas, watch, rng)
        journal.enlist(
            [relay.sink.name for relay in relays],
            thorough=[relay.sink.name for relay in relays if relay.thorough],
        )
        wire = stack.enter_context(_listen(config.http))
        http = server(web(watch.health, metrics.registry, watch.refresh, routes))
        running = Running(
            broker_host=address.host,
            broker_port=address.port,
            http_port=wire.getsockname()[1],
            congress=congress,
        )
        stack.enter_context(running_file(config.journal.path, running))
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(watch.listen(), name="listen"),
                    group.create_task(watch.keep_time(), name="time"),
                    group.create_task(
                        look_after(journal, config.journal.retention, clock), name="journal"
                    ),
                    group.create_task(http.serve([wire]), name="http"),
                    group.create_task(reload.run(), name="reload"),
                    *(group.create_task(each.run(), name="rota") for each in rotas),
                    *(
                        group.create_task(supervise(part, watch), name=part.name)
                        for part in watch.parts
                    ),
                ]
                # What was made so far stays: looking through it again and again costs 50 ms each time.
                gc.collect()
                gc.freeze()
                systemd.notify("READY=1")
                log.info(
                    "running",
                    broker=str(address),
                    http=running.http_port,
                    rules=len(engine.state.book.rules),
                )
                await ended.wait()
                systemd.notify("STOPPING=1")
                for task in tasks:
                    task.cancel()
        except BaseExceptionGroup as failed:
            error = first(failed)
            inbox.farewell = f"stopped: {error}".encode()
            raise error from failed
        pipeline.snapshot()
        log.info("stopped", seq=journal.seq)


async def look_after(journal: Journal, retention: timedelta, clock: Clock) -> None:
    """Move the write-ahead log into the file, and remove what is older than the retention."""
    prune_at = time.monotonic()
    while True:
        await asyncio.sleep(CHECKPOINT_EVERY)
        await asyncio.to_thread(journal.checkpoint)
        if time.monotonic() >= prune_at:
            prune_at += PRUNE_EVERY
            gone = 0
            while some := await asyncio.to_thread(prune, journal.path, clock.now() - retention):
                gone += some
                await asyncio.sleep(PRUNE_REST)
            if gone:
                log.info("journal_pruned", inputs=gone)


async def supervise(part: Part, watch: Watch) -> None:
    """Keep a part running: what dies there must not take the watching down with it."""
    while True:
        try:
            await part.run()
        except JournalError:
            raise
        # The one broad except of the project: a defect in a sink is an alert, not the end of the watching.
        except Exception as error:
            log.exception("sink_failed", sink=part.name)
            part.trouble = reason = f"{type(error).__name__}: {error}"
            watch.notice(MonitorSinkFailed(at=watch.clock.now(), sink=part.name, reason=reason))
            await asyncio.sleep(RESTART_AFTER)


def _boards(
    config: Config, address: BrokerAddress, journal: Journal, congress: str
) -> Iterator[MqttSink]:
    """Yield what keeps the picture on the broker, unless the deployment doesn't want it."""
    if config.publish.enabled:
        client_id = f"{(config.broker or OURSELVES).client_id}-board"
        yield MqttSink(
            address,
            client_id,
            congress,
            board=lambda: [*journal.alerts(), *journal.zones(), *journal.readiness()],
        )


def _ring(relays: list[Relay]) -> None:
    for relay in relays:
        relay.bell.set()


def _begin(pipeline: Pipeline, clock: Clock) -> None:
    """Say that the monitor is here again, and how long it was away."""
    now = clock.now()
    downtime = (
        max(timedelta(0), now - pipeline.engine.state.now) if pipeline.journal.seq else timedelta(0)
    )
    event = MonitorStarted(at=now, downtime_s=downtime.total_seconds())
    pipeline.submit(Notice(received_at=now, event=event))


def _rotas(config: Config, pipeline: Pipeline, clock: Clock) -> list[Rota]:
    """Put the roster in force, if there is one; without it nobody is paged, and that is said."""
    if config.files.roster is not None:
        journal = config.journal.path
        copy = journal.with_name("roster.last-good.toml")
        return [Rota(config.files.roster, copy, Feeds.beside(journal), pipeline, clock)]
    log.warning("nobody_is_paged", why="config.toml names no roster in [files]")
    if pipeline.engine.state.roster is not None:
        pipeline.submit(RosterChanged(received_at=clock.now(), who="start", roster=None))
    return []


def _page_people(
    config: Config, rotas: list[Rota], watch: Watch, rng: Random
) -> list[HTTPRouteHandler]:
    """Add what brings pages to people, where there is a roster; return what is served to people."""
    pipeline, now = watch.pipeline, watch.clock.now
    state = pipeline.engine.state
    # The dashboards lead to this one, and need no roster.
    reader = Author(
        lambda: state.book,
        lambda: {row.id: row for rota in rotas for row in rota.file.people},
        lambda _, __: "",
    )
    routes = [detail_route(reader, pipeline.journal.alert)]
    for rota in rotas:
        paging = Paging(config.http, rota, pipeline, watch.notice, rng)
        watch.relays.append(Relay(pipeline.journal, paging.sink, watch.refuse, now, rng))
        watch.deliveries.append(paging.delivery)
        routes += paging.routes()
    return routes


def _listen(http: Http) -> socket.socket:
    try:
        return socket.create_server((http.host, http.port))
    except OSError as error:
        what = f"config.toml: [http] {http.host}:{http.port}: {error.strerror or error}"
        raise ConfigError(
            [f"{what}; is another monitor running? Or choose another port"]
        ) from error


async def _broker(config: Config, stack: AsyncExitStack) -> BrokerAddress:
    """Return the broker's address; start the embedded one if the deployment has none."""
    if config.broker is None:
        embedded = EmbeddedBroker(config.embedded_broker.data, config.embedded_broker.port)
        return (await stack.enter_async_context(embedded)).address
    return address_of(config.broker)
