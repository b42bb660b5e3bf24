"""Compares the journal of a demonstration with the messages sent and the alerts expected."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from msgspec import Struct
from prometheus_client.parser import text_string_to_metric_families

from monitor.adapters import Translator
from monitor.core.alert import Alert, Change
from monitor.core.identity import identity
from monitor.core.transitions import AlertChanged
from monitor.journal import Journal, messages
from monitor.simulate.message import Planned
from monitor.simulate.truth import Expected


class Verdict(Struct, frozen=True, kw_only=True):
    """The result of a demonstration."""

    published: int
    """Messages that the simulator sent and the broker acknowledged."""
    journaled: int
    """Of these, in the journal as inputs of their own."""
    acknowledged: int
    """Messages that the monitor acknowledged to the broker, including its own."""
    lost: int
    """Sent, but not in the journal."""
    duplicates_absorbed: int
    """Sent again, and recognised."""
    alerts_expected: int
    alerts_raised: int
    alerts_missed: int
    """Expected, but not raised."""
    alerts_false: int
    """Raised, but not expected."""
    durable_p50_ms: float
    """From the arrival of a batch's oldest message to its commit."""
    durable_p99_ms: float
    alert_p50_ms: float
    """From an event to its alert; rules that depend on the order of events wait for the lateness."""
    alert_p99_ms: float
    missed: tuple[str, ...] = ()
    false: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Nothing was lost, missed or false."""
        return not (self.lost or self.alerts_missed or self.alerts_false)


def judge(  # noqa: PLR0913 - everything that is compared
    journal: Path,
    *,
    plan: Sequence[Planned],
    expected: Iterable[Expected],
    day: tuple[datetime, datetime],
    translator: Translator,
    metrics: str,
    speed: float,
) -> Verdict:
    """Return the verdict on a demonstration that has ended.

    Args:
        journal: the journal's file.
        plan: every message that was sent.
        expected: every alert that must have been raised.
        day: its beginning and end; alerts outside it, about devices that are silent again, don't count.
        translator: decodes the messages as the monitor did.
        metrics: the monitor's last ``/metrics``.
        speed: simulated seconds per real second.

    """
    _, ids, raw = messages(journal)
    distinct: set[bytes] = set()
    lost = repeated = 0
    for message in plan:
        decoded = translator.decode(message.topic, message.payload, message.at)
        key = identity(decoded, message.topic, message.payload)
        repeated += key in distinct
        distinct.add(key)
        lost += key not in ids and (message.topic, message.payload) not in raw
    raised = [
        row.alert
        for row in _alert_changes(journal)
        if row.change is Change.RAISED and day[0] <= row.alert.happened_at <= day[1]
    ]
    found = Counter((alert.rule, alert.key) for alert in raised)
    wanted = Counter((row.rule, row.key) for row in expected)
    missed, false = _names(wanted - found), _names(found - wanted)
    delays = sorted(_delay(alert, speed) for alert in raised if not alert.late)
    histogram = _histogram(metrics, "venue_durable_seconds")
    return Verdict(
        published=len(plan),
        journaled=len(plan) - lost - repeated,
        acknowledged=int(_counter(metrics, "venue_acknowledged")),
        lost=lost,
        duplicates_absorbed=repeated,
        alerts_expected=wanted.total(),
        alerts_raised=len(raised),
        alerts_missed=len(missed),
        alerts_false=len(false),
        durable_p50_ms=round(quantile(histogram, 0.5) * 1000, 2),
        durable_p99_ms=round(quantile(histogram, 0.99) * 1000, 2),
        alert_p50_ms=_quantile_of(delays, 0.5),
        alert_p99_ms=_quantile_of(delays, 0.99),
        missed=tuple(missed),
        false=tuple(false),
    )


def _alert_changes(journal: Path) -> Iterator[AlertChanged]:
    with Journal(journal, read_only=True) as opened:
        after = 0
        while entries := opened.transitions(after):
            after = entries[-1].seq
            for entry in entries:
                if isinstance(entry.transition, AlertChanged):
                    yield entry.transition


def quantile(buckets: Sequence[tuple[float, float]], share: float) -> float:
    """Return a quantile of a cumulative histogram, interpolated between the bounds of its bucket, in their unit."""
    total = buckets[-1][1] if buckets else 0.0
    low, below = 0.0, 0.0
    for bound, count in buckets:
        if count >= share * total and count > below:
            high = low if bound == float("inf") else bound
            return round(low + (high - low) * (share * total - below) / (count - below), 6)
        low, below = bound, count
    return 0.0


def _names(alerts: Counter[tuple[str, str]]) -> list[str]:
    return [f"{rule}: {key}" for rule, key in sorted(alerts.elements())]


def _delay(alert: Alert, speed: float) -> float:
    return (alert.raised_at - alert.happened_at) / timedelta(milliseconds=1) / speed


def _quantile_of(ordered: Sequence[float], share: float) -> float:
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1) if ordered else 0.0


def _histogram(metrics: str, name: str) -> list[tuple[float, float]]:
    return [
        (float(sample.labels["le"]), sample.value)
        for family in text_string_to_metric_families(metrics)
        for sample in family.samples
        if sample.name == f"{name}_bucket"
    ]


def _counter(metrics: str, name: str) -> float:
    return sum(
        sample.value
        for family in text_string_to_metric_families(metrics)
        for sample in family.samples
        if sample.name == f"{name}_total"
    )
