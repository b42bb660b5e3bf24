"""Changed alerts that wait to be sent: the gravest first, each in its latest state, no more than a page can show."""

import math
from collections import Counter
from datetime import datetime
from heapq import nsmallest
from typing import ClassVar, NamedTuple

from monitor.core.alert import Alert
from monitor.core.rules.model import SEVERITIES

_RANK = {severity: rank for rank, severity in enumerate(SEVERITIES)}


class Due(NamedTuple):
    """What is sent now."""

    rows: list[Alert]
    """Alerts that look different now, or are closed."""
    counts: list[Alert]
    """Alerts that have only recurred."""


class LiveQueue:
    """Alerts that have changed since they were sent.

    Args:
        every: seconds from one sending to the next; a change after a quiet time is sent at once.

    """

    ROWS_A_SECOND: ClassVar[float] = 10.0
    """On average: more than anybody reads. It bounds what rendering and the network cost, whatever happens."""
    ROWS_AT_ONCE: ClassVar[int] = 300
    """After a quiet time: what one officer does to a whole page of alerts shows at once on the others."""
    MOST_COUNTS: ClassVar[int] = 100
    """Counts of recurrences in one sending; the others have their turn."""
    MOST_CLOSED: ClassVar[int] = 300
    """Closed alerts in one sending: few bytes each."""

    def __init__(self, every: float) -> None:
        self.due = math.inf
        """When something is to be sent, by the event loop's clock."""
        self._every = every
        self._allowance = float(self.ROWS_AT_ONCE)
        self._sent_at = -math.inf
        self._rows: dict[str, tuple[int, Alert]] = {}
        """Each with the number of its first change that is not sent."""
        self._counts: dict[str, tuple[int, Alert]] = {}
        """The same, of alerts that have only recurred."""

    def add(self, seq: int, alert: Alert, now: float) -> None:
        """Add an alert that looks different now, or is closed."""
        first, _ = self._rows.get(alert.id) or self._counts.pop(alert.id, (seq, alert))
        self._rows[alert.id] = (first, alert)
        self._expect(now)

    def add_count(self, seq: int, alert: Alert, now: float) -> None:
        """Add an alert that has only recurred."""
        waiting = self._rows if alert.id in self._rows else self._counts
        first, _ = waiting.get(alert.id, (seq, alert))
        waiting[alert.id] = (first, alert)
        self._expect(now)

    def discard(self, own: str, seq: int) -> int:
        """Remove an alert that another queue sends; return the number of its first change, which may be this one."""
        first = seq
        for waiting in (self._rows, self._counts):
            if own in waiting:
                first, _ = waiting.pop(own)
        return first

    def take(self, now: float) -> Due:
        """Return and remove what is to be sent now."""
        gained = (now - self._sent_at) * self.ROWS_A_SECOND
        self._allowance = min(self.ROWS_AT_ONCE, self._allowance + gained)
        self._sent_at = now
        alerts = [alert for _, alert in self._rows.values()]
        rows = nsmallest(int(self._allowance), (row for row in alerts if row.is_open), key=_gravity)
        self._allowance -= len(rows)
        rows += [row for row in alerts if not row.is_open][: self.MOST_CLOSED]
        for row in rows:
            del self._rows[row.id]
        counts = [alert for _, alert in self._counts.values()][: self.MOST_COUNTS]
        for row in counts:
            del self._counts[row.id]
        self.due = now + self._every if self._rows or self._counts else math.inf
        return Due(rows, counts)

    def __contains__(self, own: str) -> bool:
        """Return whether an alert's row waits."""
        return own in self._rows

    def clear(self) -> None:
        """Forget everything."""
        self._rows.clear()
        self._counts.clear()
        self.due = math.inf

    @property
    def oldest(self) -> float:
        """The number of the first change that is not sent; infinite if all are."""
        return min(
            (first for some in (self._rows, self._counts) for first, _ in some.values()),
            default=math.inf,
        )

    def waiting(self) -> Counter[tuple[str, str]]:
        """Return how many rows wait, by site and, each silent one, by its id."""
        alerts = (alert for _, alert in self._rows.values())
        return Counter((alert.site, alert.id if alert.silent else "") for alert in alerts)

    def _expect(self, now: float) -> None:
        if self.due == math.inf:
            self.due = max(now, self._sent_at + self._every)


def _gravity(alert: Alert) -> tuple[int, datetime]:
    """Return the place of an alert among those that wait: as on the board, severity, then age."""
    return _RANK[alert.severity], alert.happened_at
