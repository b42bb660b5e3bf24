"""Publishes a simulated day to a broker, and returns what was sent and what the monitor must have raised."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

from monitor.config import AdapterTable
from monitor.core.venue.model import Venue
from monitor.mqtt import BrokerAddress
from monitor.runtime.clock import Clock
from monitor.simulate.day import day, skipped, truth
from monitor.simulate.publish import Published, play
from monitor.simulate.truth import Expected, write


class Summary(NamedTuple):
    """The result of a simulated day."""

    start: datetime
    end: datetime
    """The truth covers the day up to here; afterwards all devices are silent, which raises alerts."""
    published: Published
    expected: tuple[Expected, ...]
    skipped: tuple[str, ...]
    """Incidents for which the venue or the length of the day has no place."""


async def simulate(  # noqa: PLR0913 - what a day is made of
    venue: Venue,
    address: BrokerAddress,
    *,
    seed: int,
    clock: Clock,
    length: timedelta,
    rate: float = 1.0,
    start: datetime | None = None,
    adapters: Sequence[AdapterTable] = (),
    truth_path: Path | None = None,
) -> Summary:
    """Play a day that begins now, or at ``start``; the venue truth is written before anything is sent.

    Raises:
        ValueError: the day is shorter than 25 minutes, or ``start`` is not in UTC.
        OSError: the venue truth can't be written.

    """
    begin = clock.now().replace(microsecond=0) if start is None else start
    expected = truth(venue, seed, begin, length, adapters=adapters)
    if truth_path is not None:
        write(truth_path, expected)
    rng = Random(seed)  # noqa: S311 - spreads reconnections
    plan = day(venue, seed, begin, length, rate, adapters=adapters)
    published = await play(plan, address, clock, client_id=f"simulation-{seed}", rng=rng)
    without_place = skipped(venue, seed, begin, length, adapters=adapters)
    return Summary(begin, begin + length, published, expected, without_place)
