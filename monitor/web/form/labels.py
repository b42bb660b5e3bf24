"""Labels to print: of zones, and of the doors between them, each with a code that a phone reads."""

from collections.abc import Iterator, Mapping
from urllib.parse import quote

import segno
from jinja2 import Environment, PackageLoader
from markupsafe import Markup
from msgspec import Struct

from monitor.core.venue.model import Venue
from monitor.texts import Language

QUIET_ZONE = 4
"""Modules of white around a code (ISO/IEC 18004)."""


class Sheet(Struct, frozen=True, kw_only=True):
    """How labels lie on a sheet of A4; lengths in millimetres."""

    columns: int
    rows: int
    width: float
    height: float
    top: float
    side: float
    gap: float
    """Between two columns."""

    @property
    def code(self) -> float:
        """The width of a code: what the label leaves for it, and never less than a phone reads at arm's length."""
        return min(self.height - 6, self.width * 0.45)


SHEETS: Mapping[str, Sheet] = {
    "3x7": Sheet(columns=3, rows=7, width=63.5, height=38.1, top=15.1, side=7.2, gap=2.5),
    "2x4": Sheet(columns=2, rows=4, width=99.1, height=67.7, top=13.1, side=4.6, gap=2.6),
    "2x2": Sheet(columns=2, rows=2, width=99.1, height=139, top=9.5, side=4.6, gap=2.6),
}
"""Sheets of labels that are sold everywhere: the sizes of Avery L7160, L7165 and L7169, by their product pages."""


class Label(Struct, frozen=True, kw_only=True):
    """One label."""

    place: str
    """What it is of, as people call it."""
    within: str
    """What that is part of."""
    code: str
    """What is typed where there is no camera."""
    picture: str
    """The code as SVG."""


def labels(venue: Venue, address: str, site: str = "") -> Iterator[Label]:
    """Yield the labels of a venue: each zone, followed by the doors that lead into it.

    Args:
        venue: the venue.
        address: under which browsers reach the monitor, without a slash at its end.
        site: only there; empty: everywhere.

    """
    sites = {row.id: row.name for row in venue.sites}
    for zone in venue.zones:
        if site and zone.site != site:
            continue
        yield _label(zone.name, sites.get(zone.site, zone.site), zone.id, address)
        for point in venue.points:
            if point.zone == zone.id:
                yield _label(point.name, zone.name, f"{zone.id}/{point.id}", address)


def sheets(rows: list[Label], sheet: Sheet, language: Language, title: str) -> str:
    """Return labels as a page to print."""
    each = sheet.columns * sheet.rows
    pages = [rows[start : start + each] for start in range(0, len(rows), each)]
    made = Environment(
        loader=PackageLoader("monitor.web"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["safe_svg"] = Markup
    template = made.get_template("labels.html")
    return template.render(pages=pages, sheet=sheet, language=language, title=title)


def _label(place: str, within: str, code: str, address: str) -> Label:
    made = segno.make(f"{address}/q/{quote(code)}", error="m", micro=False)
    picture = made.svg_inline(border=QUIET_ZONE, omitsize=True, dark="#000", light="#fff")
    return Label(place=place, within=within, code=code, picture=picture)
