"""How the day begins and ends: the night's state, what is opened and what is closed again."""

from collections.abc import Iterator

from monitor.core.events.door import DoorModeChanged
from monitor.core.events.people import PostManned
from monitor.core.events.work import ReadinessSigned
from monitor.core.events.zone import ZoneClosed, ZoneCount, ZoneOpened
from monitor.simulate.hours import CLOSED, INSPECTED, OPENED, Hours, later
from monitor.simulate.message import Draft
from monitor.simulate.reservations import Diary
from monitor.simulate.venue import Ground, staff

SIGNED_BEFORE = 10.0
"""Seconds before a zone opens it is signed off."""
APART = 0.25
"""Seconds from one zone or exit to the next; a hundred zones open within half a minute."""


def morning(ground: Ground, diary: Diary, hours: Hours) -> Iterator[Draft]:
    """Yield, in no order: all closed and empty, exits free, posts manned; then opened, and in the end closed."""
    for place, point in enumerate(ground.exits):
        t = later(hours.start, 1 + place * APART)
        if diary.is_free("point", point.id, t):
            yield Draft(t, DoorModeChanged(at=t, point=point.id, mode="unlocked"))
    for place, post in enumerate(ground.venue.posts):
        t = later(hours.at(INSPECTED), place * APART)
        yield Draft(t, PostManned(at=t, post=post.id, zone=post.zone, who=f"steward-{place + 1}"))
    for place, zone in enumerate(ground.zones):
        t = later(hours.start, 1 + place * APART)
        yield Draft(t, ZoneClosed(at=t, zone=zone))
        yield Draft(t, ZoneCount(at=t, zone=zone, count=0))
        t = later(hours.at(OPENED), place * APART)
        signed = later(t, -SIGNED_BEFORE)
        yield Draft(signed, ReadinessSigned(at=signed, zone=zone, who="safety-officer"))
        if diary.is_free("opening", zone, t):
            yield Draft(t, ZoneOpened(at=t, zone=zone, who="duty-officer"))
        t = later(t, 1)
        yield Draft(t, ZoneCount(at=t, zone=zone, count=staff(ground.zones[zone])))
        t = later(hours.at(CLOSED), 1 + place * APART)
        yield Draft(t, ZoneClosed(at=t, zone=zone, who="duty-officer"))
