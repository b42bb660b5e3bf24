"""What the site plan draws: the shapes of zones, which must enclose an area, and the positions of access points."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from monitor.core.venue.model import Point, Position, Venue, Zone
from monitor.toml import ParseResult, quoted

MOST_CORNERS = 100
FARTHEST = 10_000
"""Metres from the corner of the plan."""
_EXAMPLE = "[[0, 0], [20, 0], [20, 10], [0, 10]]"


def check_plan(parsed: ParseResult[Venue]) -> None:
    """Add a mistake for each shape that can't be drawn, and for each position that no shape gives a meaning."""
    drawn = {
        part.id for part in parsed.parts.values() if isinstance(part, Zone) and part.shape != ()
    }
    for keys, part in parsed.parts.items():
        match part:
            case Zone(shape=shape) if shape and (what := _objection_to_shape(shape)):
                parsed.wrong((*keys, "shape"), what)
            case Point(at=at, zone=zone) if at is not None:
                if what := _objection_to_position(at):
                    parsed.wrong((*keys, "at"), what)
                elif not drawn & {zone, part.outer_zone}:
                    what = f"zone {quoted(zone)} has no shape; give it one, or leave this out"
                    parsed.wrong((*keys, "at"), what)
            case _:
                pass


def _objection_to_shape(shape: Sequence[Position]) -> str:
    for number, corner in enumerate(shape, 1):
        if what := _objection_to_position(corner):
            return f"corner {number} {what}"
    if not 3 <= len(shape) <= MOST_CORNERS:  # noqa: PLR2004 - a triangle
        return f"has {len(shape)} corners; write 3 to {MOST_CORNERS}, e.g. {_EXAMPLE}"
    if any(_cross(*one, *other) for one, other in combinations(_sides(shape), 2)):
        return "crosses itself; list its corners in order around the zone"
    return "" if _area(shape) else "encloses no area; list corners that are not all on one line"


def _objection_to_position(position: Sequence[float]) -> str:
    if len(position) != 2:  # noqa: PLR2004 - x and y
        return "is not two numbers; write x and y in metres, e.g. [20, 10]"
    if any(not 0 <= number <= FARTHEST for number in position):
        return f"is off the plan; write metres from its upper left corner, 0 to {FARTHEST}"
    return ""


def _sides(shape: Sequence[Position]) -> Iterator[tuple[Position, Position]]:
    return zip(shape, (*shape[1:], shape[0]), strict=True)


def _area(shape: Sequence[Position]) -> float:
    """Return twice the area (shoelace formula), with a sign for the direction of the corners."""
    return sum(one[0] * other[1] - other[0] * one[1] for one, other in _sides(shape))


def _cross(one: Position, two: Position, three: Position, four: Position) -> bool:
    """Return whether two sides cross at a point that is no corner."""
    return (
        _area((one, two, three)) * _area((one, two, four)) < 0
        and _area((three, four, one)) * _area((three, four, two)) < 0
    )
