"""Zones open or entered without a pass, exits locked, too many people: where access and inspection meet."""

from collections.abc import Iterable
from typing import Any

from monitor.core.events.door import DoorModeChanged
from monitor.core.events.inspection import InspectionApproved, InspectionItem
from monitor.core.events.vocabulary import HolderClass
from monitor.core.events.work import ActionDone, ActionOpened, ActionVerified
from monitor.core.events.zone import ZoneCount, ZoneOpened
from monitor.core.venue.model import ChecklistItem, Point, Zone
from monitor.simulate.forms import bad_value, form, good_value, inspector, unit_of
from monitor.simulate.hours import OPENED
from monitor.simulate.incident import Story
from monitor.simulate.venue import VISITORS, Ground, blocking

REPAIRED = 120
"""Seconds after which a failed item passes again."""


def pass_lost(story: Story) -> None:
    """A critical item fails while its zone is open; it is repaired, and inspected again."""
    zone = story.pick("admission", inspected(story.ground), REPAIRED + 30)
    _lose_pass(story, zone)


def value_out_of_range(story: Story) -> None:
    """An inspector ticks «passed», but the value measured is beyond its limit."""
    zones = inspected(story.ground, measured=True)
    zone = story.pick("admission", zones, REPAIRED + 30)
    _lose_pass(story, zone, measured=True)


def admitted_without_pass(story: Story) -> None:
    """A zone loses its pass, and visitors are let in all the same."""
    zones = [zone for zone in inspected(story.ground) if entrances(story.ground, [zone])]
    zone = story.pick("admission", zones, REPAIRED + 30, once="admission-not-passed")
    point = story.pick("point", entrances(story.ground, [zone]), REPAIRED)
    _lose_pass(story, zone)
    for after in (40, 44, 48):
        story.let_in(after, point, story.badge(visitor(story, zone.id)))
    story.expect(40, "admission-not-passed", zone.id)


def admitted_before_inspection(story: Story) -> None:
    """Early in the morning visitors are let into a zone that nobody has inspected yet."""
    zones = [zone for zone in inspected(story.ground) if entrances(story.ground, [zone])]
    zone = story.pick("admission", zones, 5, once="admission-not-passed")
    point = story.pick("point", entrances(story.ground, [zone]), 5)
    for after in (0, 3):
        story.let_in(after, point, story.badge(visitor(story, zone.id)))
    story.expect(0, "admission-not-passed", zone.id)


def opened_before_inspection(story: Story) -> None:
    """A zone opens on time, but its inspection comes a minute later."""
    ground, night = story.ground, -story.until(0)
    checklist = story.pick("checklist", ground.inspected, 90, before=night)
    story.keep("admission", checklist.zone, 90)
    story.keep("opening", checklist.zone, 90)
    story.say(0, ZoneOpened, zone=checklist.zone, who="duty-officer")
    story.hand_in(60, form(checklist, "after-opening", story.when(60), story.rng))
    story.expect(0, "zone-open-not-passed", checklist.zone)


def exit_locked(story: Story) -> None:
    """An emergency exit is locked while people are inside."""
    door = story.pick("point", story.ground.exits, 60, once="exit-locked-occupied")
    story.say(0, DoorModeChanged, point=door.id, mode="locked")
    story.say(45, DoorModeChanged, point=door.id, mode="unlocked")
    story.expect(0, "exit-locked-occupied", door.id)


def exit_locked_since_night(story: Story) -> None:
    """An emergency exit is still locked from the night when the first people come in."""
    until, night = story.until(OPENED), story.until(0)
    door = story.pick(
        "point", story.ground.exits, until, before=-night, once="exit-locked-occupied"
    )
    story.say(night + 2, DoorModeChanged, point=door.id, mode="locked")
    story.say(0, ZoneCount, zone=door.zone, count=2)
    story.say(40, DoorModeChanged, point=door.id, mode="unlocked")
    story.say(50, ZoneCount, zone=door.zone, count=0)
    story.expect(0, "exit-locked-occupied", door.id)


def over_capacity(story: Story) -> None:
    """More people are in a zone than it may hold."""
    zone = story.pick("count", story.ground.zones.values(), 75)
    story.say(0, ZoneCount, zone=zone.id, count=zone.capacity + 1 + zone.capacity // 20)
    story.say(30, ZoneCount, zone=zone.id, count=zone.capacity + 1)
    story.say(60, ZoneCount, zone=zone.id, count=zone.capacity * 3 // 4)
    story.expect(0, "zone-nearly-full", zone.id)
    story.expect(0, "zone-over-capacity", zone.id)


def inspected(ground: Ground, *, measured: bool = False) -> list[Zone]:
    """Return the zones that can lose their pass, or those that can by a measured value."""
    zones = {row.zone: None for row in ground.inspected if not measured or _measured(blocking(row))}
    return [ground.zones[zone] for zone in zones]


def entrances(ground: Ground, zones: Iterable[Zone]) -> list[Point]:
    """Return the points that can tell that somebody went into one of these zones."""
    wanted = {zone.id for zone in zones}
    return [row for row in ground.readers if row.passage_sensor and row.zone in wanted]


def visitor(story: Story, zone: str) -> HolderClass:
    """Return a class of visitors that may enter a zone."""
    admitted = [row for row in story.ground.admits(zone) if row in VISITORS]
    return story.rng.choice(admitted or VISITORS)


def _lose_pass(story: Story, zone: Zone, *, measured: bool = False) -> None:
    """Let a critical item of a zone fail, and pass again when it is repaired."""
    lists = [row for row in story.ground.inspected if row.zone == zone.id]
    if measured:
        lists = [row for row in lists if _measured(blocking(row))]
    checklist = story.pick("checklist", lists, REPAIRED + 30, before=60)
    lines = blocking(checklist)
    line = story.fail(checklist, _measured(lines) if measured else lines)
    common: dict[str, Any] = {"checklist": checklist.id, "item": line.id, "unit": unit_of(line)}
    action: dict[str, Any] = {"action": f"repair-{checklist.id}-{line.id}", "zone": zone.id}
    story.say(
        0,
        InspectionItem,
        inspection=f"{story.name}-1",
        result="pass" if measured else "fail",
        value=bad_value(line) if measured else None,
        **common,
    )
    story.say(15, ActionOpened, kind="repair", lead=checklist.lead, from_item=line.id, **action)
    story.say(100, ActionDone, **action)
    visit: dict[str, Any] = {"inspection": f"{story.name}-2", "inspector": inspector(checklist)}
    story.say(
        REPAIRED,
        InspectionItem,
        result="pass",
        value=good_value(line, story.rng) if line.unit else None,
        **visit,
        **common,
    )
    story.say(REPAIRED + 5, ActionVerified, inspection=f"{story.name}-2", **action)
    story.say(
        REPAIRED + 8, InspectionApproved, approver="duty-officer", checklist=checklist.id, **visit
    )
    story.sign(REPAIRED + 10, zone.id)
    story.expect(0, "critical-item-failed", checklist.id, line.id)
    story.expect(0, "zone-open-not-passed", zone.id)
    story.expect(REPAIRED, "zone-open-no-go", zone.id)
    if line.criticality == "impairment":
        story.expect(0, "zone-open-unsafe", zone.id)
    if line.exits:
        story.expect(0, "exit-blocked-occupied", checklist.id, line.id)


def _measured(lines: Iterable[ChecklistItem]) -> list[ChecklistItem]:
    return [line for line in lines if line.min is not None or line.max is not None]
