"""The status of a site's reader: for its console, heartbeats and signs of life, for ``/healthz`` and ``/metrics``."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import timedelta

from monitor.app.runfile import Lag
from monitor.app.sink_health import SinkHealth
from monitor.cluster.site_line import SiteLine
from monitor.cluster.site_signs import ReaderSign, open_alerts
from monitor.cluster.status import read_status
from monitor.config.cluster import ClusterTable
from monitor.core.phrase import Phrase, phrase
from monitor.core.rules.model import SEVERITIES
from monitor.deadman.heartbeat_message import HeartbeatMessage
from monitor.errors import ClusterUnavailable
from monitor.texts import plain
from monitor.web.health import Health

LOOK_EVERY = 10.0
"""Seconds between two looks at whether time passes at the site, and whether the job runs."""


class ReaderStatus:
    """Reads the parts of the reader, and asks how the cluster is; changes nothing.

    Args:
        line: of the site.
        table: where the cluster is.
        sink_health: knows what is wrong with the sinks.

    """

    def __init__(self, line: SiteLine, table: ClusterTable, sink_health: SinkHealth) -> None:
        self._line = line
        self._table = table
        self._sink_health = sink_health
        self._started_at = line.clock.now()
        self._cluster: Sequence[str] = ()
        """What is wrong with the cluster, as of the latest look."""

    @property
    def connected(self) -> bool:
        """Whether what is sent to the site is processed."""
        return not self._cluster

    @property
    def depth(self) -> int:
        """How many messages wait here: they wait in the log."""
        return 0

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            try:
                found = await asyncio.to_thread(read_status, self._table, self._line.site)
                self._cluster = tuple(found.troubles)
            except ClusterUnavailable as error:
                self._cluster = (str(error),)
            await asyncio.sleep(LOOK_EVERY)

    def health(self) -> Health:
        """Return the health of the site."""
        state, troubles = self._line.engine.state, tuple(map(plain, self.troubles()))
        return Health(
            ok=not troubles,
            troubles=troubles,
            seq=self._line.journal.seq,
            broker_connected=self.connected,
            catching_up=state.time.is_catching_up,
            left=self.left(),
            open_alerts=len(state.alerts.open),
            warming_up=tuple(
                rule for rule, until in state.rules.warming.items() if until > state.time.now
            ),
            lag={relay.sink.name: relay.lag for relay in self._sink_health.parts.relays},
        )

    def heartbeat(self, every: timedelta) -> HeartbeatMessage:
        """Return the heartbeat of this instant."""
        health, journal = self.health(), self._line.journal
        return HeartbeatMessage(
            at=self._line.clock.now(),
            started_at=self._started_at,
            every_s=every.total_seconds(),
            seq=health.seq,
            journal=journal.id.hex(),
            head=str(journal.head),
            ok=health.ok,
            troubles=health.troubles,
        )

    def sign(self, console: str) -> ReaderSign:
        """Return the sign of life of this instant, with the address of the console."""
        return ReaderSign(
            at=self._line.clock.now(),
            group=self._table.group,
            console=console,
            alerts=open_alerts(self._line.engine.state.alerts.open.values()),
            troubles=tuple(map(plain, self.troubles())),
        )

    def left(self) -> int:
        """While the site catches up: events that it has not processed in order yet; otherwise 0."""
        time = self._line.engine.state.time
        return len(time.waiting) if time.is_catching_up else 0

    def lag(self) -> Lag | None:
        """Return since when the journal has not known the present; ``None`` if it is."""
        if self.connected:
            return None
        return Lag(since=self._line.engine.state.time.now, reason=self._cluster[0])

    def troubles(self) -> Sequence[Phrase | str]:
        """Return what is wrong with the cluster, or with what follows the site here."""
        return tuple(self._troubles())

    def update_metrics(self) -> None:
        """Set the metrics that are not counted as they change."""
        metrics, alerts = self._line.metrics, self._line.engine.state.alerts.open.values()
        for severity in SEVERITIES:
            metrics.open_alerts.labels(severity).set(
                sum(alert.severity == severity for alert in alerts)
            )
        for relay in self._sink_health.parts.relays:
            metrics.readers.lag.labels(relay.sink.name).set(relay.lag)
            metrics.readers.behind.labels(relay.sink.name).set(relay.behind.total_seconds())
        metrics.connected.set(self.connected)
        metrics.left.set(self.left())

    def _troubles(self) -> Iterator[Phrase | str]:
        if (doubt := self._line.engine.state.time.doubt) is not None:
            by = f"{doubt.by.total_seconds():+.0f} s"
            yield phrase("clock-doubt", host=doubt.host, by=by, since=doubt.since)
        yield from self._cluster
        yield from self._sink_health.troubles()
