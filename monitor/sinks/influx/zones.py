"""Zones and sites: how full they are, whether they may open, and what each checklist says."""

from collections.abc import Iterator
from datetime import datetime

from monitor.core.events.inspection import (
    Inspection,
    InspectionCancelled,
    InspectionScheduled,
    InspectionSubmitted,
)
from monitor.core.transitions import ReadinessChanged, Reason, ZoneChanged, ZoneStanding
from monitor.core.utc import utc
from monitor.core.venue.model import Checklist
from monitor.sinks.influx import measurements as to
from monitor.sinks.influx.read_model import CheckState, Picture, ReadyState, Visit
from monitor.sinks.influx.schema import NONE
from monitor.sinks.influx.tags import Ground

FOLLOWED: frozenset[type] = frozenset(
    {InspectionScheduled, InspectionSubmitted, InspectionCancelled}
)
"""The event types of which `follow` has to hear."""
READY = 1
"""The greatest code with which something may open."""


# People -----------------------------------------------------------------------------------------------------------


def filled(told: ZoneChanged, picture: Picture) -> Iterator[to.Occupancy]:
    """Take a zone's standing in; yield it."""
    picture.zones[told.standing.zone] = told.standing
    yield _occupancy(told.standing)


def occupancies(ground: Ground, picture: Picture) -> Iterator[to.Occupancy]:
    """Yield how full every zone of the venue is."""
    for zone in ground.venue.zones:
        unheard = ZoneStanding(zone=zone.id, site=zone.site, capacity=zone.capacity)
        yield _occupancy(picture.zones.get(zone.id, unheard))


def _occupancy(row: ZoneStanding) -> to.Occupancy:
    count, capacity = row.occupancy, row.capacity
    return to.Occupancy(
        site=row.site or NONE,
        zone=row.zone,
        count=count,
        capacity=capacity,
        pct=None if count is None or not capacity else round(100 * count / capacity, 1),
        counted=int(count is not None),
        open=None if row.open is None else int(row.open),
        inspected=row.inspected,
    )


# Readiness --------------------------------------------------------------------------------------------------------


def judged(
    told: ReadinessChanged, ground: Ground, picture: Picture
) -> Iterator[to.Readiness | to.Compliance]:
    """Take a zone's or a site's readiness in; yield it, and what it says of each checklist."""
    wrong = [row for row in told.reasons if row.state != "go"]
    grave = wrong[0] if wrong else Reason(state="go", what="")
    row = ReadyState(
        site=told.site or NONE,
        zone=told.zone or NONE,
        code=to.READY_CODES[told.state],
        wrong=len(wrong),
        why=_why(grave),
        lead=grave.lead,
    )
    picture.ready[f"{told.site}/{told.zone}"] = row
    yield _readiness(row)
    if not told.zone:
        return
    for checklist in _required(ground, told.zone):
        reasons = [reason for reason in told.reasons if reason.checklist == checklist.id]
        if reasons:
            _judge(checklist.id, reasons, picture)
            yield _compliance(checklist, told.at, ground, picture)


def follow(said: Inspection, _t: datetime, _ground: Ground, picture: Picture) -> tuple[()]:
    """Take in that an inspection is to come, or has come; of that alone there is no point."""
    match said:
        case InspectionScheduled(checklist=checklist, inspection=name, due_at=due):
            picture.visits[name] = Visit(checklist, utc(due))
        case InspectionSubmitted() | InspectionCancelled():
            picture.visits.pop(said.inspection, None)
        case _:
            pass
    return ()


def readiness(picture: Picture) -> Iterator[to.Readiness]:
    """Yield whether each site and zone may open."""
    for row in picture.ready.values():
        yield _readiness(row)


def compliance(t: datetime, ground: Ground, picture: Picture) -> Iterator[to.Compliance]:
    """Yield what every checklist that is required says."""
    for zone in ground.venue.zones:
        for checklist in _required(ground, zone.id):
            yield _compliance(checklist, t, ground, picture)


def _judge(checklist: str, reasons: list[Reason], picture: Picture) -> None:
    before = picture.checks.get(checklist)
    ends = [reason.until for reason in reasons if reason.until is not None]
    picture.checks[checklist] = CheckState(
        code=max(to.READY_CODES[reason.state] for reason in reasons),
        wrong=sum(reason.state != "go" for reason in reasons),
        due=min(ends, default=None if before is None else before.due),
    )


def _required(ground: Ground, zone: str) -> list[Checklist]:
    phase = ground.venue.congress.phase
    return [row for row in ground.venue.checklists if row.zone == zone and phase in row.phases]


def _readiness(row: ReadyState) -> to.Readiness:
    return to.Readiness(
        site=row.site,
        zone=row.zone,
        code=row.code,
        go=int(row.code <= READY),
        wrong=row.wrong,
        why=row.why,
        lead=row.lead,
    )


def _compliance(
    checklist: Checklist, t: datetime, ground: Ground, picture: Picture
) -> to.Compliance:
    row = picture.checks.get(checklist.id, CheckState(to.READY_CODES["unknown"], 1))
    visits = [visit.due for visit in picture.visits.values() if visit.checklist == checklist.id]
    due = min((*visits, *filter(None, [row.due])), default=None)
    where = ground.zone(checklist.zone)
    return to.Compliance(
        site=where.site,
        zone=where.zone,
        checklist=checklist.id,
        lead=checklist.lead,
        code=row.code,
        ready=int(row.code <= READY),
        wrong=row.wrong,
        due_s=None if due is None else int((due - t).total_seconds()),
        overdue=int(due is not None and due <= t),
    )


def _why(reason: Reason) -> str:
    """Return what a reason is about; its own words may name people."""
    if reason.state == "go":
        return ""
    for kind in ("checklist", "action", "certificate"):
        if name := getattr(reason, kind):
            return f"{kind} {name}"
    return "sign-off"
