"""Zones and sites: their occupancy, their readiness, and the state of each checklist."""

from collections.abc import Iterator
from datetime import datetime

from monitor.core.events.access import AccessMuster
from monitor.core.events.inspection import (
    Inspection,
    InspectionCancelled,
    InspectionScheduled,
    InspectionSubmitted,
)
from monitor.core.transitions import ReadinessChanged, Reason, ZoneChanged, ZoneStatus
from monitor.core.utc import utc
from monitor.core.venue.checklist import Checklist
from monitor.core.venue.display_names import DisplayNames
from monitor.sinks.influx.measurements import READY_CODES
from monitor.sinks.influx.read_model import (
    ChecklistRecord,
    ReadinessRecord,
    ReadModel,
    ScheduledInspection,
)
from monitor.sinks.influx.schema import NONE
from monitor.sinks.influx.state_measurements import MusterMeasurement, OccupancyMeasurement
from monitor.sinks.influx.tags import TagSource
from monitor.sinks.influx.work_measurements import ComplianceMeasurement, ReadinessMeasurement

PROJECTED: frozenset[type] = frozenset(
    {InspectionScheduled, InspectionSubmitted, InspectionCancelled}
)
"""The event types that `project` takes."""
CROWDED = 90
"""Percent of the capacity from which admission is slowed."""
KINDS = ("checklist", "action", "certificate")
"""What a reason against a plain go may be about; otherwise it is a sign-off that is missing."""
READY = 1
"""The greatest code with which a zone or site may open."""


# Occupancy --------------------------------------------------------------------------------------------------------


def project_status(changed: ZoneChanged, model: ReadModel) -> Iterator[OccupancyMeasurement]:
    """Apply a change of a zone's status; yield the zone's occupancy."""
    status = changed.status
    model.zones[status.zone] = status
    yield _occupancy(status, model)


def occupancies(tags: TagSource, model: ReadModel) -> Iterator[OccupancyMeasurement]:
    """Yield the occupancy of every zone of the venue."""
    for zone in tags.venue.zones:
        unknown = ZoneStatus(zone=zone.id, site=zone.site, capacity=zone.capacity)
        yield _occupancy(model.zones.get(zone.id, unknown), model)


def _occupancy(row: ZoneStatus, model: ReadModel) -> OccupancyMeasurement:
    count, capacity = row.occupancy, row.capacity
    pct = None if count is None or not capacity else round(100 * count / capacity, 1)
    return OccupancyMeasurement(
        site=row.site or NONE,
        zone=row.zone,
        count=count,
        capacity=capacity,
        pct=pct,
        crowded=int(pct is not None and pct >= CROWDED),
        counted=int(count is not None),
        open=None if row.open is None else int(row.open),
        admission=_admission(row, model),
        inspected=row.inspected,
    )


def _admission(row: ZoneStatus, model: ReadModel) -> int | None:
    """Return whether people are let in, and may be: 0 no, 1 yes, 2 they are, and must not be."""
    if row.open is None:
        return None
    known = model.readiness.get(f"{row.site}/{row.zone}")
    ready = known is not None and known.code <= READY
    return 0 if not row.open else 1 if ready else 2


def muster(event: AccessMuster, t: datetime, tags: TagSource, model: ReadModel) -> None:
    """Count a report at an assembly point in its minute."""
    minutes = model.mustered.setdefault(tags.point(event.point).site or NONE, {})
    minute = int(t.timestamp()) // 60
    minutes[minute] = minutes.get(minute, 0) + 1


def musters(t: datetime, tags: TagSource, model: ReadModel) -> Iterator[MusterMeasurement]:
    """Yield how many reported at each site in the last hour."""
    first = int(t.timestamp()) // 60 - 60
    model.mustered = {
        site: {minute: n for minute, n in minutes.items() if minute > first}
        for site, minutes in model.mustered.items()
    }
    for site in dict.fromkeys((*(row.id for row in tags.venue.sites), *model.mustered)):
        yield MusterMeasurement(site=site, last_hour=sum(model.mustered.get(site, {}).values()))


# Readiness --------------------------------------------------------------------------------------------------------


def project_readiness(
    changed: ReadinessChanged, tags: TagSource, model: ReadModel
) -> Iterator[ReadinessMeasurement | ComplianceMeasurement]:
    """Apply a change of readiness; yield it, and the state of each checklist that it is about."""
    wrong = [row for row in changed.reasons if row.state != "go"]
    worst = wrong[0] if wrong else Reason(state="go", what="")
    row = ReadinessRecord(
        site=changed.site or NONE,
        zone=changed.zone or NONE,
        code=READY_CODES[changed.state],
        wrong=len(wrong),
        why=_why(worst),
        lead=worst.lead,
        why_kind=_kind(worst),
        why_name=_what(worst, tags.names),
    )
    model.readiness[f"{changed.site}/{changed.zone}"] = row
    yield _readiness(row)
    if not changed.zone:
        return
    for checklist in _required(tags, changed.zone):
        reasons = [reason for reason in changed.reasons if reason.checklist == checklist.id]
        if reasons:
            _update_checklist(checklist.id, reasons, model)
            yield _compliance(checklist, changed.at, tags, model)


def project(event: Inspection, _t: datetime, _tags: TagSource, model: ReadModel) -> tuple[()]:
    """Apply an event of an inspection; its own point is written by `events`."""
    match event:
        case InspectionScheduled(checklist=checklist, inspection=name, due_at=due):
            model.inspections[name] = ScheduledInspection(checklist, utc(due))
        case InspectionSubmitted() | InspectionCancelled():
            model.inspections.pop(event.inspection, None)
        case _:
            pass
    return ()


def readiness(model: ReadModel) -> Iterator[ReadinessMeasurement]:
    """Yield the readiness of each site and zone."""
    for row in model.readiness.values():
        yield _readiness(row)


def compliance(t: datetime, tags: TagSource, model: ReadModel) -> Iterator[ComplianceMeasurement]:
    """Yield the state of every required checklist."""
    for zone in tags.venue.zones:
        for checklist in _required(tags, zone.id):
            yield _compliance(checklist, t, tags, model)


def _update_checklist(checklist: str, reasons: list[Reason], model: ReadModel) -> None:
    before = model.checklists.get(checklist)
    ends = [reason.until for reason in reasons if reason.until is not None]
    model.checklists[checklist] = ChecklistRecord(
        code=max(READY_CODES[reason.state] for reason in reasons),
        wrong=sum(reason.state != "go" for reason in reasons),
        due=min(ends, default=None if before is None else before.due),
    )


def _required(tags: TagSource, zone: str) -> list[Checklist]:
    phase = tags.venue.congress.phase
    return [row for row in tags.venue.checklists if row.zone == zone and phase in row.phases]


def _readiness(row: ReadinessRecord) -> ReadinessMeasurement:
    return ReadinessMeasurement(
        site=row.site,
        zone=row.zone,
        code=row.code,
        go=int(row.code <= READY),
        wrong=row.wrong,
        why=row.why,
        why_kind=row.why_kind,
        why_name=row.why_name,
        lead=row.lead,
    )


def _compliance(
    checklist: Checklist, t: datetime, tags: TagSource, model: ReadModel
) -> ComplianceMeasurement:
    row = model.checklists.get(checklist.id, ChecklistRecord(READY_CODES["unknown"], 1))
    scheduled = [row.due for row in model.inspections.values() if row.checklist == checklist.id]
    due = min((*scheduled, *filter(None, [row.due])), default=None)
    where = tags.zone(checklist.zone)
    return ComplianceMeasurement(
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
    """Return the subject of a reason; its text may name people."""
    return f"{_kind(reason)} {_id(reason)}".strip()


def _kind(reason: Reason) -> str:
    if reason.state == "go":
        return ""
    return next((kind for kind in KINDS if getattr(reason, kind)), "sign-off")


def _id(reason: Reason) -> str:
    kind = _kind(reason)
    return getattr(reason, kind) if kind in KINDS else ""


def _what(reason: Reason, names: DisplayNames) -> str:
    """Return what a reason is about, with a name where the venue has one."""
    asset, space, paper = _id(reason).partition(" ")
    match _kind(reason):
        case "checklist":
            return names.of("checklist", asset)
        case "certificate":
            return f"{names.of('asset', asset)}{space}{paper.replace('-', ' ')}"
        case _:
            return asset
