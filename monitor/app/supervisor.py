"""The running monitor: what it does all the time, and how it fares."""

import asyncio
import math
import time
from datetime import datetime, timedelta

import structlog

from monitor.core.events.monitor import (
    MonitorCaughtUp,
    MonitorConnected,
    MonitorDisconnected,
    MonitorSinkAway,
    MonitorSinkBack,
    MonitorSinkBehind,
    MonitorSinkCaughtUp,
    MonitorSinkRefused,
    Noticed,
)
from monitor.core.inputs import Notice, Tick
from monitor.core.rules.model import SEVERITIES
from monitor.deadman.heartbeat import Heart
from monitor.deadman.heartbeat_message import Beat
from monitor.ingest.inbox import Inbox
from monitor.ingest.pipeline import Pipeline
from monitor.runtime import systemd
from monitor.runtime.clock import Clock
from monitor.sinks.notify import Delivery
from monitor.sinks.relay import Relay
from monitor.web.health import Health

log = structlog.get_logger()

TICK = 0.05
"""Seconds between two looks at the clock: what is due fires so much later at the most."""
SETTLED = 3.0
"""Seconds after a connection in which brokers send again what was not acknowledged (the embedded one after 2)."""
HEARD = 1.0
"""Seconds in which a message proves the connection: a broker sends what it kept before it confirms the subscription."""
REFUSED_AGAIN = timedelta(minutes=1)
"""So often a sink's refusals are noticed: the notice goes to that sink too, which may refuse it as well."""
LOOK = 1.0
"""Seconds between two looks at how far the sinks are behind."""
BEHIND = timedelta(minutes=1)
"""A sink that has not had what is older than this is noticed."""
WHILE_PAGING = 50
"""Messages in a batch while pages go out: each step of a page waits for a batch, and people wait for the page."""
STUCK = 5.0
"""Seconds without a tick: something holds the loop up."""

Part = Relay | Heart | Delivery
"""What runs beside the line."""


class Watch:
    """Takes in what arrives, keeps the time, and knows how all parts fare."""

    def __init__(
        self, clock: Clock, pipeline: Pipeline, inbox: Inbox, relays: list[Relay], broker: str
    ) -> None:
        self.clock = clock
        self.pipeline = pipeline
        self.inbox = inbox
        self.batch = inbox.batch
        """Messages in a batch at the most, while nobody waits."""
        self.broker = broker
        self.relays = relays
        self.hearts = list[Heart]()
        """Where it is said that the monitor lives."""
        self.deliveries = list[Delivery]()
        """Who hands pages over."""
        self.started_at = clock.now()
        self.alive_at = time.monotonic()
        self.connected_at: float | None = None
        self.heard_at = -math.inf
        self.behind_at = -math.inf
        """When something old was taken in last: a broker that still sends its backlog has not sent it all."""
        self.lost_at = clock.now()
        self.link: int | None = None
        """Which connection there was at the last look."""
        self.deaf = False
        """It has been noticed that the broker can't be reached."""
        self.refused_at: dict[str, datetime] = {}
        """When it was noticed last that a sink refuses something."""
        self.reaches: dict[str, bool] = {}
        """Whether each sink could be reached, as it was noticed last."""
        self.behind: set[str] = set()
        """The sinks that were noticed to be behind."""

    @property
    def parts(self) -> list[Part]:
        """All that tells somebody something."""
        return [*self.relays, *self.hearts, *self.deliveries]

    def notice(self, event: Noticed) -> None:
        """Take in what the monitor noticed."""
        self.pipeline.submit(Notice(received_at=self.clock.now(), event=event))

    def refuse(self, event: MonitorSinkRefused) -> None:
        """Count an entry that a sink refused, and notice it if that has not been noticed just now."""
        self.pipeline.metrics.refused.labels(event.sink).inc()
        noticed = self.refused_at.get(event.sink)
        if noticed is None or event.at - noticed >= REFUSED_AGAIN:
            self.refused_at[event.sink] = event.at
            self.notice(event)

    async def listen(self) -> None:
        """Take in what arrives, batch by batch, and acknowledge what is in the journal."""
        async for batch in self.inbox:
            if batch[-1].received_at > self.lost_at:  # not left behind by a connection that broke
                self.heard_at = time.monotonic()
            self.look_at_connection()
            self.pipeline.take(batch)
            self.inbox.acknowledge(batch)
            if self.pipeline.behind > self.pipeline.engine.lateness:
                self.behind_at = time.monotonic()
            self.pipeline.metrics.acknowledged.inc(len(batch))
            is_paging = any(delivery.at_work for delivery in self.deliveries)
            self.inbox.batch = min(self.batch, WHILE_PAGING) if is_paging else self.batch

    async def keep_time(self) -> None:
        """Let the time go on, also when nothing arrives, and tell systemd that we live."""
        every = systemd.watchdog()
        told = looked = time.monotonic()
        while True:
            await asyncio.sleep(TICK)
            self.look_at_connection()
            self.look_at_sinks()
            if time.monotonic() - looked >= LOOK:
                looked = time.monotonic()
                self.look_how_far()
            now, deadline = self.clock.now(), self.pipeline.engine.deadline
            if deadline is not None and deadline <= now:
                self.pipeline.tick(Tick(received_at=now))
            self.alive_at = time.monotonic()
            if every is not None and self.alive_at - told >= every.total_seconds():
                systemd.notify("WATCHDOG=1")
                told = self.alive_at

    def look_at_connection(self) -> None:
        """Notice that the broker went, came back, or has sent all that it kept for us."""
        link = self.inbox.reconnects if self.inbox.connected else None
        if self.link is not None and link != self.link:
            self.connected_at, self.heard_at, self.lost_at = None, -math.inf, self.clock.now()
        self.link = link
        if link is None and time.monotonic() - self.heard_at > HEARD:
            self.connected_at = None
            if not self.deaf and self.inbox.trouble:
                self.deaf = True
                now = self.clock.now()
                self.notice(
                    MonitorDisconnected(at=now, broker=self.broker, reason=self.inbox.trouble)
                )
            return
        if self.connected_at is None:
            self.connected_at = time.monotonic()
            self.deaf = False
            self.notice(MonitorConnected(at=self.clock.now(), broker=self.broker))
        catching_up = self.pipeline.engine.state.catching_up_until is not None
        settled = time.monotonic() - max(self.connected_at, self.behind_at) > SETTLED
        if catching_up and settled and self.inbox.depth == 0:
            self.notice(MonitorCaughtUp(at=self.clock.now()))

    def look_at_sinks(self) -> None:
        """Notice that a sink went away or was reached again; after a start nobody knows until it is tried."""
        now = self.clock.now()
        for part in self.parts:
            if part.trouble and self.reaches.get(part.name) is not False:
                self.reaches[part.name] = False
                self.notice(MonitorSinkAway(at=now, sink=part.name, reason=part.trouble))
            elif part.reached and not part.trouble and not self.reaches.get(part.name):
                self.reaches[part.name] = True
                self.notice(MonitorSinkBack(at=now, sink=part.name))

    def look_how_far(self) -> None:
        """Notice that a sink is behind, or that it has caught up; each look reads the journal."""
        now = self.clock.now()
        for relay in self.relays:
            name, behind = relay.sink.name, relay.behind
            if behind > BEHIND * self.clock.speed and name not in self.behind:
                self.behind.add(name)
                said = MonitorSinkBehind(at=now, sink=name, behind_s=behind.total_seconds())
                self.notice(said)
            elif name in self.behind and behind < BEHIND * self.clock.speed / 2:
                self.behind.remove(name)
                self.notice(MonitorSinkCaughtUp(at=now, sink=name))

    def health(self) -> Health:
        """Tell how the monitor fares."""
        state = self.pipeline.engine.state
        silent = time.monotonic() - self.alive_at
        troubles = [f"the clock has not ticked for {silent:.0f} s"] if silent > STUCK else []
        if not self.inbox.connected:
            troubles.append(self.inbox.trouble or f"not yet connected to the broker {self.broker}")
        troubles += [f"{part.name}: {part.trouble}" for part in self.parts if part.trouble]
        troubles += [
            f"{relay.sink.name}: {relay.behind.total_seconds():.0f} s behind"
            for relay in self.relays
            if relay.sink.name in self.behind
        ]
        return Health(
            ok=not troubles,
            troubles=tuple(troubles),
            seq=self.pipeline.journal.seq,
            broker_connected=self.inbox.connected,
            catching_up=state.catching_up_until is not None,
            open_alerts=len(state.alerts),
            warming_up=tuple(rule for rule, until in state.warming.items() if until > state.now),
            lag={relay.sink.name: relay.lag for relay in self.relays},
        )

    def beat(self, every: timedelta) -> Beat:
        """Return the heartbeat of this moment."""
        health = self.health()
        return Beat(
            at=self.clock.now(),
            started_at=self.started_at,
            every_s=every.total_seconds(),
            seq=health.seq,
            ok=health.ok,
            troubles=health.troubles,
        )

    def refresh(self) -> None:
        """Bring the figures up to date that nobody counts as they change."""
        metrics, state = self.pipeline.metrics, self.pipeline.engine.state
        for severity in SEVERITIES:
            count = sum(alert.severity == severity for alert in state.alerts.values())
            metrics.open_alerts.labels(severity).set(count)
        for relay in self.relays:
            metrics.lag.labels(relay.sink.name).set(relay.lag)
            metrics.behind.labels(relay.sink.name).set(relay.behind.total_seconds())
        metrics.depth.set(self.inbox.depth)
        metrics.unacknowledged.set(self.inbox.unacknowledged)
        metrics.connected.set(self.inbox.connected)
        metrics.waiting.set(len(state.waiting))
        for rule, count in self.pipeline.engine.take_keyless().items():
            metrics.keyless.labels(rule).inc(count)
