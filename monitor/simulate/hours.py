"""The hours of the day, as fractions of its length, so that a short day contains as much as a long one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

SHORTEST = timedelta(minutes=25)
"""The windows and limits of the rules (5 minutes, 60 seconds) don't fit into a shorter day."""

SCHEDULED = 0.008
"""The inspections of the morning are announced."""
INSPECTED = 0.02
"""The first inspections begin."""
OPENED = 0.10
"""The zones open, after every checklist has passed."""
ARRIVAL = 0.12
MIDDAY = (0.18, 0.80)
"""The incidents happen in this interval."""
CLOSING = 0.90
"""From here on people only leave."""
CLOSED = 0.97

Curve = Sequence[tuple[float, float]]
"""Points of a line: fraction of the day, value."""


@dataclass(frozen=True, slots=True)
class Hours:
    """The beginning and the length of the day."""

    start: datetime
    length: timedelta

    def __post_init__(self) -> None:
        """Refuse a day that is too short for the windows of the rules."""
        if self.start.utcoffset() != timedelta():
            raise ValueError(f"{self.start} is not in UTC; write a time in UTC")
        if self.length < SHORTEST:
            raise ValueError(f"a day of {self.length} is too short; write at least {SHORTEST}")

    @property
    def end(self) -> datetime:
        """When the day ends."""
        return self.start + self.length

    def at(self, fraction: float) -> datetime:
        """Return the time at a fraction of the day, in whole milliseconds."""
        return self.start + timedelta(milliseconds=self.length * fraction // _MS)

    def fraction(self, t: datetime) -> float:
        """Return the fraction of the day that has passed."""
        return (t - self.start) / self.length


def on(curve: Curve, fraction: float) -> float:
    """Return the height of a curve; outside its points, that of the nearest one."""
    for (left, low), (right, high) in pairwise(curve):
        if fraction <= right:
            share = max(0.0, (fraction - left) / (right - left))
            return low + (high - low) * share
    return curve[-1][1]


def mean(curve: Curve) -> float:
    """Return the mean height of a curve over the whole day, taking it as 0 outside its points."""
    return sum((x2 - x1) * (y1 + y2) / 2 for (x1, y1), (x2, y2) in pairwise(curve))


def later(t: datetime, seconds: float) -> datetime:
    """Return the time this many seconds later, in whole milliseconds."""
    later = t + timedelta(seconds=seconds)
    return later.replace(microsecond=later.microsecond // 1000 * 1000)


_MS = timedelta(milliseconds=1)
