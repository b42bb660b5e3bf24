"""The monitor's own metrics for Prometheus; docs/operations.md explains each of them."""

from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_COMMIT_SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2.0)
_PAGE_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0)
_DURABLE_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2.0, 10.0)


class ReaderMetrics:
    """How far the readers of the journal have come, and what they skipped."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.lag = Gauge(
            "venue_cursor_lag",
            "Inputs that a reader has not processed yet",
            ["reader"],
            registry=registry,
        )
        self.behind = Gauge(
            "venue_cursor_behind_seconds",
            "Age of the oldest input that a reader has not processed",
            ["reader"],
            registry=registry,
        )
        self.refused = Counter(
            "venue_sink_refused",
            "Entries that a sink refused permanently",
            ["sink"],
            registry=registry,
        )


class PagingMetrics:
    """Pages, and the channels that they take to people."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.pages = Counter("venue_pages", "Pages, by outcome", ["state"], registry=registry)
        self.attempts = Counter(
            "venue_page_attempts",
            "Attempts to hand a page to a channel, by result",
            ["result"],
            registry=registry,
        )
        self.page_seconds = Histogram(
            "venue_page_seconds",
            "From the order of a page until a channel has accepted it",
            buckets=_PAGE_SECONDS,
            registry=registry,
        )
        self.pages_waiting = Gauge(
            "venue_pages_waiting", "Pages that have not reached anyone yet", registry=registry
        )
        self.channels_down = Gauge(
            "venue_channels_down", "Channels to people that are not working", registry=registry
        )


class StandbyMetrics:
    """How far the standby's copy is behind."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.lag = Gauge(
            "venue_standby_lag", "Inputs that the standby's copy does not have", registry=registry
        )
        self.age = Gauge(
            "venue_standby_age_seconds",
            "Seconds since the standby last copied the journal",
            registry=registry,
        )


class Metrics:
    """All metrics, in a registry of their own: those of the line here, the others by what they measure."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        counter = partial(Counter, registry=self.registry)
        gauge = partial(Gauge, registry=self.registry)
        histogram = partial(Histogram, registry=self.registry)
        self.messages = counter("venue_messages", "Messages processed, by outcome", ["kind"])
        self.acknowledged = counter("venue_acknowledged", "Messages acknowledged to the broker")
        self.transitions = counter("venue_transitions", "Transitions, by kind", ["kind"])
        self.commits = histogram(
            "venue_commit_seconds",
            "Duration of a transaction, including the sync to disk",
            buckets=_COMMIT_SECONDS,
        )
        self.durable = histogram(
            "venue_durable_seconds",
            "From the arrival of the oldest message of a batch to its commit",
            buckets=_DURABLE_SECONDS,
        )
        self.open_alerts = gauge("venue_open_alerts", "Open alerts, by severity", ["severity"])
        self.closed = counter(
            "venue_alerts_closed",
            "Alerts closed by a person, by what they turned out to be; no silent ones",
            ["disposition"],
        )
        self.seq = gauge("venue_journal_seq", "Number of the latest input in the journal")
        self.depth = gauge("venue_inbox_depth", "Messages received and not yet processed")
        self.unacknowledged = gauge("venue_inbox_unacknowledged", "Messages not yet acknowledged")
        self.connected = gauge("venue_broker_connected", "1 while connected to the broker")
        self.waiting = gauge("venue_events_waiting", "Events buffered until the watermark passes")
        self.left = gauge(
            "venue_backlog_left",
            "While catching up: events not yet processed in order; otherwise 0",
        )
        self.keyless = counter(
            "venue_rule_keyless",
            "Events that match a rule or fact but lack a field of its key",
            ["rule"],
        )
        self.acts_refused = counter(
            "venue_acts_refused",
            "Requests and commands that were refused, by the right that was missing",
            ["right"],
        )
        self.console_seconds = counter(
            "venue_console_seconds",
            "CPU seconds in which the console's live stream read, rendered and queued",
        )
        self.readers = ReaderMetrics(self.registry)
        self.paging = PagingMetrics(self.registry)
        self.standby = StandbyMetrics(self.registry)
