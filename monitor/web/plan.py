"""``/plan/{site}``: the zones, access points and devices of a site as a drawing, and the same as tables."""

from collections.abc import Mapping, Sequence
from typing import get_args

from litestar import get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from monitor.core.alert import Alert
from monitor.core.venue.model import Position, Site, Venue
from monitor.texts.marked import msgid
from monitor.web.context import Console
from monitor.web.device import MARKS as DEVICE_MARKS
from monitor.web.device import DeviceRow, device_row, sites_of
from monitor.web.door import MARKS as DOOR_MARKS
from monitor.web.door import NAMES as DOOR_NAMES
from monitor.web.door import DoorState, door_reports, door_state, is_exit
from monitor.web.guard import require
from monitor.web.muster import missing
from monitor.web.open_alerts import AlertRow, alert_row, seen_alerts
from monitor.web.plan_shapes import WIDTH, plan_shapes
from monitor.web.plan_zone import LINE, Layer, devices_in, plan_zone
from monitor.web.source import Source
from monitor.web.template import HtmlResponse, render
from monitor.web.viewer import ConsoleRequest, Viewer
from monitor.web.zone_status import zone_row

LAYERS: Mapping[Layer, str] = {
    "alerts": msgid("Alerts"),
    "occupancy": msgid("Occupancy"),
    "readiness": msgid("Readiness"),
    "devices": msgid("Devices"),
}


class PlanPoint(Struct, frozen=True, kw_only=True):
    """An access point on the plan."""

    id: str
    name: str
    position: Position
    kind: str
    is_exit: bool
    is_other_exit: bool
    """It is an exit, and its kind does not say so."""
    door: DoorState
    zone: str
    """The name of the zone inside."""
    devices: Sequence[DeviceRow]
    gravest: AlertRow | None


def plan_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the routes."""

    @get("/plan", opt={"right": "view"}, sync_to_thread=False)
    def first(request: ConsoleRequest) -> Redirect:
        """Go to the plan of the first site that the viewer may see."""
        sites = _sites(request.user, console.source.rule_set.venue)
        if not sites:
            raise NotFoundException
        return Redirect(f"/plan/{sites[0].id}", status_code=303)

    @get("/plan/{site:str}", opt={"right": "view"}, sync_to_thread=False)
    def show(request: ConsoleRequest, site: FromPath[str]) -> HtmlResponse:
        """Show the plan of a site; the layer is in the address."""
        venue = console.source.rule_set.venue
        found = next((row for row in venue.sites if row.id == site), None)
        if found is None:
            raise NotFoundException
        require(request.user, "view", site)
        layer = _layer(request.query_params.get("layer", ""))
        return console.page(
            request,
            "plan.html",
            site=found,
            sites=_sites(request.user, venue),
            layer=layer,
            layers=[(key, request.user.language.gettext(name)) for key, name in LAYERS.items()],
            part=plan_part(console.source, request.user, f"{site}/{layer}"),
        )

    return [first, show]


def plan_part(source: Source, viewer: Viewer, about: str) -> str:
    """Return the plan of a site as HTML, for a site and a layer such as ``hall/alerts``."""
    site, _, asked = about.partition("/")
    venue, language, layer = source.rule_set.venue, viewer.language, _layer(asked)
    if not viewer.may("view", site) or all(row.id != site for row in venue.sites):
        return ""
    alerts = seen_alerts(source, viewer, lambda row: row.site == site)
    devices = {row.id: device_row(source, row, language) for row in venue.devices}
    shapes = plan_shapes(venue, site)
    return render(
        "plan_part.html",
        language,
        width=WIDTH,
        line=LINE,
        layer=layer,
        site=site,
        missing=missing(source, viewer, site),
        may_look_up=viewer.may("lookup", site),
        height=shapes.height,
        zones=[
            plan_zone(
                layer,
                shapes.zones[zone.id],
                zone_row(source, viewer, zone, [row for row in alerts if row.zone == zone.id]),
                [devices[own] for own in devices_in(venue, zone)],
                language,
            )
            for zone in venue.zones
            if zone.id in shapes.zones
        ],
        points=_points(source, viewer, shapes.points, alerts, devices),
        devices=[row for own, row in devices.items() if site in sites_of(venue, own)],
        door_key=[(DOOR_MARKS[kind], language.gettext(name)) for kind, name in DOOR_NAMES.items()],
        device_marks=DEVICE_MARKS,
    )


def _sites(viewer: Viewer, venue: Venue) -> list[Site]:
    return [row for row in venue.sites if viewer.may("view", row.id)]


def _layer(asked: str) -> Layer:
    return next((layer for layer in get_args(Layer) if layer == asked), "alerts")


def _points(
    source: Source,
    viewer: Viewer,
    positions: Mapping[str, Position],
    alerts: Sequence[Alert],
    devices: Mapping[str, DeviceRow],
) -> list[PlanPoint]:
    language, names = viewer.language, source.writer.names
    reports = door_reports(source.state)
    gravest: dict[str, Alert] = {}
    for alert in alerts:
        gravest.setdefault(alert.point, alert)
    return [
        PlanPoint(
            id=point.id,
            name=point.name,
            position=positions[point.id],
            kind=language.word(point.kind),
            is_exit=is_exit(point),
            is_other_exit=is_exit(point) and point.kind != "emergency_exit",
            door=door_state(point, reports.get(point.id, {}), language),
            zone=names.of("zone", point.zone),
            devices=[devices[own] for own in point.devices],
            gravest=alert_row(source, viewer, gravest[point.id]) if point.id in gravest else None,
        )
        for point in source.rule_set.venue.points
        if point.id in positions
    ]
