"""Simulates a day at a broker, and says what was sent and what the monitor must have raised."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

from monitor.config import Adapter
from monitor.core.venue.model import Venue
from monitor.mqtt import BrokerAddress
from monitor.runtime.clock import Clock
from monitor.simulate.day import day, left_out, truth
from monitor.simulate.publish import Published, play
from monitor.simulate.truth import Expected, write


class Summary(NamedTuple):
    """What came of a simulated day."""

    start: datetime
    end: datetime
    """Up to here the truth holds: after it all devices are silent, and the monitor says so."""
    published: Published
    expected: tuple[Expected, ...]
    left_out: tuple[str, ...]
    """Incidents for which the venue or the length of the day has no place."""


async def simulate(  # noqa: PLR0913 - the facts of a day
    venue: Venue,
    address: BrokerAddress,
    *,
    seed: int,
    clock: Clock,
    length: timedelta,
    rate: float = 1.0,
    start: datetime | None = None,
    adapters: Sequence[Adapter] = (),
    truth_path: Path | None = None,
) -> Summary:
    """Play a day that begins now, or at ``start``; the ground truth is written before anything is sent.

    Raises:
        ValueError: the day is shorter than 25 minutes, or ``start`` not in UTC.
        OSError: the ground truth can't be written.

    """
    begin = clock.now().replace(microsecond=0) if start is None else start
    expected = truth(venue, seed, begin, length, adapters=adapters)
    if truth_path is not None:
        write(truth_path, expected)
    rng = Random(seed)  # noqa: S311 - only spreads reconnections
    plan = day(venue, seed, begin, length, rate, adapters=adapters)
    published = await play(plan, address, clock, client_id=f"simulation-{seed}", rng=rng)
    missing = left_out(venue, seed, begin, length, adapters=adapters)
    return Summary(begin, begin + length, published, expected, missing)
