"""The fire alarm of each site: it begins with the first of its zones in which there is one, and ends with the last."""

from collections.abc import Iterator
from datetime import datetime

from monitor.core.event.joined import SiteAlarm
from monitor.core.event.zone import EmergencyCleared, EmergencyFire
from monitor.core.place import Place, Places
from monitor.core.state import Known, Moment, State

FOLLOWED = (EmergencyFire, EmergencyCleared)
"""The event types that begin or end the alarm of a zone."""


def follow(state: State, places: Places, moment: Moment, place: Place) -> Iterator[SiteAlarm]:
    """Take an event in; yield that the alarm of its site begins or is over. What had no fire alarm ends none."""
    if not place.site:
        return
    known = state.alarms.get(place.zone)
    if known is not None and known.at > moment.t:
        return
    before = _is_active(state, places, place.site)
    state.alarms[place.zone] = Known(moment.t, isinstance(moment.event, EmergencyFire))
    active = _is_active(state, places, place.site)
    if active != before:
        yield SiteAlarm(at=moment.t, site=place.site, zone=place.zone, active=active)


def told(state: State, places: Places, t: datetime) -> Iterator[SiteAlarm]:
    """Yield whether there is an alarm at each site: for rules that have not heard of it yet."""
    for site in dict.fromkeys(place.site for place in places.zones.values()):
        if site:
            yield SiteAlarm(at=t, site=site, active=_is_active(state, places, site))


def _is_active(state: State, places: Places, site: str) -> bool:
    return any(
        known.holds and zone in places.zones and places.zones[zone].site == site
        for zone, known in state.alarms.items()
    )
