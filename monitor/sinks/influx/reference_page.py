"""Writes docs/metrics.md from the measurements."""

from collections.abc import Iterator
from inspect import getdoc

from monitor.sinks.influx import measurements
from monitor.sinks.influx.schema import Column, Field, Measurement, Tag, columns, name_of

HEAD = """\
# The measurements in InfluxDB

Written from `monitor/sinks/influx/measurements.py` by `venue-monitor metrics`; don't change it here. What is on the
wall comes from these, and from nothing else.

**Times.** What happened stands at its sender's time (ours, where a sender's clock can't be believed), with
nanoseconds that are derived from the message: two events in one millisecond are two points, and the same event sent
again is the same point. What is written every so often stands on whole 10 or 60 seconds. Ask up to `now()`, never
beyond: a clock that was set back leaves points ahead.

**Tags** are complete: a missing value is `none`. Group by tags only; InfluxQL takes a field in `GROUP BY` without a
word and is wrong. Ids are fields. A field has one type for ever; one that nobody can know at a time is left out,
never 0.

**States** are written again every so often, so that a window of half an hour knows of a door that was opened
yesterday. Ask for `last()` of the latest 25 s (of those with 10 s) or 150 s (with 60 s): what isn't written any more
is over. No point at all means that the monitor doesn't write, not that all is well.

**People.** No name, card number or free text of a person comes here: holders, credentials and staff are hashes with a
key of this deployment. Silent alerts (duress) and the events behind them are left out of every measurement, the
counts too.
"""
_TYPES = {str: "text", int: "whole", float: "number"}


def page() -> str:
    """Return the page as Markdown."""
    return "".join(_parts())


def _parts() -> Iterator[str]:
    yield HEAD
    for title, kinds in (
        ("What happened", measurements.HAPPENED),
        ("How things stand", measurements.STATES),
        ("The monitor itself", measurements.BEATS),
    ):
        yield f"\n## {title}\n"
        for kind in kinds:
            yield from _measurement(kind)


def _measurement(kind: type[Measurement]) -> Iterator[str]:
    yield f"\n### {name_of(kind)}\n\n{_told(kind)}\n\n| | | |\n|---|---|---|\n"
    for column in columns(kind):
        yield f"| `{column.name}` | {_sort(column)} | {column.said.meaning} |\n"


def _told(kind: type[Measurement]) -> str:
    return " ".join((getdoc(kind) or "").split())


def _sort(column: Column) -> str:
    match column.said:
        case Tag():
            return "tag"
        case Field(unit=unit):
            words = _TYPES[column.kind] + (f", {unit}" if unit else "")
            return words + ("; may be missing" if column.optional else "")
