"""One life of the monitor in the simulated world: the real parts, wired as in `monitor.app.run`, until they end.

What that function opens besides has sockets of its own and stays outside: the web server, the command server and the
embedded broker.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from monitor.adapters import Translator
from monitor.app.accounts import AuditRelay
from monitor.app.broker import inbox_of
from monitor.app.journal import maintain, recover_engine
from monitor.app.open_journal import (
    compare_with_heartbeat,
    open_journal,
    report_journal,
    reporting_damage,
)
from monitor.app.open_pipeline import last_in_force, report_start
from monitor.app.paging import team_members
from monitor.app.parts import Parts
from monitor.app.reload_roster import RosterReload, open_roster
from monitor.app.reload_rules import RulesReload
from monitor.app.sender_rights import SenderRights
from monitor.app.sink_health import SinkHealth
from monitor.app.status import Status
from monitor.app.supervisor import supervise
from monitor.app.verify_journal import verify_daily
from monitor.core.engine.engine import Engine
from monitor.core.events.monitor_senders import MonitorBoardWritten
from monitor.core.oncall.on_call import is_on_call
from monitor.core.rules.model import RuleSet
from monitor.core.transitions import PageOrdered
from monitor.deadman.heartbeat import HeartbeatLoop
from monitor.errors import MonitorError, first
from monitor.ingest.clock_loop import ClockLoop
from monitor.ingest.clock_watch import ClockWatch
from monitor.ingest.connection_status import ConnectionStatus
from monitor.ingest.inbox import Inbox
from monitor.ingest.intake_loop import IntakeLoop
from monitor.ingest.pipeline import Pipeline
from monitor.journal import Journal
from monitor.mqtt import BrokerAddress
from monitor.runtime.metrics import Metrics
from monitor.sinks.mqtt import MqttSink
from monitor.sinks.notify import Delivery, NotifySink
from monitor.sinks.relay import Relay, Sink
from monitor.sinks.signature import Signer
from monitor.standby.take_over import TakeOver, check_copy, may_have_been_sent
from monitor.texts import PageWriter, Text
from tests.simulation.outside import SimulatedSink
from tests.simulation.place import CONGRESS, DESK, Place, open_accounts
from tests.simulation.watcher import SimulatedHeart

if TYPE_CHECKING:
    from monitor.accounts import Accounts

Loops = dict[str, Callable[[], Coroutine[Any, Any, None]]]
"""What runs until the monitor stops, by name."""
ADDRESS = BrokerAddress("broker", 1883)


class _NumberedPages(PageWriter):
    """Writes each page with its id behind the link, so that the world can tell pages apart."""

    def write(self, page: PageOrdered, *, repeat: bool) -> Text:
        text = super().write(page, repeat=repeat)
        return replace(text, link=f"{text.link}#{page.id}")


class Life:
    """The monitor from its start to its end.

    Args:
        place: the machine and what is around it.
        started: called when the start is over.
        accept_loss: continue although the journal has lost history.
        take_over: what is known about the machine whose journal was copied here.

    """

    def __init__(
        self,
        place: Place,
        started: Callable[["Life"], None],
        *,
        accept_loss: bool = False,
        take_over: TakeOver | None = None,
    ) -> None:
        self.place, self._started = place, started
        self._accept_loss, self._take_over = accept_loss, take_over
        self.is_alive = True
        """Nothing that it does counts any more once this is false."""
        self.is_running = False
        """The start is over."""
        self.pipeline: Pipeline | None = None
        self.inbox: Inbox | None = None
        self.most_unacknowledged = 0
        self.has_taken_over = take_over is not None
        self.accounts: Accounts | None = None
        self.parts = Parts()
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """End it as SIGTERM does."""
        self._stop.set()

    def count(self) -> None:
        """Note how many messages are not acknowledged."""
        if self.inbox is not None:
            self.most_unacknowledged = max(self.most_unacknowledged, self.inbox.unacknowledged)

    async def run(self) -> None:
        """Live.

        Raises:
            MonitorError: the monitor can't go on.

        """
        place, config = self.place, self.place.config
        rule_set = _or_none(place.read)
        async with reporting_damage(config, rule_set, place.clock), AsyncExitStack() as stack:
            journal = await open_journal(
                config, rule_set, place.clock, stack, accept_loss=self._accept_loss
            )
            engine = recover_engine(config, check_copy(journal, self._take_over), place.clock)
            is_new = await compare_with_heartbeat(
                journal,
                config,
                rule_set or last_in_force(engine),
                ADDRESS,
                place.clock,
                accept_loss=self._accept_loss,
            )
            pipeline = self._open(journal, engine)
            report_start(pipeline, self._take_over)
            files = config.files
            rules = RulesReload(files, place.read, pipeline, place.clock)
            rules.begin(rule_set)
            roster = open_roster(config, pipeline)
            assert roster is not None
            report_journal(pipeline, accept_loss=self._accept_loss)
            inbox = self.inbox = inbox_of(config, ADDRESS, pipeline, expect_session=not is_new)
            await stack.enter_async_context(inbox)
            loops = self._open_intake(inbox, pipeline, roster)
            loops |= {"rules": rules.run, "roster": roster.run}
            if place.has_accounts:
                loops |= self._open_accounts(pipeline, roster, stack)
            pipeline.watch_clock(ClockWatch(place.clock, place.lateness))
            self.is_running = True
            self._started(self)
            try:
                await self._run(loops)
            except BaseExceptionGroup as group:
                inbox.farewell = f"stopped: {first(group)}".encode()
                raise first(group) from group
            pipeline.snapshot()

    def _open(self, journal: Journal, engine: Engine) -> Pipeline:
        place = self.place
        self.pipeline = Pipeline(
            engine,
            journal,
            Translator([]),
            place.clock,
            Metrics(),
            snapshot_every=place.snapshot_every,
            on_commit=self.parts.wake,
            staff_senders={DESK},
        )
        return self.pipeline

    def _open_intake(self, inbox: Inbox, pipeline: Pipeline, roster: RosterReload) -> Loops:
        connection = ConnectionStatus(inbox, pipeline, str(ADDRESS))
        clock_loop = ClockLoop(pipeline, connection)
        health = SinkHealth(self.parts, pipeline)
        status = Status(pipeline, inbox, connection, clock_loop, health)
        place = self.place
        heart = SimulatedHeart(place.broker, place.watcher, status.heartbeat, lambda: self.is_alive)
        self.parts.heartbeats.append(HeartbeatLoop(heart))
        return {
            "intake": IntakeLoop(inbox, pipeline, connection, self.parts.is_paging).run,
            "clock": clock_loop.run,
            **self._open_parts(pipeline, roster, health),
        }

    def _open_accounts(
        self, pipeline: Pipeline, roster: RosterReload, stack: AsyncExitStack
    ) -> Loops:
        state = pipeline.engine.state
        accounts = stack.enter_context(
            open_accounts(self.place, lambda person: is_on_call(state, person))
        )
        self.accounts = accounts
        members = partial(team_members, roster)
        pipeline.ask_who_may_act(SenderRights(accounts, pipeline, members).may_act)
        return {"accounts": AuditRelay(accounts, pipeline).run}

    def _open_parts(self, pipeline: Pipeline, roster: RosterReload, health: SinkHealth) -> Loops:
        place, parts, journal = self.place, self.parts, pipeline.journal
        delivery = self._delivery(pipeline, roster)
        sinks: list[Sink] = [
            self._board(pipeline),
            *(
                SimulatedSink(name, archive, place.rng, lambda: self.is_alive)
                for name, archive in place.archives.items()
            ),
            NotifySink(journal.outbox, delivery, may_have_been_sent(journal, pipeline.clock.now())),
        ]
        parts.relays.extend(
            Relay(journal, sink, health.refused, place.clock.now, place.rng) for sink in sinks
        )
        parts.deliveries.append(delivery)
        parts.register_readers(journal)
        return {
            "sink health": health.run,
            "journal": partial(maintain, journal, place.retention, place.clock),
            "verification": partial(verify_daily, pipeline),
            **{part.name: partial(supervise, part, pipeline) for part in parts},
        }

    def _board(self, pipeline: Pipeline) -> MqttSink:
        journal, now = pipeline.journal, pipeline.clock.now
        return MqttSink(
            ADDRESS,
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
