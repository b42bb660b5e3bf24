"""A congress day: the same seed gives the same messages, byte by byte, and the same ground truth."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from heapq import merge
from random import Random

from monitor.config import AdapterTable
from monitor.core.venue.model import Venue
from monitor.simulate.hours import Hours
from monitor.simulate.instruments import heartbeats, readings
from monitor.simulate.message import Draft, Planned, planned
from monitor.simulate.morning import morning
from monitor.simulate.people import people
from monitor.simulate.rounds import rounds
from monitor.simulate.schedule import Schedule, schedule
from monitor.simulate.truth import Expected
from monitor.simulate.venue import SimulatedVenue


def day(  # noqa: PLR0913 - what a day is made of
    venue: Venue,
    seed: int,
    start: datetime,
    length: timedelta,
    rate: float = 1.0,
    *,
    adapters: Sequence[AdapterTable] = (),
) -> Iterator[Planned]:
    """Return the messages of a day, in order of sending.

    Args:
        venue: where it takes place.
        seed: selects the day.
        start: when it begins, in UTC.
        length: how long it lasts, at least 25 minutes.
        rate: people passing a point per second, on average; each causes two to four messages.
        adapters: the vendor formats that the monitor reads; those that the simulation can write are used.

    Raises:
        ValueError: ``start`` is not in UTC, or ``length`` is too short.

    """
    simulated, hours = SimulatedVenue(venue), Hours(start, length)
    planted = schedule(simulated, hours, _random(seed, "incidents"), adapters)
    reservations = planted.reservations
    streams = [
        iter(planted.drafts),
        _sorted(morning(simulated, reservations, hours)),
        _sorted(rounds(simulated, reservations, hours, _random(seed, "rounds"))),
        readings(simulated, reservations, hours, _random(seed, "readings")),
        people(simulated, reservations, hours, _random(seed, "people"), rate),
        *(
            heartbeats(device, reservations, hours, _random(seed, device.id))
            for device in venue.devices
        ),
    ]
    return planned(merge(*streams, key=_at), simulated.site_of, seed)


def truth(
    venue: Venue,
    seed: int,
    start: datetime,
    length: timedelta,
    *,
    adapters: Sequence[AdapterTable] = (),
) -> tuple[Expected, ...]:
    """Return every alert that the shipped rules must raise on this day, in order of time; they must raise no other.

    Raises:
        ValueError: ``start`` is not in UTC, or ``length`` is too short.

    """
    return _planted(venue, seed, Hours(start, length), adapters).expected


def skipped(
    venue: Venue,
    seed: int,
    start: datetime,
    length: timedelta,
    *,
    adapters: Sequence[AdapterTable] = (),
) -> tuple[str, ...]:
    """Return the incidents for which the venue, or a day of this length, has no place.

    Raises:
        ValueError: ``start`` is not in UTC, or ``length`` is too short.

    """
    return _planted(venue, seed, Hours(start, length), adapters).skipped


def _planted(venue: Venue, seed: int, hours: Hours, adapters: Sequence[AdapterTable]) -> Schedule:
    return schedule(SimulatedVenue(venue), hours, _random(seed, "incidents"), adapters)


def _at(draft: Draft) -> datetime:
    return draft.at


def _sorted(drafts: Iterator[Draft]) -> Iterator[Draft]:
    return iter(sorted(drafts, key=_at))


def _random(seed: int, part: str) -> Random:
    """Return a random source for one part of the day, so that a change to one part changes no other."""
    return Random(f"{seed} {part}")  # noqa: S311 - a day has to be repeatable
