"""Where the plan of a site draws zones and access points: by their shapes, and in a grid where there are none."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import ceil, sqrt

from msgspec import Struct

from monitor.core.venue.model import Point, Position, Venue, Zone

WIDTH = 1000
"""Units of the drawing, so that texts have the same size on each plan."""
CELL_WIDTH, CELL_HEIGHT, GAP = 20.0, 13.0, 1.0
"""Metres of a zone without a shape."""
MARGIN = 24
"""Units around it, in which the marks of outer doors have room."""
LINES = 9
"""Heights at which the widest place for a zone's text is looked for."""


class ZoneShape(Struct, frozen=True, kw_only=True):
    """A zone as it is drawn, in units."""

    corners: str
    """As SVG has them."""
    x: float
    """The middle of its text."""
    y: float
    width: float
    """Room for the text."""
    height: float


class PlanShapes(Struct, frozen=True, kw_only=True):
    """The plan of a site."""

    height: int
    zones: Mapping[str, ZoneShape]
    points: Mapping[str, Position]


def plan_shapes(venue: Venue, site: str) -> PlanShapes:
    """Return where the zones and points of a site are drawn."""
    zones = [zone for zone in venue.zones if zone.site == site]
    outlines = _outlines(zones)
    corners = [corner for outline in outlines.values() for corner in outline]
    width = max((x for x, _ in corners), default=CELL_WIDTH)
    height = max((y for _, y in corners), default=CELL_HEIGHT)
    # A site that is higher than it is wide gets no drawing that is higher than a screen.
    scale = (WIDTH - 2 * MARGIN) / max(width, 1.6 * height)

    def placed(position: Sequence[float]) -> Position:
        return round(MARGIN + scale * position[0], 1), round(MARGIN + scale * position[1], 1)

    drawn = {own: [placed(corner) for corner in outline] for own, outline in outlines.items()}
    points = [point for point in venue.points if point.zone in drawn]
    positions = {
        point.id: _on_border(drawn[point.zone], *_place(point, points))
        if point.at is None
        else placed(point.at)
        for point in points
    }
    return PlanShapes(
        height=ceil(scale * height) + 2 * MARGIN,
        zones={own: _zone_shape(outline) for own, outline in drawn.items()},
        points=positions,
    )


def _outlines(zones: Sequence[Zone]) -> dict[str, Sequence[Position]]:
    """Return the corners of each zone in metres; those without a shape in a grid below the others."""
    found: dict[str, Sequence[Position]] = {zone.id: zone.shape for zone in zones if zone.shape}
    rest = [zone for zone in zones if not zone.shape]
    below = max((y + 2 * GAP for shape in found.values() for _, y in shape), default=0.0)
    columns = max(1, ceil(sqrt(len(rest))))
    for place, zone in enumerate(rest):
        row, column = divmod(place, columns)
        x, y = column * (CELL_WIDTH + GAP), below + row * (CELL_HEIGHT + GAP)
        found[zone.id] = (
            (x, y),
            (x + CELL_WIDTH, y),
            (x + CELL_WIDTH, y + CELL_HEIGHT),
            (x, y + CELL_HEIGHT),
        )
    return found


def _place(point: Point, points: Iterable[Point]) -> tuple[int, int]:
    """Return which of how many points of its zone this is that have no position of their own."""
    others = [row.id for row in points if row.zone == point.zone and row.at is None]
    return others.index(point.id), len(others)


def _on_border(outline: Sequence[Position], place: int, among: int) -> Position:
    """Return a position on the border of a zone, at which no other point is drawn."""
    sides = list(pairwise((*outline, outline[0])))
    lengths = [sqrt((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2) for a, b in sides]
    rest = sum(lengths) * (place + 0.5) / among
    for (one, other), length in zip(sides, lengths, strict=True):
        if length and rest <= length:
            share = rest / length
            return (
                round(one[0] + share * (other[0] - one[0]), 1),
                round(one[1] + share * (other[1] - one[1]), 1),
            )
        rest -= length
    return outline[0]


def _zone_shape(outline: Sequence[Position]) -> ZoneShape:
    top, bottom = min(y for _, y in outline), max(y for _, y in outline)
    height = bottom - top
    lines = [top + height * n / (LINES + 1) for n in range(1, LINES + 1)]
    # The widest place, and of places as wide the one nearest to the middle.
    left, right, y = max(
        (chord for line in lines for chord in _chords(outline, line)),
        key=lambda chord: (round(chord[1] - chord[0]), -abs(chord[2] - top - height / 2)),
    )
    return ZoneShape(
        corners=" ".join(f"{x:g},{y:g}" for x, y in outline),
        x=round((left + right) / 2, 1),
        y=round(y, 1),
        width=round(right - left, 1),
        height=round(height, 1),
    )


def _chords(outline: Sequence[Position], y: float) -> Iterable[tuple[float, float, float]]:
    """Return where a horizontal line is inside a shape: from, to, and its height."""
    crossings = sorted(
        one[0] + (y - one[1]) * (other[0] - one[0]) / (other[1] - one[1])
        for one, other in pairwise((*outline, outline[0]))
        if (one[1] <= y) != (other[1] <= y)
    )
    return [(left, right, y) for left, right in zip(crossings[::2], crossings[1::2], strict=True)]
