"""The most persons that a zone may hold: the lesser of what its area and its exits allow."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from math import floor

from monitor.core.venue.model import Point, Risk, Venue, Zone
from monitor.toml import ParseResult

MINUTES: Mapping[Risk, int] = {"high": 6, "normal": 8, "low": 10}
"""Minutes within which a zone must be empty, by its fire risk (Green Guide)."""
LARGE_M2 = 930
M2_EACH, M2_EACH_IN_LARGE = 0.46, 0.65
"""Square metres per person (NFPA 101): 5 square feet, 7 in assembly areas above 930 square metres."""
FEWEST = 2
"""The fewest exits with a known width for which the flow can be worked out when one of them is lost."""


def check_exits(parsed: ParseResult[Venue]) -> None:
    """Add a mistake for each zone whose capacity is more than its area or its exits allow."""
    points: defaultdict[str, list[Point]] = defaultdict(list)
    for part in parsed.parts.values():
        if isinstance(part, Point):
            for name in {part.zone, part.outer_zone}:
                points[name].append(part)
    for keys, zone in parsed.parts.items():
        if isinstance(zone, Zone) and (what := _too_many(zone, points[zone.id])):
            parsed.wrong((*keys, "capacity"), f"{zone.capacity} persons are too many: {what}")


def by_area(zone: Zone) -> int:
    """Return how many persons the area allows."""
    each = M2_EACH_IN_LARGE if zone.area_m2 > LARGE_M2 else M2_EACH
    return floor(zone.area_m2 / each)


def by_exits(zone: Zone, points: Iterable[Point]) -> int | None:
    """Return how many persons can leave in time if the widest exit is lost; ``None`` if that is unknown."""
    leaving = sorted(
        point.leaving
        for point in points
        if zone.id in (point.zone, point.outer_zone) and point.leaving is not None
    )
    return floor(sum(leaving[:-1]) * MINUTES[zone.risk]) if len(leaving) >= FEWEST else None


def _too_many(zone: Zone, points: Iterable[Point]) -> str:
    area, exits = by_area(zone), by_exits(zone, points)
    if zone.capacity > area:
        return f"{zone.area_m2:g} square metres hold {area} (NFPA 101); write at most {area}"
    if exits is not None and zone.capacity > exits:
        minutes = MINUTES[zone.risk]
        return (
            f"without the widest exit, the others let {exits} out in {minutes} minutes (Green Guide); "
            f"write at most {exits}"
        )
    return ""
