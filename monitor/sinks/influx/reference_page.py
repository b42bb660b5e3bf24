"""Generates docs/metrics.md from the declared measurements."""

from collections.abc import Iterator
from inspect import getdoc
from typing import assert_never

from monitor.sinks.influx.event_measurements import EVENTS
from monitor.sinks.influx.measurements import STATES
from monitor.sinks.influx.schema import Column, FieldKey, Measurement, TagKey, columns, name_of
from monitor.sinks.influx.self_measurements import SELF_METRICS

HEAD = """\
# The measurements in InfluxDB

For those who build dashboards or query the history. With this page you can find the measurement and the column that
answer a question, and query them correctly.

Generated from `monitor/sinks/influx/measurements.py` by `venue-monitor metrics`; don't edit this page. The dashboards
use these measurements and nothing else.

**Times.** An event is stored at its sender's time (at the monitor's, where the sender's clock can't be trusted), with
nanoseconds derived from the message: two events in one millisecond are two points, and the same event sent again is
the same point. Periodic points are stored at whole 10 or 60 seconds. Query up to `now()`, never beyond: a clock that
was set back leaves points in the future.

**Tags** are complete: a missing value is `none`. Group by tags only; InfluxQL accepts a field in `GROUP BY` without an
error and returns a wrong result. Ids are fields. The type of a field never changes; an unknown value is omitted,
never 0.

**States** are written periodically, so that a query over half an hour finds a door that was opened yesterday. Query
`last()` of the latest 25 s (of those written every 10 s) or 150 s (every 60 s): what is no longer written has ended.
No point at all means that the monitor isn't writing, not that all is well.

**People.** Names, card numbers and free text are never stored: holders, credentials and staff are hashes with a key
of this deployment. Silent alerts (duress) and the events behind them are left out of every measurement, including the
counts.
"""
_TYPES = {str: "text", int: "integer", float: "number"}


def page() -> str:
    """Return the page as Markdown."""
    return "".join(_parts())


def _parts() -> Iterator[str]:
    yield HEAD
    for title, kinds in (
        ("Events", EVENTS),
        ("States", STATES),
        ("The monitor itself", SELF_METRICS),
    ):
        yield f"\n## {title}\n"
        for kind in kinds:
            yield from _measurement(kind)


def _measurement(kind: type[Measurement]) -> Iterator[str]:
    yield f"\n### {name_of(kind)}\n\n{_description(kind)}\n\n| | | |\n|---|---|---|\n"
    for column in columns(kind):
        yield f"| `{column.name}` | {_sort(column)} | {column.key.meaning} |\n"


def _description(kind: type[Measurement]) -> str:
    return " ".join((getdoc(kind) or "").split())


def _sort(column: Column) -> str:
    match column.key:
        case TagKey():
            return "tag"
        case FieldKey(unit=unit):
            kind = _TYPES[column.kind] + (f", {unit}" if unit else "")
            return kind + ("; optional" if column.optional else "")
        case unreachable:
            assert_never(unreachable)
