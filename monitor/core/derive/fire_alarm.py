"""The fire alarms and pressed buttons of each zone, input by input; the alarm of a site lasts as long as any fire's."""

from collections.abc import Iterator
from datetime import datetime

from monitor.core.events.derived import SiteAlarm, ZoneAlarm
from monitor.core.events.monitor import MonitorKeysCapped
from monitor.core.events.zone import EmergencyCleared, EmergencyFire, EmergencyManual
from monitor.core.state.state import Known, Moment, State
from monitor.core.venue.places import Place, Places

FOLLOWED = (EmergencyFire, EmergencyManual, EmergencyCleared)
"""The event types that begin or end the alarm of an input."""
MOST = 10_000
"""Inputs of one sort that are followed; senders choose their names."""
_Alarms = dict[str, Known]
_SEPARATOR = " / "


def follow(
    state: State, places: Places, moment: Moment, place: Place
) -> Iterator[ZoneAlarm | SiteAlarm | MonitorKeysCapped]:
    """Take an event in; yield how the alarms of its zone stand, and that the alarm of its site begins or is over."""
    said = moment.event
    if not isinstance(said, EmergencyFire | EmergencyManual | EmergencyCleared) or not said.zone:
        return
    zone, site = said.zone, place.site
    stood = _stands(state, zone)
    before = bool(site) and _is_active(state, places, site)
    ended = isinstance(said, EmergencyCleared) or _is_over(state, moment, said)
    if isinstance(said, EmergencyCleared):
        for alarms in (state.alarms, state.buttons):
            _clear(alarms, zone, said.device, moment.t)
    elif not ended:
        alarms = state.alarms if isinstance(said, EmergencyFire) else state.buttons
        key = _key(zone, said.device)
        if key not in alarms and not _has_room(alarms):
            # It counts as the zone's own: only a word for the whole zone ends it.
            key = place.zone
            yield MonitorKeysCapped(at=moment.t, rule="fire and emergency inputs")
        if key:
            alarms[key] = Known(moment.t, holds=True)
    stands = _stands(state, zone)
    # An end is told also where nothing was known to be on: an alert may be open all the same.
    if stands != stood or ended:
        yield ZoneAlarm(at=moment.t, zone=zone, fire=stands[0], button=stands[1])
    active = bool(site) and _is_active(state, places, site)
    if active != before:
        yield SiteAlarm(at=moment.t, site=site, zone=zone, active=active)


def told(state: State, places: Places, t: datetime) -> Iterator[SiteAlarm]:
    """Yield whether there is an alarm at each site, but for those that go on: new rules know of them by what stands.

    Told again, one would begin anew for a rule that has seen the end of its wait: somebody has reported.
    """
    for site in dict.fromkeys(place.site for place in places.zones.values()):
        active = bool(site) and _is_active(state, places, site)
        if site and not (active and site in state.mustering):
            yield SiteAlarm(at=t, site=site, active=active)


def _key(zone: str, device: str) -> str:
    return f"{zone}{_SEPARATOR}{device}" if device else zone


def _zone(key: str) -> str:
    return key.partition(_SEPARATOR)[0]


def _clear(alarms: _Alarms, zone: str, device: str, t: datetime) -> None:
    """Put down that one input is back to normal; without a name: the whole zone."""
    ended = [_key(zone, device)]
    if not device:
        ended += [key for key in alarms if key != zone and _zone(key) == zone]
    for key in ended:
        known = alarms.get(key)
        if (known is None and _has_room(alarms)) or (known is not None and known.at <= t):
            alarms[key] = Known(t, holds=False)


def _is_over(state: State, moment: Moment, said: EmergencyFire | EmergencyManual) -> bool:
    """Tell whether something later is known of an input already, of itself or of its whole zone.

    What was kept comes all at once: of an alarm that is over nobody expects a muster, so its end counts from then on.
    """
    alarms = state.alarms if isinstance(said, EmergencyFire) else state.buttons
    own, whole = alarms.get(_key(said.zone, said.device)), alarms.get(said.zone)
    if own is not None and own.at > moment.t:
        return True
    if whole is not None and not whole.holds and whole.at > moment.t:
        return True
    return not moment.news and any(
        isinstance(row.event, EmergencyCleared)
        and row.event.zone == said.zone
        and row.event.device in ("", said.device)
        and row.t >= moment.t
        for row in state.waiting
    )


def _has_room(alarms: _Alarms) -> bool:
    """Tell whether another input can be followed; what is normal again makes room for it."""
    if len(alarms) >= MOST:
        quiet = next((key for key, known in alarms.items() if not known.holds), None)
        if quiet is None:
            return False
        del alarms[quiet]
    return True


def _stands(state: State, zone: str) -> tuple[bool, bool]:
    """Return whether a zone has a fire alarm, and a pressed button."""
    fire, button = (
        any(known.holds and _zone(key) == zone for key, known in alarms.items())
        for alarms in (state.alarms, state.buttons)
    )
    return fire, button


def _is_active(state: State, places: Places, site: str) -> bool:
    return any(
        known.holds and (zone := _zone(key)) in places.zones and places.zones[zone].site == site
        for key, known in state.alarms.items()
    )
