"""Makes the sinks that ``config.toml`` asks for; paging has a file of its own."""

from collections.abc import Iterator

from monitor.app.broker import broker_settings
from monitor.app.influx import influx_sinks
from monitor.app.self_metrics import Intake
from monitor.app.sink_health import SinkHealth
from monitor.config import Config
from monitor.core.bounded_text import short_id
from monitor.core.events.monitor_senders import MonitorBoardWritten
from monitor.ingest.line import Line
from monitor.mqtt import BrokerAddress
from monitor.mqtt.embedded import EmbeddedBroker
from monitor.runtime.key_file import read_key
from monitor.sinks.alertmanager import AlertmanagerSink
from monitor.sinks.influx.sink import InfluxSink
from monitor.sinks.mqtt import MqttSink
from monitor.sinks.signature import Signer
from monitor.sinks.webhook import WebhookSink

Sink = MqttSink | AlertmanagerSink | WebhookSink | InfluxSink


def make_sinks(  # noqa: PLR0913, PLR0917 - what all sinks need together
    config: Config,
    address: BrokerAddress,
    embedded: EmbeddedBroker | None,
    pipeline: Line,
    inbox: Intake,
    health: SinkHealth,
) -> Iterator[Sink]:
    """Yield the sinks, each made when it is asked for; the caller closes them.

    Raises:
        ConfigError: the key for links or that for pseudonyms can't be read or made.

    """
    journal, now = pipeline.journal, pipeline.clock.now
    yield MqttSink(
        address,
        f"{broker_settings(config).client_id}-board",
        pipeline.engine.state.rule_set.venue.congress.id,
        Signer(read_key(config.http.key_file, "[http] key_file")),
        board=(lambda: [*journal.alerts(), *journal.zones(), *journal.readiness()])
        if config.publish.enabled
        else None,
        is_ours=lambda own: journal.alert(own) is not None,
        report=lambda topic, more: pipeline.notice(
            MonitorBoardWritten(at=now(), source=short_id(topic), more=more or None)
        ),
        embedded_process=None if embedded is None else lambda: embedded.pid,
    )
    if config.alertmanager is not None:
        for url in config.alertmanager.urls:
            yield AlertmanagerSink(
                url,
                config.alertmanager,
                journal,
                rule_set=lambda: pipeline.engine.state.rule_set,
                now=now,
                refuse=health.refused,
            )
    for settings in config.webhooks:
        webhook = WebhookSink(settings, pipeline.engine.state.rule_set.venue.congress.id, now)
        journal.readers.register_at_tail(webhook.name)
        yield webhook
    yield from influx_sinks(config, pipeline, inbox, health)
