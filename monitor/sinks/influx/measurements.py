"""Every measurement in InfluxDB, each declared once; the writer, docs/metrics.md and the dashboards' tests use them."""

from datetime import timedelta

from monitor.core.rules.model import Severity
from monitor.sinks.influx.event_measurements import EVENTS
from monitor.sinks.influx.schema import Measurement
from monitor.sinks.influx.self_measurements import SELF_METRICS
from monitor.sinks.influx.state_measurements import VENUE_STATES
from monitor.sinks.influx.work_measurements import WORK_STATES

OFTEN = timedelta(seconds=10)
"""The interval at which alerts, occupancy and the monitor itself are written, whether or not they change."""
SELDOM = timedelta(seconds=60)
"""The interval at which all other states are written."""
SEVERITY_CODES: dict[Severity, int] = {
    "life_safety": 0,
    "critical": 1,
    "high": 2,
    "medium": 3,
    "low": 4,
}
"""Values of `alert_open.code` and `alert_event.code`: the most severe is the smallest, as in P0."""
READY_CODES = {"go": 0, "go_with_conditions": 1, "unknown": 2, "no_go": 3}
"""Values of `readiness.code`, `compliance.code` and `certificate.code`: the most severe is the greatest."""

STATES: tuple[type[Measurement], ...] = (*VENUE_STATES, *WORK_STATES)
ALL: tuple[type[Measurement], ...] = (*EVENTS, *STATES, *SELF_METRICS)
