"""Puts together what brings the journal to InfluxDB, for the running monitor and for a backfill."""

from collections.abc import Callable, Iterator

from monitor.app.self_metrics import Vitals
from monitor.config import Config
from monitor.core.events.monitor import MonitorSinkRefused
from monitor.core.inputs import RulesChanged
from monitor.core.rules.model import RuleBook
from monitor.ingest.inbox import Inbox
from monitor.ingest.pipeline import Pipeline
from monitor.journal import Journal
from monitor.runtime.key_file import read_key
from monitor.sinks.influx.client import connect
from monitor.sinks.influx.delivery import Delivery
from monitor.sinks.influx.projection import Scribe
from monitor.sinks.influx.sink import InfluxSink
from monitor.sinks.relay import Relay


def scribe_of(
    config: Config, journal: Journal, present: Callable[[], RuleBook], speed: float = 1.0
) -> Scribe:
    """Return a scribe for a deployment's journal.

    Args:
        config: the deployment's.
        journal: where rule books that were in force are found.
        present: tells the one in force, for times whose own is not in the journal any more.
        speed: how much faster than the world the monitor's clock runs.

    Raises:
        ConfigError: the key for pseudonyms can't be read or made.

    """

    def book(seq: int) -> RuleBook:
        for entry in journal.entries(seq - 1, 1):
            given = entry.input()
            if entry.seq == seq and isinstance(given, RulesChanged):
                return given.book
        return present()

    return Scribe(book, read_key(config.privacy.key_file), config.time.tolerance * speed)


def influx_sinks(
    config: Config,
    pipeline: Pipeline,
    inbox: Inbox,
    relays: list[Relay],
    refuse: Callable[[MonitorSinkRefused], None],
) -> Iterator[InfluxSink]:
    """Yield the sink of a running monitor, if its deployment has an InfluxDB; inside a running loop.

    Raises:
        ConfigError: the key for pseudonyms can't be read or made.

    """
    if config.influx is None:
        return
    journal, clock = pipeline.journal, pipeline.clock
    yield InfluxSink(
        Delivery(connect(config.influx), refuse, clock.now),
        scribe_of(config, journal, lambda: pipeline.engine.state.book, clock.speed),
        vitals=Vitals(pipeline, inbox, relays, InfluxSink.name).lines,
        latest=lambda: journal.seq,
        now=clock.now,
    )
