"""The schedule of a day: each incident of the catalogue gets its time, its place and its reservations."""

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from monitor.config import AdapterTable
from monitor.simulate.catalogue import CATALOGUE
from monitor.simulate.hours import MIDDAY, Hours
from monitor.simulate.incident import Incident
from monitor.simulate.message import Draft
from monitor.simulate.reservations import NothingFree, Reservations
from monitor.simulate.truth import Expected
from monitor.simulate.venue import SimulatedVenue


class Schedule(NamedTuple):
    """The planted incidents of a day."""

    drafts: list[Draft]
    """In order of sending."""
    expected: tuple[Expected, ...]
    """In order of time."""
    reservations: Reservations
    skipped: tuple[str, ...]
    """Incidents for which the venue or the day has no place."""


def schedule(
    venue: SimulatedVenue, hours: Hours, rng: Random, adapters: Sequence[AdapterTable]
) -> Schedule:
    """Plant every incident; skip those for which the venue has no place, together with their truth."""
    reservations, planted, without_place = Reservations(), [], []
    begin, end = MIDDAY
    count = sum(entry.at is None for entry in CATALOGUE)
    slots = [begin + (end - begin) * (n + 0.5) / count for n in range(count)]
    rng.shuffle(slots)
    for entry in CATALOGUE:
        at = hours.at(slots.pop() if entry.at is None else entry.at)
        incident = Incident(entry.name, at, venue, hours, reservations, rng, tuple(adapters))
        try:
            entry.plant(incident)
        except NothingFree:
            without_place.append(entry.name)
        else:
            planted.append(incident)
    return Schedule(
        sorted((row for incident in planted for row in incident.drafts), key=lambda row: row.at),
        tuple(
            sorted(
                (row for incident in planted for row in incident.expected),
                key=lambda row: (row.at, row.rule, row.key),
            )
        ),
        reservations,
        tuple(without_place),
    )
