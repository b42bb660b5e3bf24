"""Says how long to wait before trying again: longer after each failure, and not the same for all."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random


def waits(
    rng: Random,
    first: timedelta = timedelta(seconds=0.25),
    longest: timedelta = timedelta(seconds=10),
) -> Iterator[timedelta]:
    """Doubles from ``first`` to ``longest``; each wait is drawn from the upper half of its span.

    The jitter keeps those that were cut off together from coming back together.
    """
    span = first
    while True:
        yield span * rng.uniform(0.5, 1)
        span = min(span * 2, longest)
