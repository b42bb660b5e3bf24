"""The monitor's own figures, in Prometheus' terms; docs/operations.md says what each is for."""

from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_COMMIT_SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2.0)
_PAGE_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0)
_DURABLE_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2.0, 10.0)


class Metrics:
    """All figures, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        counter = partial(Counter, registry=self.registry)
        gauge = partial(Gauge, registry=self.registry)
        histogram = partial(Histogram, registry=self.registry)
        self.messages = counter(
            "venue_messages", "Messages taken in, by what became of them", ["kind"]
        )
        self.acknowledged = counter("venue_acknowledged", "Messages acknowledged to the broker")
        self.transitions = counter(
            "venue_transitions", "What followed from inputs, by kind", ["kind"]
        )
        self.commits = histogram(
            "venue_commit_seconds", "One transaction, to the disk", buckets=_COMMIT_SECONDS
        )
        self.durable = histogram(
            "venue_durable_seconds",
            "From the arrival of the oldest message of a batch to its commit",
            buckets=_DURABLE_SECONDS,
        )
        self.open_alerts = gauge("venue_open_alerts", "Open alerts, by severity", ["severity"])
        self.seq = gauge("venue_journal_seq", "Number of the latest input in the journal")
        self.lag = gauge(
            "venue_cursor_lag", "Inputs that a reader has not dealt with yet", ["reader"]
        )
        self.behind = gauge(
            "venue_cursor_behind_seconds",
            "For how long the oldest input that a reader has not dealt with has been waiting",
            ["reader"],
        )
        self.depth = gauge("venue_inbox_depth", "Messages received and not yet taken")
        self.unacknowledged = gauge("venue_inbox_unacknowledged", "Messages not yet acknowledged")
        self.connected = gauge("venue_broker_connected", "1 while the broker can be reached")
        self.waiting = gauge("venue_events_waiting", "Events that wait for their turn")
        self.keyless = counter(
            "venue_rule_keyless",
            "Events that fit a rule or fact and lack a field of its key",
            ["rule"],
        )
        self.refused = counter(
            "venue_sink_refused", "Entries that a sink refused for ever", ["sink"]
        )
        self.pages = counter("venue_pages", "Pages, by what became of them", ["state"])
        self.attempts = counter(
            "venue_page_attempts", "Pages handed to a channel, by how that went", ["result"]
        )
        self.page_seconds = histogram(
            "venue_page_seconds",
            "From the order of a page until a channel has taken it",
            buckets=_PAGE_SECONDS,
        )
        self.pages_waiting = gauge("venue_pages_waiting", "Pages that have reached nobody yet")
        self.channels_down = gauge("venue_channels_down", "Channels to people that don't work")
