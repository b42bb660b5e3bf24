"""Checklists failed, late, or run out."""

from monitor.core.events.inspection import InspectionItem, InspectionScheduled
from monitor.core.venue.model import Checklist, ChecklistItem
from monitor.simulate.forms import form, unit_of
from monitor.simulate.hours import MIDDAY, OPENED
from monitor.simulate.incident import Story
from monitor.simulate.venue import blocking


def failed_and_passed_again(story: Story) -> None:
    """In the morning a critical item fails; it is put right and passes before the zone opens."""
    ground, rng, opening = story.ground, story.rng, story.until(OPENED)
    checklist = story.pick("checklist", ground.inspected, opening, before=-story.until(0))
    # A way out that is blocked while somebody is inside is another story.
    item = story.fail(checklist, [line for line in blocking(checklist) if not line.exits])
    again = opening * 0.6
    story.hand_in(0, form(checklist, "first-visit", story.at, rng, failed={item.id}))
    story.hand_in(again, form(checklist, "second-visit", story.when(again), rng))
    story.expect(0, "critical-item-failed", checklist.id, item.id)


def overdue(story: Story) -> None:
    """An inspection is due in a minute, and is submitted a minute and a half late."""
    checklist = story.pick("checklist", story.ground.venue.checklists, 150)
    visit = f"{checklist.id}-special"
    story.say(
        0,
        InspectionScheduled,
        checklist=checklist.id,
        inspection=visit,
        due_at=story.when(60),
    )
    story.hand_in(150, form(checklist, visit, story.when(150), story.rng))
    story.expect(60, "inspection-overdue", checklist.id, visit)


def pass_expires(story: Story) -> None:
    """A checklist is not done again within its interval while its zone is open; only if the day is long enough."""
    ground, longest = story.ground, story.until(MIDDAY[1])
    short = [row for row in ground.inspected if row.interval.total_seconds() < longest]
    interval = min((row.interval.total_seconds() for row in short), default=0)
    shortest = [row for row in short if row.interval.total_seconds() == interval]
    checklist = story.pick("checklist", shortest, interval + 90, before=60)
    story.keep("admission", checklist.zone, interval + 90, before=30 - interval)
    story.hand_in(0, form(checklist, "in-time", story.at, story.rng))
    too_late = interval + 60
    story.hand_in(too_late, form(checklist, "too-late", story.when(too_late), story.rng))
    story.expect(interval, "checklist-not-done", checklist.id)
    story.expect(interval, "zone-open-not-passed", checklist.zone)


def minor_finding(story: Story) -> None:
    """An item fails that is not critical: the zone keeps its pass, and is signed off anew."""
    lists = {row.id: row for row in story.ground.required if _minor(row)}
    zones = [story.ground.zones[zone] for zone in {row.zone: None for row in lists.values()}]
    zone = story.pick("admission", zones, 30, once="zone-open-no-go")
    inside = [row for row in lists.values() if row.zone == zone.id]
    checklist = story.pick("checklist", inside, 1, before=0)
    line = story.rng.choice(_minor(checklist))
    story.say(
        0,
        InspectionItem,
        checklist=checklist.id,
        inspection="minor-finding",
        item=line.id,
        result="fail",
        unit=unit_of(line),
    )
    story.sign(20, zone.id)
    story.expect(0, "zone-open-no-go", zone.id)


def _minor(checklist: Checklist) -> list[ChecklistItem]:
    """Return the items whose failure is put down, and closes nothing."""
    return [line for line in checklist.items if line.criticality == "noncritical"]
