"""``/wall``: zones and the alerts that nobody has, on a large screen that nobody operates."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from math import radians, tan

from litestar import get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from monitor.core.alert import Alert
from monitor.core.readiness.verdict import GRAVEST_FIRST
from monitor.core.rules.model import SEVERITIES
from monitor.core.venue.model import Zone
from monitor.web.board_alert import Group, clock_time, group_of, next_page_at
from monitor.web.context import Console
from monitor.web.guard import require
from monitor.web.open_alerts import AlertRow, alert_row, seen_alerts
from monitor.web.readiness_board import has_checklist, status_of
from monitor.web.source import Source
from monitor.web.template import HtmlResponse, render
from monitor.web.viewer import ConsoleRequest, Viewer
from monitor.web.zone_status import ZoneRow, zone_row

WALL = "wall"
"""The name of the part that a wall follows."""
COLUMNS, MOST_TILES = 5, 15
LINES, LINES_OF_TILE = 19, 4
"""Lines of the largest text on the whole screen, and of one tile at least."""
ENOUGH_ALERTS = 4
"""Alerts below the tiles; if there is room for them, the title in a tile may have a second line."""
MOST_ALERTS = 8
UNITS: Sequence[int] = (46, 50, 54, 58, 63, 67, 73, 79)
"""Sizes of the text on a screen of 3,840 pixels, for each of which there is a class; with the largest, 19 lines fit."""
ANGLE = radians(20 / 60)
"""How high a capital letter appears to the eye (ISO 9241-303: 20 to 22 minutes of arc)."""
CAPITAL = 0.7
"""Its height as a part of the size of the text."""
INCH = 25.4
WIDTH_OF_DIAGONAL = 16 / (16**2 + 9**2) ** 0.5


class AlertLine(Struct, frozen=True, kw_only=True):
    """An alert that nobody has."""

    row: AlertRow
    where: str
    next_at: str
    """When somebody is paged next; empty: nobody is."""


class Tile(Struct, frozen=True, kw_only=True):
    """One zone: how many are inside, its readiness, and its gravest alert."""

    zone: ZoneRow
    is_taken: bool
    """Somebody has its gravest alert."""
    has_checklist: bool

    def lines(self, *, is_tall: bool) -> int:
        """Return how many lines of text it needs; ``is_tall``: the title of an alert may have two."""
        has_alert = self.zone.gravest is not None
        return LINES_OF_TILE + (has_alert and is_tall) + (has_alert and not self.has_checklist)


def unit(inch: float, distance: float) -> int:
    """Return the size of the text, in pixels of 3,840, for a screen's diagonal and a distance in metres."""
    pixel = inch * INCH * WIDTH_OF_DIAGONAL / 3840
    wanted = distance * 1000 * tan(ANGLE) / CAPITAL / pixel
    return next((size for size in UNITS if size >= wanted), UNITS[-1])


def wall_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the routes. Whoever looks at a wall sees what everybody may see who passes."""

    @get("/wall", opt={"right": "view", "is_wall": True}, sync_to_thread=False)
    def show_all(request: ConsoleRequest) -> HtmlResponse:
        """Show every site that the viewer may see."""
        return _page(console, request, "")

    @get("/wall/{site:str}", opt={"right": "view", "is_wall": True}, sync_to_thread=False)
    def show_one(request: ConsoleRequest, site: FromPath[str]) -> HtmlResponse:
        """Show one site."""
        if all(row.id != site for row in console.source.rule_set.venue.sites):
            raise NotFoundException
        require(request.user, "view", site)
        return _page(console, request, site)

    return [show_all, show_one]


def wall_part(source: Source, viewer: Viewer, about: str) -> str:
    """Return what a wall shows of a site, or with an empty name of all, in a size of text: ``hall:58``."""
    site, _, size = about.partition(":")
    lines = LINES * UNITS[-1] // next((row for row in UNITS if str(row) == size), UNITS[-1])
    alerts = seen_alerts(source, viewer, lambda alert: site in {"", alert.site} or not alert.site)
    groups = Counter(group_of(alert) for alert in alerts)
    nobodys = [alert for alert in alerts if group_of(alert) is Group.NOBODY]
    by_zone: dict[str, list[Alert]] = defaultdict(list)
    for alert in alerts:
        if group_of(alert) in {Group.NOBODY, Group.TAKEN}:
            by_zone[alert.zone].append(alert)
    zones = _zones(source, viewer, site, by_zone)
    tiles = [_tile(source, viewer, zone, by_zone[zone.id]) for zone in zones[:MOST_TILES]]
    rows = [tiles[at : at + COLUMNS] for at in range(0, len(tiles), COLUMNS)]

    def room_below(*, is_tall: bool) -> int:
        taken_up = sum(max(tile.lines(is_tall=is_tall) for tile in row) for row in rows)
        # Beside the tiles: the head, what is over the alerts, and the foot.
        return max(1, lines - taken_up - 3)

    is_tall = room_below(is_tall=True) >= ENOUGH_ALERTS
    room = room_below(is_tall=is_tall)
    shown = nobodys[: min(MOST_ALERTS, room)]
    return render(
        "wall_part.html",
        viewer.language,
        tiles=tiles,
        is_tall=is_tall,
        further=len(zones) - len(tiles),
        lines=[_line(source, viewer, alert) for alert in shown],
        has_two_lines=2 * len(shown) <= room,
        more=len(nobodys) - len(shown),
        nobodys=groups[Group.NOBODY],
        taken=groups[Group.TAKEN],
    )


def _zones(
    source: Source, viewer: Viewer, site: str, alerts: Mapping[str, Sequence[Alert]]
) -> list[Zone]:
    """Return the zones in their order; if there are more than fit, those to worry about come first."""
    zones = [
        zone
        for zone in source.rule_set.venue.zones
        if site in {"", zone.site} and viewer.may("view", zone.site)
    ]
    if len(zones) <= MOST_TILES:
        return zones

    def gravity(zone: Zone) -> tuple[int, int]:
        state = status_of(source, zone.site, zone.id).state
        own = alerts.get(zone.id)
        severity = SEVERITIES.index(own[0].severity) if own else len(SEVERITIES)
        return severity, GRAVEST_FIRST.index(state)

    return sorted(zones, key=gravity)


def _tile(source: Source, viewer: Viewer, zone: Zone, alerts: Sequence[Alert]) -> Tile:
    is_taken = bool(alerts) and group_of(alerts[0]) is Group.TAKEN
    return Tile(
        zone=zone_row(source, viewer, zone, alerts),
        is_taken=is_taken,
        has_checklist=has_checklist(source, zone.id),
    )


def _line(source: Source, viewer: Viewer, alert: Alert) -> AlertLine:
    language = viewer.language
    return AlertLine(
        row=alert_row(source, viewer, alert),
        where=language.inset(source.writer.place(alert)),
        next_at=clock_time(next_page_at(alert, source), source, language),
    )


def _page(console: Console, request: ConsoleRequest, site: str) -> HtmlResponse:
    query: Mapping[str, str] = request.query_params
    names = console.source.writer.names
    size = unit(_number(query.get("inch", ""), 75), _number(query.get("m", ""), 3))
    about = f"{site}:{size}"
    return console.page(
        request,
        "wall.html",
        part=wall_part(console.source, request.user, about),
        follows=f"{WALL}/{about}",
        site=names.of("site", site) if site else "",
        unit=size,
        is_light=query.get("theme") == "light",
    )


def _number(text: str, otherwise: float) -> float:
    """Return a number from an address; what is none, or no size of anything, counts as missing."""
    try:
        found = float(text)
    except ValueError:
        return otherwise
    return found if 0 < found < 1000 else otherwise  # noqa: PLR2004 - inches, metres
