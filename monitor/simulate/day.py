"""A congress day: the same seed gives the same messages, byte by byte, and the same ground truth."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from heapq import merge
from random import Random

from monitor.config import Adapter
from monitor.core.venue.model import Venue
from monitor.simulate.hours import Hours
from monitor.simulate.instruments import beats, readings
from monitor.simulate.message import Draft, Planned, planned
from monitor.simulate.morning import morning
from monitor.simulate.people import people
from monitor.simulate.rounds import rounds
from monitor.simulate.schedule import Script, write
from monitor.simulate.truth import Expected
from monitor.simulate.venue import Ground


def day(  # noqa: PLR0913 - what a day is made of
    venue: Venue,
    seed: int,
    start: datetime,
    length: timedelta,
    rate: float = 1.0,
    *,
    adapters: Sequence[Adapter] = (),
) -> Iterator[Planned]:
    """Return the messages of a day, in order of sending.

    Args:
        venue: where it takes place.
        seed: another number, another day.
        start: when it begins, in UTC.
        length: how long it lasts, at least 25 minutes.
        rate: passages of people a second, on average; each gives two to four messages.
        adapters: the vendors' languages that the monitor reads; each that the simulation speaks is used.

    Raises:
        ValueError: ``start`` is not in UTC, or ``length`` too short.

    """
    ground, hours = Ground(venue), Hours(start, length)
    script = _script(venue, seed, hours, adapters)
    diary = script.diary
    streams = [
        iter(script.drafts),
        _sorted(morning(ground, diary, hours)),
        _sorted(rounds(ground, diary, hours, _chance(seed, "rounds"))),
        readings(ground, hours, _chance(seed, "readings")),
        people(ground, diary, hours, _chance(seed, "people"), rate),
        *(beats(device, diary, hours, _chance(seed, device.id)) for device in venue.devices),
    ]
    return planned(merge(*streams, key=_when), ground.site_of, seed)


def truth(
    venue: Venue,
    seed: int,
    start: datetime,
    length: timedelta,
    *,
    adapters: Sequence[Adapter] = (),
) -> tuple[Expected, ...]:
    """Return every alert that the shipped rules must raise on this day, in order of time; no other may be.

    Raises:
        ValueError: ``start`` is not in UTC, or ``length`` too short.

    """
    return _script(venue, seed, Hours(start, length), adapters).expected


def left_out(
    venue: Venue,
    seed: int,
    start: datetime,
    length: timedelta,
    *,
    adapters: Sequence[Adapter] = (),
) -> tuple[str, ...]:
    """Return the incidents for which the venue, or a day of this length, has no place.

    Raises:
        ValueError: ``start`` is not in UTC, or ``length`` too short.

    """
    return _script(venue, seed, Hours(start, length), adapters).left_out


def _script(venue: Venue, seed: int, hours: Hours, adapters: Sequence[Adapter]) -> Script:
    return write(Ground(venue), hours, _chance(seed, "incidents"), adapters)


def _when(draft: Draft) -> datetime:
    return draft.at


def _sorted(drafts: Iterator[Draft]) -> Iterator[Draft]:
    return iter(sorted(drafts, key=_when))


def _chance(seed: int, what: str) -> Random:
    """Return a source of chance of its own for each part, so that one part changes no other."""
    return Random(f"{seed} {what}")  # noqa: S311 - a day is to be the same again
