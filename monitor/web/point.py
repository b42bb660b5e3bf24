"""``/points/{id}``: how an access point stands, who passed lately by pseudonym, its alerts and its devices."""

from litestar import get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from monitor.web.alert import when
from monitor.web.context import Console
from monitor.web.device import device_row
from monitor.web.door import door_reports, door_state, is_exit
from monitor.web.guard import require
from monitor.web.open_alerts import alert_rows
from monitor.web.source import Source
from monitor.web.template import HtmlResponse, render
from monitor.web.viewer import ConsoleRequest, Viewer


def point_route(console: Console) -> HTTPRouteHandler:
    """Return the route."""
    passages = console.passages

    @get("/points/{point:str}", opt={"right": "view"})
    async def show(request: ConsoleRequest, point: FromPath[str]) -> HtmlResponse:
        """Show an access point."""
        venue = console.source.rule_set.venue
        found = next((row for row in venue.points if row.id == point), None)
        if found is None:
            raise NotFoundException
        require(request.user, "view", next(row.site for row in venue.zones if row.id == found.zone))
        await passages.find(point)
        return console.page(
            request,
            "point.html",
            point=found,
            part=point_part(console.source, request.user, point),
            passages=passages.part(request.user, point),
        )

    return show


def point_part(source: Source, viewer: Viewer, own: str) -> str:
    """Return what the page of an access point shows besides the passages, as HTML."""
    venue, language = source.rule_set.venue, viewer.language
    point = next((row for row in venue.points if row.id == own), None)
    if point is None:
        return ""
    reports = door_reports(source.state).get(point.id, {})
    zones = {row.id: row for row in venue.zones}
    if not viewer.may("view", zones[point.zone].site):
        return ""
    return render(
        "point_part.html",
        language,
        point=point,
        kind=language.word(point.kind),
        is_exit=is_exit(point),
        door=door_state(point, reports, language),
        since=when(source, max((row.at for row in reports.values()), default=None), language),
        site=zones[point.zone].site,
        zone=zones[point.zone],
        outer_zone=zones.get(point.outer_zone),
        held_open=language.duration(int(point.held_open_limit.total_seconds())),
        devices=[
            device_row(source, row, language) for row in venue.devices if row.id in point.devices
        ],
        alerts=alert_rows(source, viewer, lambda row: row.point == point.id),
    )
