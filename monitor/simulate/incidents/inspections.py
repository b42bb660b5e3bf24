"""Checklists that fail, are late, or expire."""

from monitor.core.events.inspection import InspectionItem, InspectionScheduled
from monitor.core.venue.checklist import Checklist, ChecklistItem
from monitor.simulate.forms import evidence_of, form, unit_of
from monitor.simulate.hours import MIDDAY, OPENED
from monitor.simulate.incident import Incident
from monitor.simulate.venue import blocking


def failed_and_passed_again(incident: Incident) -> None:
    """In the morning a critical item fails; it is repaired and passes before the zone opens."""
    venue, rng, opening = incident.venue, incident.rng, incident.until(OPENED)
    checklist = incident.pick("checklist", venue.inspected, opening, before=-incident.until(0))
    # A blocked way out while people are inside is another incident.
    item = incident.fail(checklist, [line for line in blocking(checklist) if not line.exits])
    again = opening * 0.6
    incident.submit(0, form(checklist, "first-visit", incident.at, rng, failed={item.id}))
    incident.submit(again, form(checklist, "second-visit", incident.when(again), rng))
    incident.expect(0, "critical-item-failed", checklist.id, item.id)


def overdue(incident: Incident) -> None:
    """An inspection is due in a minute, and is submitted a minute and a half late."""
    checklist = incident.pick("checklist", incident.venue.model.checklists, 150)
    visit = f"{checklist.id}-special"
    incident.send(
        0,
        InspectionScheduled,
        checklist=checklist.id,
        inspection=visit,
        due_at=incident.when(60),
    )
    incident.submit(150, form(checklist, visit, incident.when(150), incident.rng))
    incident.expect(60, "inspection-overdue", checklist.id, visit)


def pass_expires(incident: Incident) -> None:
    """A checklist is not repeated within its interval while its zone is open; only if the day is long enough."""
    venue, longest = incident.venue, incident.until(MIDDAY[1])
    short = [row for row in venue.inspected if row.interval.total_seconds() < longest]
    interval = min((row.interval.total_seconds() for row in short), default=0)
    shortest = [row for row in short if row.interval.total_seconds() == interval]
    checklist = incident.pick("checklist", shortest, interval + 90, before=60)
    incident.reserve("admission", checklist.zone, interval + 90, before=30 - interval)
    incident.submit(0, form(checklist, "in-time", incident.at, incident.rng))
    too_late = interval + 60
    incident.submit(too_late, form(checklist, "too-late", incident.when(too_late), incident.rng))
    incident.expect(interval, "checklist-not-done", checklist.id)
    incident.expect(interval, "zone-open-not-passed", checklist.zone)


def minor_finding(incident: Incident) -> None:
    """An item that is not critical fails: the zone keeps its pass, and is signed off again."""
    lists = {row.id: row for row in incident.venue.required if _minor(row)}
    zones = [incident.venue.zones[zone] for zone in {row.zone: None for row in lists.values()}]
    zone = incident.pick("admission", zones, 30, once="zone-open-no-go")
    inside = [row for row in lists.values() if row.zone == zone.id]
    checklist = incident.pick("checklist", inside, 1, before=0)
    line = incident.rng.choice(_minor(checklist))
    incident.send(
        0,
        InspectionItem,
        checklist=checklist.id,
        inspection="minor-finding",
        item=line.id,
        result="fail",
        unit=unit_of(line),
        evidence=evidence_of(line, "fail"),
    )
    incident.sign(20, zone.id)
    incident.expect(0, "zone-open-no-go", zone.id)


def _minor(checklist: Checklist) -> list[ChecklistItem]:
    """Return the items whose failure is recorded but closes nothing."""
    return [line for line in checklist.items if line.criticality == "noncritical"]
