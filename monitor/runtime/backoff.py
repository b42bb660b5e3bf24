"""Exponential backoff with jitter."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random


def waits(
    rng: Random,
    first: timedelta = timedelta(seconds=0.25),
    longest: timedelta = timedelta(seconds=10),
) -> Iterator[timedelta]:
    """Yield waits that double from ``first`` to ``longest``, each drawn from the upper half of its span.

    The jitter keeps clients that were disconnected together from reconnecting together.
    """
    span = first
    while True:
        yield span * rng.uniform(0.5, 1)
        span = min(span * 2, longest)
