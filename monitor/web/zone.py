"""``/zones/{id}``: how full a zone is and how ready, its checklists, alerts, masks, doors, and what comes next."""

from collections.abc import Iterator
from datetime import datetime

from litestar import get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from monitor.core.transitions import Mask
from monitor.core.venue.model import Venue, Zone
from monitor.texts import Language
from monitor.web.alert import when
from monitor.web.checklist import checklist_rows
from monitor.web.context import Console
from monitor.web.device import device_row
from monitor.web.door import door_reports, door_state, is_exit
from monitor.web.findings import findings_of
from monitor.web.guard import require
from monitor.web.open_alerts import alert_row, seen_alerts
from monitor.web.source import Source
from monitor.web.template import HtmlResponse, render
from monitor.web.viewer import ConsoleRequest, Viewer
from monitor.web.zone_status import READINESS_MARKS, readiness_of, zone_row

MOST_NEXT = 6
"""Coming times that are shown."""


class ReasonRow(Struct, frozen=True, kw_only=True):
    """A reason why a zone is ready or not."""

    mark: str
    state: str
    what: str
    lead: str
    until: str


class MaskRow(Struct, frozen=True, kw_only=True):
    """A mask at this place."""

    what: str
    owner: str
    reason: str
    until: str


def zone_route(console: Console) -> HTTPRouteHandler:
    """Return the route."""

    @get("/zones/{zone:str}", opt={"right": "view"}, sync_to_thread=False)
    def show(request: ConsoleRequest, zone: FromPath[str]) -> HtmlResponse:
        """Show a zone."""
        zones = console.source.rule_set.venue.zones
        found = next((row for row in zones if row.id == zone), None)
        if found is None:
            raise NotFoundException
        require(request.user, "view", found.site)
        part = zone_part(console.source, request.user, zone)
        return console.page(request, "zone.html", zone=found, part=part)

    return show


def zone_part(source: Source, viewer: Viewer, own: str) -> str:
    """Return what the page of a zone shows, as HTML."""
    venue, language = source.rule_set.venue, viewer.language
    zone = next((row for row in venue.zones if row.id == own), None)
    if zone is None or not viewer.may("view", zone.site):
        return ""
    alerts = seen_alerts(source, viewer, lambda row: row.zone == zone.id)
    reports = door_reports(source.state)
    points = [row for row in venue.points if zone.id in {row.zone, row.outer_zone}]
    devices = {*zone.counted_by, *(own for row in points for own in row.devices)}
    return render(
        "zone_part.html",
        language,
        zone=zone,
        row=zone_row(source, viewer, zone, alerts),
        reasons=list(_reasons(source, zone, language)),
        checklists=checklist_rows(source, zone.id, language),
        findings=findings_of(source, zone.id, language),
        alerts=[alert_row(source, viewer, row) for row in alerts],
        points=[
            (row, door_state(row, reports.get(row.id, {}), language), is_exit(row))
            for row in points
        ],
        devices=[device_row(source, row, language) for row in venue.devices if row.id in devices],
        masks=[
            _mask(source, row, language)
            for row in source.state.alerts.masks.values()
            if _is_here(row, zone, venue)
        ],
        coming=[(when(source, at, language), what) for at, what in _coming(source, zone, language)],
    )


def _reasons(source: Source, zone: Zone, language: Language) -> Iterator[ReasonRow]:
    names = source.writer.names
    for row in readiness_of(source, zone).reasons:
        yield ReasonRow(
            mark=READINESS_MARKS[row.state],
            state=language.word(row.state),
            what=source.writer.reason(row.what, language),
            lead=names.of("lead", row.lead) if row.lead else "",
            until=when(source, row.until, language),
        )


def _mask(source: Source, mask: Mask, language: Language) -> MaskRow:
    return MaskRow(
        what=language.gettext("every rule") if mask.what == "*" else mask.what,
        owner=source.writer.name(mask.owner),
        reason=mask.reason,
        until=when(source, mask.until, language),
    )


def _is_here(mask: Mask, zone: Zone, venue: Venue) -> bool:
    """Return whether a mask hides alerts of a zone: its own, its site's, or those of one of its access points."""
    points = {row.id for row in venue.points if row.zone == zone.id}
    return mask.zone == zone.id or mask.site == zone.site or mask.point in points


def _coming(source: Source, zone: Zone, language: Language) -> list[tuple[datetime, str]]:
    """Return what is due in a zone, the next first."""
    venue, now, state = source.rule_set.venue, source.now(), source.state
    found = [(at, language.gettext("doors open")) for at in zone.opens_at]
    for row in readiness_of(source, zone).reasons:
        if row.until is not None:
            ends = language.gettext("no longer holds: {what}")
            found.append((row.until, ends.format(what=source.writer.reason(row.what, language))))
    classes = [row for row in venue.classes if zone.id in row.zones and row.schedule]
    for schedule in dict.fromkeys(row.schedule for row in classes):
        if (at := state.places.schedules.get(schedule)) is not None:
            names = language.list_of(row.name for row in classes if row.schedule == schedule)
            text = language.gettext("hours begin or end for {names}").format(names=names)
            found.append((at, text))
    return sorted(row for row in found if row[0] > now)[:MOST_NEXT]
