"""Writes a part of the journal to InfluxDB again: the same points, so that those that are there don't change."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from monitor.journal import Entry, Journal
from monitor.sinks.influx.delivery import Delivery
from monitor.sinks.influx.projection import Scribe
from monitor.sinks.influx.timestamps import nanoseconds


class Span(NamedTuple):
    """From a time until before another; ``None``: without end."""

    since: datetime | None = None
    until: datetime | None = None

    def holds(self, line: str) -> bool:
        """Tell whether a line's point is in it."""
        ns = int(line.rpartition(" ")[2])
        is_early = self.since is not None and ns < nanoseconds(self.since)
        is_late = self.until is not None and ns >= nanoseconds(self.until)
        return not (is_early or is_late)


async def backfill(journal: Journal, scribe: Scribe, delivery: Delivery, span: Span) -> int:
    """Have every point of a span stored that the journal still gives; return how many there are.

    The whole journal is read: how things stood at a time follows from all that came before.

    Raises:
        SinkUnavailable: the server can't store them; doing it again later does no harm.
        JournalError: the journal can't be read.

    """
    lines = filter(span.holds, scribe.lines(_entries(journal)))
    sent = 0
    while batch := list(islice(lines, delivery.most)):
        await delivery.send(batch)
        sent += len(batch)
    return sent


def _entries(journal: Journal) -> Iterator[Entry]:
    after = 0
    while entries := journal.entries(after):
        yield from entries
        after = entries[-1].seq
