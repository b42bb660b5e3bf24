"""The monitor's own metrics as points for InfluxDB: the heartbeat on every dashboard."""

from collections.abc import Iterator
from itertools import starmap
from typing import Protocol

from monitor.ingest.line import Line
from monitor.sinks.influx.line import line
from monitor.sinks.influx.schema import Measurement
from monitor.sinks.influx.self_measurements import MonitorMeasurement, ReaderMeasurement
from monitor.sinks.influx.timestamps import nanoseconds
from monitor.sinks.relay import Relay


class Intake(Protocol):
    """Where messages come in."""

    @property
    def depth(self) -> int:
        """How many wait."""

    @property
    def connected(self) -> bool:
        """Whether any can come."""


class SelfMetrics:
    """Reads the parts of the running monitor; averages are over the time since the reading before."""

    def __init__(self, pipeline: Line, inbox: Intake, relays: list[Relay], feeds: str) -> None:
        self._pipeline = pipeline
        self._inbox = inbox
        self._relays = relays
        self._feeds = feeds
        """The name of the sink that receives these points."""
        self._sums: dict[str, tuple[float, float]] = {}

    def lines(self) -> Iterator[str]:
        """Yield the points of this instant."""
        ns = nanoseconds(self._pipeline.clock.now())
        yield line(self._monitor(), ns)
        yield from starmap(line, ((self._reader(relay), ns) for relay in self._relays))

    def _monitor(self) -> Measurement:
        state = self._pipeline.engine.state
        behind = [relay.behind for relay in self._relays if relay.sink.name == self._feeds]
        return MonitorMeasurement(
            congress=state.rule_set.venue.congress.id,
            behind_s=max((row.total_seconds() for row in behind), default=0.0),
            seq=self._pipeline.journal.seq,
            head=str(self._pipeline.journal.head),
            events=int(self._figure("venue_messages_total", kind="event")),
            rejected=int(self._figure("venue_messages_total", kind="rejected")),
            queue=self._inbox.depth,
            connected=int(self._inbox.connected),
            catching_up=int(state.time.is_catching_up),
            commit_ms=self._average("venue_commit_seconds"),
            durable_ms=self._average("venue_durable_seconds"),
        )

    def _reader(self, relay: Relay) -> Measurement:
        return ReaderMeasurement(
            reader=relay.sink.name,
            lag=relay.lag,
            trouble=int(bool(relay.trouble)),
            refused=int(self._figure("venue_sink_refused_total", sink=relay.sink.name)),
        )

    def _figure(self, name: str, **labels: str) -> float:
        return self._pipeline.metrics.registry.get_sample_value(name, labels) or 0.0

    def _average(self, name: str) -> float | None:
        """Return the mean duration in milliseconds since the last reading; ``None`` if it did not happen."""
        now = self._figure(f"{name}_sum"), self._figure(f"{name}_count")
        before = self._sums.get(name, (0.0, 0.0))
        self._sums[name] = now
        count = now[1] - before[1]
        return round(1000 * (now[0] - before[0]) / count, 3) if count else None
