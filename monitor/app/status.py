"""The status of the running monitor, for ``/healthz``, the heartbeat and ``/metrics``."""

import time
from collections.abc import Iterator, Sequence
from datetime import timedelta

from monitor.app.runfile import Lag
from monitor.app.sink_health import SinkHealth
from monitor.core.phrase import Phrase, phrase
from monitor.core.rules.model import SEVERITIES
from monitor.deadman.heartbeat_message import HeartbeatMessage
from monitor.ingest.clock_loop import ClockLoop
from monitor.ingest.connection_status import ConnectionStatus
from monitor.ingest.inbox import Inbox
from monitor.ingest.pipeline import Pipeline
from monitor.texts import plain
from monitor.web.health import Health

BLOCKED = 5.0
"""Seconds without a tick after which the event loop counts as blocked."""


class Status:
    """Reads the parts of the running monitor; changes nothing."""

    def __init__(
        self,
        pipeline: Pipeline,
        inbox: Inbox,
        connection: ConnectionStatus,
        clock_loop: ClockLoop,
        sink_health: SinkHealth,
    ) -> None:
        self._pipeline = pipeline
        self._inbox = inbox
        self._connection = connection
        self._broker = connection.broker
        self._clock_loop = clock_loop
        self._sink_health = sink_health
        self._parts = sink_health.parts
        self._started_at = pipeline.clock.now()

    def health(self) -> Health:
        """Return the health of the monitor."""
        state, relays = self._pipeline.engine.state, self._parts.relays
        troubles = tuple(map(plain, self.troubles()))
        return Health(
            ok=not troubles,
            troubles=troubles,
            seq=self._pipeline.journal.seq,
            broker_connected=self._inbox.connected,
            catching_up=state.time.is_catching_up,
            left=self.left(),
            open_alerts=len(state.alerts.open),
            warming_up=tuple(
                rule for rule, until in state.rules.warming.items() if until > state.time.now
            ),
            lag={relay.sink.name: relay.lag for relay in relays},
        )

    def left(self) -> int:
        """While the monitor catches up: messages and events that it has not processed in order yet; otherwise 0."""
        time = self._pipeline.engine.state.time
        return self._inbox.depth + len(time.waiting) if time.is_catching_up else 0

    def lag(self) -> Lag | None:
        """Return since when the monitor has not known the present, and why; ``None`` if it is."""
        pipeline, lost_at = self._pipeline, self._connection.lost_at
        if lost_at is not None:
            return Lag(since=lost_at, reason=f"the monitor has had no connection to {self._broker}")
        time, behind = pipeline.engine.state.time, pipeline.behind
        since = time.watermark if time.is_cut else pipeline.clock.now() - behind
        if time.is_cut or (time.is_catching_up and behind > pipeline.engine.lateness):
            reason = f"the monitor is catching up, {self.left():,} events left"
            return Lag(since=since, reason=reason)
        return None

    def heartbeat(self, every: timedelta) -> HeartbeatMessage:
        """Return the heartbeat of this instant."""
        health = self.health()
        return HeartbeatMessage(
            at=self._pipeline.clock.now(),
            started_at=self._started_at,
            every_s=every.total_seconds(),
            seq=health.seq,
            journal=self._pipeline.journal.id.hex(),
            head=str(self._pipeline.journal.head),
            ok=health.ok,
            troubles=health.troubles,
        )

    def update_metrics(self) -> None:
        """Set the metrics that are not counted as they change."""
        metrics, state = self._pipeline.metrics, self._pipeline.engine.state
        for severity in SEVERITIES:
            count = sum(alert.severity == severity for alert in state.alerts.open.values())
            metrics.open_alerts.labels(severity).set(count)
        for relay in self._parts.relays:
            metrics.readers.lag.labels(relay.sink.name).set(relay.lag)
            metrics.readers.behind.labels(relay.sink.name).set(relay.behind.total_seconds())
        metrics.depth.set(self._inbox.depth)
        metrics.unacknowledged.set(self._inbox.unacknowledged)
        metrics.connected.set(self._inbox.connected)
        metrics.waiting.set(len(state.time.waiting))
        metrics.left.set(self.left())
        for stream in self._parts.live:
            metrics.console_seconds.inc(stream.pace.take_spent())
        for rule, count in self._pipeline.engine.take_keyless().items():
            metrics.keyless.labels(rule).inc(count)

    def troubles(self) -> Sequence[Phrase]:
        """Return what is wrong with the monitor itself."""
        return tuple(self._troubles())

    def _troubles(self) -> Iterator[Phrase]:
        silent = time.monotonic() - self._clock_loop.ticked_at
        if silent > BLOCKED:
            yield phrase("clock-stands", within=round(silent))
        if (doubt := self._pipeline.engine.state.time.doubt) is not None:
            by = f"{doubt.by.total_seconds():+.0f} s"
            yield phrase("clock-doubt", host=doubt.host, by=by, since=doubt.since)
        if not self._inbox.connected:
            why = self._inbox.trouble
            server = str(self._broker)
            yield (
                phrase("broker-unreachable", error=why)
                if why
                else phrase("broker-not-connected", server=server)
            )
        yield from self._sink_health.troubles()
