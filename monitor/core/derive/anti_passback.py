"""Which badges went into zones with `anti_passback` and have not come out: forgotten once nobody is there any more."""

from collections.abc import Iterator
from datetime import datetime

from monitor.core.events.access import AccessTaken
from monitor.core.events.derived_people import HolderForgotten
from monitor.core.events.monitor import MonitorKeysCapped
from monitor.core.events.zone import ZoneClosed, ZoneCount
from monitor.core.state.state import Inside, Moment, State
from monitor.core.venue.places import Place, Places

FOLLOWED = (AccessTaken, ZoneClosed, ZoneCount)
"""The event types by which badges come in and go out, and that say that nobody is there."""
MOST = 50_000
"""Badges that are followed in one zone; attackers choose them."""


def follow(
    state: State, places: Places, moment: Moment, place: Place
) -> Iterator[HolderForgotten | MonitorKeysCapped]:
    """Take an event in; yield the badges that may come in again.

    Passages count as they do for a rule's `level`: those that a controller had kept, too, and wherever a badge was seen
    since.
    """
    del places
    match moment.event:
        case AccessTaken(holder=holder, direction="in") if holder and place.anti_passback:
            yield from _enter(state, moment.t, place.zone, holder)
        case AccessTaken(holder=holder, direction="out") if holder and place.anti_passback:
            _leave(state, moment.t, place.zone, holder)
        case ZoneClosed() | ZoneCount(count=0) if place.anti_passback:
            inside = state.inside.setdefault(place.zone, Inside())
            inside.emptied_at = max(inside.emptied_at, moment.t)
            for holder in [name for name, row in inside.badges.items() if row[1] <= moment.t]:
                del inside.badges[holder]
                yield HolderForgotten(at=moment.t, zone=place.zone, holder=holder)
        case _:
            pass


def _enter(
    state: State, t: datetime, zone: str, holder: str
) -> Iterator[HolderForgotten | MonitorKeysCapped]:
    inside = state.inside.setdefault(zone, Inside())
    times, at = inside.badges.get(holder, (0, t))
    if t < inside.emptied_at and not times:
        # Told afterwards: it is out again by what is known already.
        yield HolderForgotten(at=inside.emptied_at, zone=zone, holder=holder)
    elif not times and len(inside.badges) >= MOST:
        yield MonitorKeysCapped(at=t, rule="badges inside")
    else:
        inside.badges[holder] = (times + 1, max(at, t))


def _leave(state: State, t: datetime, zone: str, holder: str) -> None:
    inside = state.inside.get(zone)
    if inside is None or holder not in inside.badges:
        return
    times, at = inside.badges[holder]
    if times == 1:
        del inside.badges[holder]
    else:
        inside.badges[holder] = (times - 1, max(at, t))
