"""Checklists failed, late, or run out."""

from monitor.core.event import InspectionScheduled
from monitor.simulate.forms import form
from monitor.simulate.ground import blocking
from monitor.simulate.hours import MIDDAY, OPENED
from monitor.simulate.story import Story


def failed_and_passed_again(story: Story) -> None:
    """In the morning a critical item fails; it is put right and passes before the zone opens."""
    ground, rng, opening = story.ground, story.rng, story.until(OPENED)
    checklist = story.pick("checklist", ground.inspected, opening, before=-story.until(0))
    item = story.fail(checklist, blocking(checklist))
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
