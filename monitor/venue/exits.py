"""How many persons a zone may hold by its area and by its exits: the lesser of the two."""

from collections.abc import Iterable, Mapping
from math import floor

from monitor.core.venue.model import Point, Risk, Venue, Zone
from monitor.toml import Reading

MINUTES: Mapping[Risk, int] = {"high": 6, "normal": 8, "low": 10}
"""In which a zone has to be empty (Green Guide)."""
LARGE_M2 = 930
M2_EACH, M2_EACH_IN_LARGE = 0.46, 0.65
"""Square metres for a person (NFPA 101): 5 square feet, 7 in assembly areas above 930 square metres."""
FEWEST = 2
"""Of fewer exits with a width nothing can be said: which one fails?"""


def check_exits(reading: Reading[Venue]) -> None:
    """Add a mistake for each zone that is said to hold more persons than its area or its exits allow."""
    points = [part for part in reading.parts.values() if isinstance(part, Point)]
    for keys, zone in reading.parts.items():
        if isinstance(zone, Zone) and (what := _too_many(zone, points)):
            reading.wrong((*keys, "capacity"), f"{zone.capacity} persons are too many: {what}")


def by_area(zone: Zone) -> int:
    """Return how many persons the area is enough for."""
    each = M2_EACH_IN_LARGE if zone.area_m2 > LARGE_M2 else M2_EACH
    return floor(zone.area_m2 / each)


def by_exits(zone: Zone, points: Iterable[Point]) -> int | None:
    """Return how many persons can leave in time when the widest exit is lost; ``None`` where it isn't known."""
    leaving = sorted(
        point.leaving
        for point in points
        if zone.id in (point.zone, point.outer_zone) and point.leaving is not None
    )
    return floor(sum(leaving[:-1]) * MINUTES[zone.risk]) if len(leaving) >= FEWEST else None


def _too_many(zone: Zone, points: Iterable[Point]) -> str:
    area, exits = by_area(zone), by_exits(zone, points)
    if zone.capacity > area:
        return f"{zone.area_m2:g} square metres are enough for {area} (NFPA 101)"
    if exits is not None and zone.capacity > exits:
        minutes = MINUTES[zone.risk]
        return (
            f"without the widest one its exits let {exits} leave in {minutes} minutes (Green Guide)"
        )
    return ""
