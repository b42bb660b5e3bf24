"""``/devices/{id}``: whether a device is alive, what depends on it, and its open alerts."""

from collections.abc import Mapping, Sequence
from typing import Literal, assert_never

from litestar import get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from monitor.core.alert import Alert
from monitor.core.venue.model import Device, Venue
from monitor.texts import Language
from monitor.web.alert import when
from monitor.web.context import Console
from monitor.web.guard import require_any
from monitor.web.open_alerts import AlertRow, alert_rows
from monitor.web.source import Source
from monitor.web.template import HtmlResponse, render
from monitor.web.viewer import ConsoleRequest, Viewer

Life = Literal["heard", "lost", "unknown"]
MARKS: Mapping[Life, str] = {"heard": "●", "lost": "✕", "unknown": "?"}


class DeviceRow(Struct, frozen=True, kw_only=True):
    """A device as a viewer sees it."""

    id: str
    name: str
    life: Life
    mark: str
    words: str
    last: str
    """When it last sent something; empty: never."""


def device_row(source: Source, device: Device, language: Language) -> DeviceRow:
    """Return a device as a row."""
    state = source.state.devices.liveness.get(device.id)
    status = "expected" if state is None else state.status
    heard: Life
    match status:
        case "expected":
            heard, words = "unknown", language.gettext("not heard yet")
        case "heard":
            heard, words = "heard", language.gettext("alive")
        case "missed":
            heard, words = "unknown", language.gettext("late")
        case "silent":
            heard, words = "lost", language.gettext("silent")
        case "offline":
            heard, words = "lost", language.gettext("offline")
        case unreachable:
            assert_never(unreachable)
    at = None if state is None or status == "expected" else state.at
    return DeviceRow(
        id=device.id,
        name=device.name or device.id,
        life=heard,
        mark=MARKS[heard],
        words=words,
        last=when(source, at, language),
    )


def sites_of(venue: Venue, device: str) -> Sequence[str]:
    """Return the sites of a device: of its access point, of the zones it counts, and of what sends through it."""
    site_of = {zone.id: zone.site for zone in venue.zones}
    wanted = {device}
    while behind := {row.id for row in venue.devices if row.gateway in wanted} - wanted:
        wanted |= behind
    found = [site_of[row.zone] for row in venue.points if wanted & {*row.devices}]
    found += [zone.site for zone in venue.zones if wanted & {*zone.counted_by}]
    return sorted(set(found))


def is_about(alert: Alert, device: str) -> bool:
    """Return whether an alert is about a device: its key names it."""
    return device in alert.key.split(" / ")


def device_route(console: Console) -> HTTPRouteHandler:
    """Return the route."""

    @get("/devices/{device:str}", opt={"right": "view"}, sync_to_thread=False)
    def show(request: ConsoleRequest, device: FromPath[str]) -> HtmlResponse:
        """Show a device."""
        venue = console.source.rule_set.venue
        found = next((row for row in venue.devices if row.id == device), None)
        if found is None:
            raise NotFoundException
        require_any(request.user, "view", sites_of(venue, device))
        name = found.name or found.id
        part = device_part(console.source, request.user, device)
        return console.page(request, "device.html", device=found, name=name, part=part)

    return show


def device_part(source: Source, viewer: Viewer, own: str) -> str:
    """Return what the page of a device shows, as HTML."""
    venue, language = source.rule_set.venue, viewer.language
    device = next((row for row in venue.devices if row.id == own), None)
    if device is None or not _may_see(viewer, venue, device):
        return ""
    gateways = {row.id: row for row in venue.devices}
    return render(
        "device_part.html",
        language,
        device=device_row(source, device, language),
        limit=language.duration(int(device.silence_limit.total_seconds())),
        gateway=device_row(source, gateways[device.gateway], language) if device.gateway else None,
        behind=[
            device_row(source, row, language)
            for row in venue.devices
            if row.gateway == device.id and _may_see(viewer, venue, row)
        ],
        points=[
            row
            for row in venue.points
            if device.id in row.devices and viewer.may("view", _site(venue, row.zone))
        ],
        zones=[
            row
            for row in venue.zones
            if device.id in row.counted_by and viewer.may("view", row.site)
        ],
        alerts=_alerts(source, viewer, device),
    )


def _alerts(source: Source, viewer: Viewer, device: Device) -> Sequence[AlertRow]:
    return alert_rows(source, viewer, lambda row: is_about(row, device.id))


def _may_see(viewer: Viewer, venue: Venue, device: Device) -> bool:
    sites = sites_of(venue, device.id)
    return not sites or any(viewer.may("view", site) for site in sites)


def _site(venue: Venue, zone: str) -> str:
    return next(row.site for row in venue.zones if row.id == zone)
