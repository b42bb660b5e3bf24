"""The day's hours: all stands at a fraction of its length, so that a short day holds as much as a long one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

SHORTEST = timedelta(minutes=25)
"""Shorter, the windows and limits of the rules themselves (5 minutes, 60 seconds) don't fit."""

SCHEDULED = 0.008
"""The inspections of the morning are announced."""
INSPECTED = 0.02
"""The first inspectors set out."""
OPENED = 0.10
"""The zones open; by then every checklist has passed."""
ARRIVAL = 0.12
MIDDAY = (0.18, 0.80)
"""In between lie the incidents."""
CLOSING = 0.90
"""From here on people only leave."""
CLOSED = 0.97

Curve = Sequence[tuple[float, float]]
"""Points of a line: fraction of the day, value."""


@dataclass(frozen=True, slots=True)
class Hours:
    """When the day begins and how long it lasts."""

    start: datetime
    length: timedelta

    def __post_init__(self) -> None:
        """Refuse a day into which the rules' own durations don't fit."""
        if self.start.utcoffset() != timedelta():
            raise ValueError(f"the day begins at {self.start}; give a time in UTC")
        if self.length < SHORTEST:
            raise ValueError(f"a day of {self.length} is too short; at least {SHORTEST}")

    @property
    def end(self) -> datetime:
        """When it is over."""
        return self.start + self.length

    def at(self, fraction: float) -> datetime:
        """Return the moment at a fraction of the day, in whole milliseconds."""
        return self.start + timedelta(milliseconds=self.length * fraction // _MS)

    def fraction(self, t: datetime) -> float:
        """Return how much of the day is over."""
        return (t - self.start) / self.length


def on(curve: Curve, fraction: float) -> float:
    """Return the height of a curve; before its first point and after its last one, of these."""
    for (left, low), (right, high) in pairwise(curve):
        if fraction <= right:
            share = max(0.0, (fraction - left) / (right - left))
            return low + (high - low) * share
    return curve[-1][1]


def mean(curve: Curve) -> float:
    """Return the mean height of a curve over the whole day; outside its points it is 0."""
    return sum((x2 - x1) * (y1 + y2) / 2 for (x1, y1), (x2, y2) in pairwise(curve))


def later(t: datetime, seconds: float) -> datetime:
    """Return the moment so much later, in whole milliseconds."""
    later = t + timedelta(seconds=seconds)
    return later.replace(microsecond=later.microsecond // 1000 * 1000)


_MS = timedelta(milliseconds=1)
