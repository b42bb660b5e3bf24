"""Zones opened or entered without a pass, exits locked, too many people: where access and inspection meet."""

from collections.abc import Iterable
from typing import Any

from monitor.core.events.door import DoorModeChanged
from monitor.core.events.inspection import InspectionApproved, InspectionItem
from monitor.core.events.vocabulary import HolderClass
from monitor.core.events.work import ActionDone, ActionOpened, ActionVerified
from monitor.core.events.zone import ZoneCount, ZoneOpened
from monitor.core.venue.checklist import ChecklistItem
from monitor.core.venue.model import Point, Zone
from monitor.simulate.forms import bad_value, evidence_of, form, good_value, inspector, unit_of
from monitor.simulate.hours import OPENED
from monitor.simulate.incident import Incident
from monitor.simulate.venue import DUTY_OFFICER, VISITORS, SimulatedVenue, blocking

REPAIRED = 120
"""Seconds after which a failed item passes again."""


def pass_lost(incident: Incident) -> None:
    """A critical item fails while its zone is open; it is repaired and inspected again."""
    zone = incident.pick("admission", inspected(incident.venue), REPAIRED + 30)
    _lose_pass(incident, zone)


def value_out_of_range(incident: Incident) -> None:
    """An inspector ticks "passed", but the measured value is outside its limits."""
    zones = inspected(incident.venue, measured=True)
    zone = incident.pick("admission", zones, REPAIRED + 30)
    _lose_pass(incident, zone, measured=True)


def admitted_without_pass(incident: Incident) -> None:
    """A zone loses its pass, and visitors are admitted all the same."""
    zones = [zone for zone in inspected(incident.venue) if entrances(incident.venue, [zone])]
    zone = incident.pick("admission", zones, REPAIRED + 30, once="admission-not-passed")
    point = incident.pick("point", entrances(incident.venue, [zone]), REPAIRED)
    _lose_pass(incident, zone)
    for after in (40, 44, 48):
        incident.admit(after, point, incident.badge(visitor(incident, zone.id)))
    incident.expect(40, "admission-not-passed", zone.id)


def admitted_before_inspection(incident: Incident) -> None:
    """Early in the morning visitors are admitted to a zone that has not been inspected yet."""
    zones = [zone for zone in inspected(incident.venue) if entrances(incident.venue, [zone])]
    zone = incident.pick("admission", zones, 5, once="admission-not-passed")
    point = incident.pick("point", entrances(incident.venue, [zone]), 5)
    for after in (0, 3):
        incident.admit(after, point, incident.badge(visitor(incident, zone.id)))
    incident.expect(0, "admission-not-passed", zone.id)


def opened_before_inspection(incident: Incident) -> None:
    """A zone opens on time, but its inspection arrives a minute later."""
    venue, night = incident.venue, -incident.until(0)
    checklist = incident.pick("checklist", venue.inspected, 90, before=night)
    incident.reserve("admission", checklist.zone, 90)
    incident.reserve("opening", checklist.zone, 90)
    incident.send(0, ZoneOpened, zone=checklist.zone, who=DUTY_OFFICER)
    incident.submit(60, form(checklist, "after-opening", incident.when(60), incident.rng))
    incident.expect(0, "zone-open-not-passed", checklist.zone)


def exit_locked(incident: Incident) -> None:
    """An emergency exit is locked while people are inside."""
    door = incident.pick("point", incident.venue.exits, 60, once="exit-locked-occupied")
    incident.send(0, DoorModeChanged, point=door.id, mode="locked")
    incident.send(45, DoorModeChanged, point=door.id, mode="unlocked")
    incident.expect(0, "exit-locked-occupied", door.id)


def exit_locked_since_night(incident: Incident) -> None:
    """An emergency exit is still locked after the night when the first people arrive."""
    until, night = incident.until(OPENED), incident.until(0)
    door = incident.pick(
        "point", incident.venue.exits, until, before=-night, once="exit-locked-occupied"
    )
    incident.send(night + 2, DoorModeChanged, point=door.id, mode="locked")
    incident.send(0, ZoneCount, zone=door.zone, count=2)
    incident.send(40, DoorModeChanged, point=door.id, mode="unlocked")
    incident.send(50, ZoneCount, zone=door.zone, count=0)
    incident.expect(0, "exit-locked-occupied", door.id)


def over_capacity(incident: Incident) -> None:
    """More people are in a zone than its capacity."""
    zone = incident.pick("count", incident.venue.zones.values(), 75)
    incident.send(0, ZoneCount, zone=zone.id, count=zone.capacity + 1 + zone.capacity // 20)
    incident.send(30, ZoneCount, zone=zone.id, count=zone.capacity + 1)
    incident.send(60, ZoneCount, zone=zone.id, count=zone.capacity * 3 // 4)
    incident.expect(0, "zone-nearly-full", zone.id)
    incident.expect(0, "zone-over-capacity", zone.id)


def inspected(venue: SimulatedVenue, *, measured: bool = False) -> list[Zone]:
    """Return the zones that can lose their pass; with `measured`, those that can lose it by a measured value."""
    zones = {row.zone: None for row in venue.inspected if not measured or _measured(blocking(row))}
    return [venue.zones[zone] for zone in zones]


def entrances(venue: SimulatedVenue, zones: Iterable[Zone]) -> list[Point]:
    """Return the points that detect a person entering one of these zones."""
    wanted = {zone.id for zone in zones}
    return [row for row in venue.readers if row.passage_sensor and row.zone in wanted]


def visitor(incident: Incident, zone: str) -> HolderClass:
    """Return a random class of visitors that may enter a zone."""
    admitted = [row for row in incident.venue.admits(zone) if row in VISITORS]
    return incident.rng.choice(admitted or VISITORS)


def _lose_pass(incident: Incident, zone: Zone, *, measured: bool = False) -> None:
    """Fail a critical item of a zone, and pass it again when it is repaired."""
    lists = [row for row in incident.venue.inspected if row.zone == zone.id]
    if measured:
        lists = [row for row in lists if _measured(blocking(row))]
    checklist = incident.pick("checklist", lists, REPAIRED + 30, before=60)
    lines = blocking(checklist)
    line = incident.fail(checklist, _measured(lines) if measured else lines)
    common: dict[str, Any] = {"checklist": checklist.id, "item": line.id, "unit": unit_of(line)}
    action: dict[str, Any] = {"action": f"repair-{checklist.id}-{line.id}", "zone": zone.id}
    incident.send(
        0,
        InspectionItem,
        inspection=f"{incident.name}-1",
        result="pass" if measured else "fail",
        value=bad_value(line) if measured else None,
        evidence=evidence_of(line, "fail"),
        **common,
    )
    incident.send(15, ActionOpened, kind="repair", lead=checklist.lead, from_item=line.id, **action)
    incident.send(100, ActionDone, **action)
    visit: dict[str, Any] = {"inspection": f"{incident.name}-2", "inspector": inspector(checklist)}
    incident.send(
        REPAIRED,
        InspectionItem,
        result="pass",
        value=good_value(line, incident.rng) if line.unit else None,
        **visit,
        **common,
    )
    incident.send(REPAIRED + 5, ActionVerified, inspection=f"{incident.name}-2", **action)
    incident.send(
        REPAIRED + 8, InspectionApproved, approver=DUTY_OFFICER, checklist=checklist.id, **visit
    )
    incident.sign(REPAIRED + 10, zone.id)
    incident.expect(0, "critical-item-failed", checklist.id, line.id)
    incident.expect(0, "zone-open-not-passed", zone.id)
    incident.expect(REPAIRED, "zone-open-no-go", zone.id)
    if line.criticality == "impairment":
        incident.expect(0, "zone-open-unsafe", zone.id)
    if line.exits:
        incident.expect(0, "exit-blocked-occupied", checklist.id, line.id)


def _measured(lines: Iterable[ChecklistItem]) -> list[ChecklistItem]:
    return [line for line in lines if line.min is not None or line.max is not None]
