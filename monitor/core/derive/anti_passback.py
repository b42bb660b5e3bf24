"""Which badges are in zones with `anti_passback`: until they leave, or the zone is known to be empty."""

from datetime import datetime

from monitor.core.effects import Effects
from monitor.core.events.access import AccessTaken
from monitor.core.events.derived_people import HolderForgotten
from monitor.core.events.monitor_senders import MonitorKeysCapped
from monitor.core.events.zone import ZoneClosed, ZoneCount
from monitor.core.state.people import BadgesInside
from monitor.core.state.senders import has_room
from monitor.core.state.state import State
from monitor.core.state.time import TimestampedEvent
from monitor.core.venue.places import Place, Places

FOLLOWED = (AccessTaken, ZoneClosed, ZoneCount)
"""The event types by which badges enter and leave, and by which a zone is known to be empty."""
MOST = 50_000
"""The limit of badges tracked in one zone, since attackers choose them."""


def follow(
    state: State, places: Places, timestamped: TimestampedEvent, place: Place, effects: Effects
) -> None:
    """Track the badges inside; derive which of them may enter again.

    Passages count as they do for a rule's `level`: including those that a controller had kept, wherever the badge
    has been seen since.
    """
    del places
    match timestamped.event:
        case AccessTaken(holder=holder, direction="in") if holder and place.anti_passback:
            _enter(state, timestamped, place.zone, holder, effects)
        case AccessTaken(holder=holder, direction="out") if holder and place.anti_passback:
            _leave(state, timestamped.t, place.zone, holder)
        case ZoneClosed() | ZoneCount(count=0) if place.anti_passback:
            inside = state.people.badges_inside.setdefault(place.zone, BadgesInside())
            inside.emptied_at = max(inside.emptied_at, timestamped.t)
            for holder in [name for name, row in inside.badges.items() if row[1] <= timestamped.t]:
                del inside.badges[holder]
                effects.derive(HolderForgotten(at=timestamped.t, zone=place.zone, holder=holder))
        case _:
            pass


def _enter(
    state: State, timestamped: TimestampedEvent, zone: str, holder: str, effects: Effects
) -> None:
    t = timestamped.t
    inside = state.people.badges_inside.setdefault(zone, BadgesInside())
    times, at = inside.badges.get(holder, (0, t))
    if t < inside.emptied_at and not times:
        # A late event: the zone has been emptied since.
        effects.derive(HolderForgotten(at=inside.emptied_at, zone=zone, holder=holder))
    elif not times and not has_room(state, timestamped.event, len(inside.badges), MOST):
        effects.derive(MonitorKeysCapped(at=t, rule="badges inside"))
    else:
        inside.badges[holder] = (times + 1, max(at, t))


def _leave(state: State, t: datetime, zone: str, holder: str) -> None:
    inside = state.people.badges_inside.get(zone)
    if inside is None or holder not in inside.badges:
        return
    times, at = inside.badges[holder]
    if times == 1:
        del inside.badges[holder]
    else:
        inside.badges[holder] = (times - 1, max(at, t))
