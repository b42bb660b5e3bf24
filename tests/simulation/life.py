"""One life of the monitor in the simulated world: the real parts, wired as in `monitor.app.run`, until they end.

What that function opens besides has sockets of its own and stays outside: the web server, the command server, the
embedded broker, heartbeats, and accounts.
"""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from msgspec.structs import replace

from monitor.adapters import Translator
from monitor.app.journal import maintain
from monitor.app.open_journal import report_journal
from monitor.app.parts import Parts
from monitor.app.reload_roster import RosterReload
from monitor.app.reload_rules import RulesReload
from monitor.app.sink_health import SinkHealth
from monitor.app.supervisor import supervise
from monitor.app.verify_journal import verify_daily
from monitor.config.settings import Files
from monitor.core.events.monitor import MonitorSessionLost, MonitorStarted
from monitor.core.events.monitor_senders import MonitorBoardWritten
from monitor.core.rules.model import RuleSet
from monitor.core.state.time import LONG_AGO
from monitor.core.transitions import PageOrdered
from monitor.errors import MonitorError, first
from monitor.ingest.clock_loop import ClockLoop
from monitor.ingest.clock_watch import ClockWatch, step_while_stopped
from monitor.ingest.connection_status import ConnectionStatus
from monitor.ingest.intake_loop import IntakeLoop
from monitor.ingest.pipeline import Pipeline
from monitor.ingest.recovery import recover
from monitor.journal import Journal
from monitor.mqtt import BrokerAddress
from monitor.roster.feeds import Feeds
from monitor.runtime.clock import Clock
from monitor.runtime.metrics import Metrics
from monitor.sinks.mqtt import MqttSink
from monitor.sinks.notify import Delivery, NotifySink
from monitor.sinks.relay import Relay, Sink
from monitor.sinks.signature import Signer
from monitor.texts import PageWriter, Text
from tests.simulation.broker import SimulatedBroker
from tests.simulation.inbox import SimulatedInbox
from tests.simulation.outside import Archive, SimulatedSink

if TYPE_CHECKING:
    from monitor.ingest.inbox import Inbox

Loops = dict[str, Callable[[], Coroutine[Any, Any, None]]]
"""What runs until the monitor stops, by name."""
CONGRESS = "trial"
BROKER = "broker"


class Place(NamedTuple):
    """Where a life takes place."""

    folder: Path
    clock: Clock
    broker: SimulatedBroker
    archives: dict[str, Archive]
    rng: Random
    lateness: timedelta
    snapshot_every: timedelta
    retention: timedelta
    read: Callable[[], RuleSet]
    """Reads the rules."""

    @property
    def journal(self) -> Path:
        """The journal's file."""
        return self.folder / "journal.db"


class _NumberedPages(PageWriter):
    """Writes each page with its id behind the link, so that the world can tell pages apart."""

    def write(self, page: PageOrdered, *, repeat: bool) -> Text:
        text = super().write(page, repeat=repeat)
        return replace(text, link=f"{text.link}#{page.id}")


class Life:
    """The monitor from its start to its end.

    Args:
        place: the machine and what is around it.
        accept_loss: continue although the journal has lost history.

    """

    def __init__(self, place: Place, *, accept_loss: bool = False) -> None:
        self.place = place
        self._accept_loss = accept_loss
        self.is_alive = True
        """Nothing that it does counts any more once this is false."""
        self.is_running = False
        """The start is over."""
        self.pipeline: Pipeline | None = None
        self.inbox: SimulatedInbox | None = None
        self.parts = Parts()
        self.rules: RulesReload | None = None
        self.watched_from = 0.0
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """End it as SIGTERM does."""
        self._stop.set()

    async def run(self) -> None:
        """Live.

        Raises:
            MonitorError: the monitor can't go on.

        """
        with Journal(self.place.journal, accept_loss=self._accept_loss) as journal:
            pipeline = self._open(journal)
            roster = self._open_roster(pipeline)
            report_journal(pipeline, accept_loss=self._accept_loss)
            loops = self._open_intake(pipeline) | self._open_parts(pipeline, roster)
            pipeline.watch_clock(ClockWatch(self.place.clock, self.place.lateness))
            self.is_running = True
            try:
                await self._run(loops)
            except BaseExceptionGroup as group:
                raise first(group) from group
            pipeline.snapshot()

    def _open(self, journal: Journal) -> Pipeline:
        place = self.place
        engine, _ = recover(journal, lateness=place.lateness, tolerance=timedelta(seconds=2))
        pipeline = self.pipeline = Pipeline(
            engine,
            journal,
            Translator([]),
            place.clock,
            Metrics(),
            snapshot_every=place.snapshot_every,
            on_commit=self.parts.wake,
            staff_senders={"desk"},
        )
        latest = engine.state.time.now
        is_continued = bool(journal.seq) and latest > LONG_AGO
        if is_continued and (step := step_while_stopped(place.clock, latest)) is not None:
            pipeline.notice(step)
        now, downtime = place.clock.now(), timedelta(0)
        if is_continued:
            downtime = max(downtime, now - engine.state.time.now)
        pipeline.notice(MonitorStarted(at=now, downtime_s=downtime.total_seconds()))
        files = Files(rules=place.folder / "rules", venue=place.folder / "venue.toml")
        self.rules = RulesReload(files, place.read, pipeline, place.clock)
        self.rules.begin(_or_none(place.read))
        return pipeline

    def _open_roster(self, pipeline: Pipeline) -> RosterReload:
        path, journal = self.place.folder / "roster.toml", self.place.journal
        copy = journal.with_name("roster.last-good.toml")
        return RosterReload(path, copy, Feeds.beside(journal), pipeline, self.place.clock)

    def _open_intake(self, pipeline: Pipeline) -> Loops:
        place, clock = self.place, self.place.clock
        inbox = self.inbox = SimulatedInbox(
            place.broker,
            now=clock.now,
            is_alive=lambda: self.is_alive,
            on_session_lost=lambda: pipeline.notice(
                MonitorSessionLost(at=clock.now(), broker=BROKER)
            ),
            expect_session=pipeline.journal.seq > 0 and place.broker.has_session,
            batch=500,
        )
        real = cast("Inbox", inbox)
        connection = ConnectionStatus(real, pipeline, BROKER)
        return {
            "inbox": inbox.run,
            "intake": IntakeLoop(real, pipeline, connection, self.parts.is_paging).run,
            "clock": ClockLoop(pipeline, connection).run,
        }

    def _open_parts(self, pipeline: Pipeline, roster: RosterReload) -> Loops:
        place, parts, journal = self.place, self.parts, pipeline.journal
        health = SinkHealth(parts, pipeline)
        delivery = self._delivery(pipeline, roster)
        sinks: list[Sink] = [
            self._board(pipeline),
            *(
                SimulatedSink(name, archive, place.rng, lambda: self.is_alive)
                for name, archive in place.archives.items()
            ),
            NotifySink(journal.outbox, delivery),
        ]
        parts.relays.extend(
            Relay(journal, sink, health.refused, place.clock.now, place.rng) for sink in sinks
        )
        parts.deliveries.append(delivery)
        parts.register_readers(journal)
        assert self.rules is not None
        return {
            "sink health": health.run,
            "journal": partial(maintain, journal, place.retention, place.clock),
            "verification": partial(verify_daily, pipeline),
            "rules": self.rules.run,
            "roster": roster.run,
            **{part.name: partial(supervise, part, pipeline) for part in parts},
        }

    def _board(self, pipeline: Pipeline) -> MqttSink:
        journal, now = pipeline.journal, pipeline.clock.now
        return MqttSink(
            BrokerAddress(BROKER, 1883),
            "board",
            CONGRESS,
            Signer(bytes(32)),
            board=lambda: [*journal.alerts(), *journal.zones(), *journal.readiness()],
            is_ours=lambda own: journal.alert(own) is not None,
            report=lambda topic, more: pipeline.notice(
                MonitorBoardWritten(at=now(), source=topic[:128], more=more or None)
            ),
        )

    def _delivery(self, pipeline: Pipeline, roster: RosterReload) -> Delivery:
        state = pipeline.engine.state
        writer = _NumberedPages(
            lambda: state.rule_set,
            lambda: {person.id: person for person in roster.file.people},
            lambda own, person: f"https://m.example/{own}.{person}",
        )
        return Delivery(
            pipeline.journal.outbox,
            writer,
            lambda: roster.file.channels,
            open_alert=state.alerts.open.get,
            notice=pipeline.notice,
            now=pipeline.clock.now,
            metrics=pipeline.metrics,
            rng=self.place.rng,
        )

    async def _run(self, loops: Loops) -> None:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(loop(), name=name) for name, loop in loops.items()]
            await self._stop.wait()
            for task in tasks:
                task.cancel()


def _or_none(read: Callable[[], RuleSet]) -> RuleSet | None:
    try:
        return read()
    except MonitorError:
        return None
