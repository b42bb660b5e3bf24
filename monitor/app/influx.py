"""Wires the InfluxDB sink, for the running monitor and for a backfill."""

from collections.abc import Callable, Iterator

from monitor.app.self_metrics import Intake, SelfMetrics
from monitor.app.sink_health import SinkHealth
from monitor.config import Config
from monitor.core.inputs import RulesChanged
from monitor.core.rules.model import RuleSet
from monitor.ingest.line import Line
from monitor.journal import Journal
from monitor.runtime.key_file import read_key
from monitor.sinks.influx.client import connect
from monitor.sinks.influx.delivery import LineDelivery
from monitor.sinks.influx.projection import Projection
from monitor.sinks.influx.sink import InfluxSink


def projection_of(
    config: Config, journal: Journal, in_force: Callable[[], RuleSet], speed: float = 1.0
) -> Projection:
    """Return the projection of a deployment's journal.

    Args:
        config: the deployment's.
        journal: has the rule sets that were in force.
        in_force: returns the one in force, for times whose own is no longer in the journal.
        speed: how much faster than real time the monitor's clock runs.

    Raises:
        ConfigError: the key for pseudonyms can't be read or made.

    """

    def rule_set(seq: int) -> RuleSet:
        for entry in journal.entries(seq - 1, 1):
            changed = entry.input()
            if entry.seq == seq and isinstance(changed, RulesChanged):
                return changed.rule_set
        return in_force()

    return Projection(rule_set, read_key(config.privacy.key_file), config.time.tolerance * speed)


def influx_sinks(
    config: Config, pipeline: Line, inbox: Intake, health: SinkHealth
) -> Iterator[InfluxSink]:
    """Yield the sink of a running monitor if its deployment has an InfluxDB; inside a running event loop.

    Raises:
        ConfigError: the key for pseudonyms can't be read or made.

    """
    if config.influx is None:
        return
    journal, clock = pipeline.journal, pipeline.clock
    projection = projection_of(config, journal, lambda: pipeline.engine.state.rule_set, clock.speed)
    yield InfluxSink(
        LineDelivery(connect(config.influx), health.refused, clock.now),
        projection,
        self_metrics=SelfMetrics(pipeline, inbox, health.parts.relays, InfluxSink.name).lines,
        latest=lambda: journal.seq,
        now=clock.now,
    )
