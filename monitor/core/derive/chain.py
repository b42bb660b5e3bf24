"""What follows from an event for people, zones and devices: told to the rules as events of their own."""

from collections.abc import Callable, Iterator

from msgspec.structs import replace

from monitor.core.derive import anti_passback as passback
from monitor.core.derive import badge_issues as issues
from monitor.core.derive import contested_work as leads
from monitor.core.derive import device_liveness as hearing
from monitor.core.derive import doors, impairments, occupancy, presence, readings
from monitor.core.derive import enrich as recall
from monitor.core.derive import fire_alarm as alarm
from monitor.core.derive import holders as whereabouts
from monitor.core.derive import inspection_overlap as visits
from monitor.core.derive import inspection_pace as pace
from monitor.core.derive import message_gaps as counting
from monitor.core.derive import posts as staffing
from monitor.core.derive import uncounted as breach
from monitor.core.events import AnyEvent
from monitor.core.state.state import Moment, State, Timer
from monitor.core.venue.places import Place, Places

Concluded = Iterator[AnyEvent | Timer]
_Follow = Callable[[State, Places, Moment, Place], Concluded]


def conclude(state: State, places: Places, moment: Moment, place: Place) -> Concluded:
    """Take an event in; yield what follows from it, and from that in turn, and the timers that it needs."""
    for follow in _FOLLOWERS.get(type(moment.event), ()):
        for said in follow(state, places, moment, place):
            yield said
            if not isinstance(said, Timer) and type(said) in _FOLLOWERS:
                where = places.zones.get(getattr(said, "zone", ""), places.nowhere)
                yield from conclude(state, places, replace(moment, event=said), where)


_PARTS = (
    occupancy,
    presence,
    breach,
    doors,
    hearing,
    counting,
    alarm,
    whereabouts,
    passback,
    staffing,
    readings,
    issues,
    pace,
    visits,
    impairments,
    leads,
    recall,
)


def _by_type() -> dict[type, list[_Follow]]:
    found: dict[type, list[_Follow]] = {}
    for part in _PARTS:
        for kind in part.FOLLOWED:
            found.setdefault(kind, []).append(part.follow)
    return found


_FOLLOWERS = _by_type()
FOLLOWED = frozenset(_FOLLOWERS)
"""The event types from which something follows."""
