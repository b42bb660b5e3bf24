"""Writes a part of the journal to InfluxDB again. The points are the same, so existing points do not change."""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from monitor.journal import Entry, Journal
from monitor.sinks.influx.delivery import LineDelivery
from monitor.sinks.influx.projection import Projection
from monitor.sinks.influx.timestamps import nanoseconds


class Span(NamedTuple):
    """A half-open interval of time; ``None``: unbounded."""

    since: datetime | None = None
    until: datetime | None = None

    def holds(self, line: str) -> bool:
        """Return whether a line's timestamp is in the span."""
        ns = int(line.rpartition(" ")[2])
        is_early = self.since is not None and ns < nanoseconds(self.since)
        is_late = self.until is not None and ns >= nanoseconds(self.until)
        return not (is_early or is_late)


async def backfill(
    journal: Journal,
    projection: Projection,
    delivery: LineDelivery,
    span: Span,
    report: Callable[[int, int], None] = lambda _done, _total: None,
) -> int:
    """Write every point of a span that the journal still holds; return the number of points.

    The whole journal is read, since a state follows from all inputs before it; `report` is called with the number of
    inputs read, and of all.

    Raises:
        SinkUnavailable: the server cannot store the points; repeating the backfill does no harm.
        JournalError: the journal cannot be read.

    """
    lines = filter(span.holds, projection.lines(_entries(journal, report)))
    sent = 0
    while batch := list(islice(lines, delivery.most)):
        await delivery.send(batch)
        sent += len(batch)
    return sent


def _entries(journal: Journal, report: Callable[[int, int], None]) -> Iterator[Entry]:
    after = 0
    while entries := journal.entries(after):
        yield from entries
        after = entries[-1].seq
        report(after, journal.seq)
