"""Makes the sinks for other people's alerting that ``config.toml`` asks for."""

from collections.abc import Callable, Iterator
from datetime import datetime

from monitor.config import Config
from monitor.core.events.monitor import MonitorSinkRefused
from monitor.core.rules.model import RuleBook
from monitor.journal import Journal
from monitor.sinks.alertmanager import AlertmanagerSink
from monitor.sinks.webhook import WebhookSink


def outward_sinks(
    config: Config,
    journal: Journal,
    book: Callable[[], RuleBook],
    now: Callable[[], datetime],
    refuse: Callable[[MonitorSinkRefused], None],
) -> Iterator[AlertmanagerSink | WebhookSink]:
    """Yield them; whoever takes them closes them."""
    if config.alertmanager is not None:
        for url in config.alertmanager.urls:
            yield AlertmanagerSink(
                url, config.alertmanager, journal, book=book, now=now, refuse=refuse
            )
    for settings in config.webhooks:
        sink = WebhookSink(settings, book().venue.congress.id, now)
        journal.welcome(sink.name)
        yield sink
