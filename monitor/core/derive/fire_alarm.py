"""Fire alarms and pressed buttons by zone and input; a site has an alarm while one of its zones has a fire alarm."""

from collections.abc import Iterator
from datetime import datetime

from monitor.core.effects import Effects
from monitor.core.events.derived import SiteAlarm, ZoneAlarm
from monitor.core.events.monitor_senders import MonitorKeysCapped
from monitor.core.events.zone import EmergencyCleared, EmergencyFire, EmergencyManual
from monitor.core.state.rules import FactValue
from monitor.core.state.state import State
from monitor.core.state.time import TimestampedEvent
from monitor.core.venue.places import Place, Places

FOLLOWED = (EmergencyFire, EmergencyManual, EmergencyCleared)
"""The event types that start or end the alarm of an input."""
MOST = 10_000
"""The limit of inputs tracked for one kind, since senders choose their names."""
MOST_UNKNOWN = 1_000
"""The limit of inputs in zones that are not in the venue file: they take no room from the others."""
_Alarms = dict[str, FactValue]
_SEPARATOR = " / "


def follow(
    state: State, places: Places, timestamped: TimestampedEvent, place: Place, effects: Effects
) -> None:
    """Derive the alarms of a zone, and the start or end of the alarm of its site."""
    event = timestamped.event
    if not isinstance(event, EmergencyFire | EmergencyManual | EmergencyCleared) or not event.zone:
        return
    zone, site = event.zone, place.site
    alarms_before = _of_zone(state, zone)
    active_before = bool(site) and _is_active(state, places, site)
    ended = isinstance(event, EmergencyCleared) or _is_over(state, timestamped, event)
    if isinstance(event, EmergencyCleared):
        for alarms in (state.places.fire_alarms, state.places.buttons):
            _clear(alarms, places, zone, event.device, timestamped.t)
    elif not ended:
        alarms = (
            state.places.fire_alarms if isinstance(event, EmergencyFire) else state.places.buttons
        )
        key = _key(zone, event.device)
        if key not in alarms and not _has_room(alarms, places, zone):
            # It counts for the whole zone: only a reset of the whole zone ends it.
            key = place.zone
            effects.derive(MonitorKeysCapped(at=timestamped.t, rule="fire and emergency inputs"))
        if key:
            alarms[key] = FactValue(timestamped.t, holds=True)
    fire, button = _of_zone(state, zone)
    # Derive an end even if no alarm is known: an alert may still be open.
    if (fire, button) != alarms_before or ended:
        effects.derive(ZoneAlarm(at=timestamped.t, zone=zone, fire=fire, button=button))
    active = bool(site) and _is_active(state, places, site)
    if active != active_before:
        effects.derive(SiteAlarm(at=timestamped.t, site=site, zone=zone, active=active))


def current(state: State, places: Places, t: datetime) -> Iterator[SiteAlarm]:
    """Yield whether there is an alarm at each site, except for those that continue: new rules get them as last values.

    A repeated alarm would restart the wait of a rule although the holder has already reported.
    """
    for site in dict.fromkeys(place.site for place in places.zones.values()):
        active = bool(site) and _is_active(state, places, site)
        if site and not (active and site in state.people.mustering):
            yield SiteAlarm(at=t, site=site, active=active)


def _key(zone: str, device: str) -> str:
    return f"{zone}{_SEPARATOR}{device}" if device else zone


def _zone(key: str) -> str:
    return key.partition(_SEPARATOR)[0]


def _clear(alarms: _Alarms, places: Places, zone: str, device: str, t: datetime) -> None:
    """Record that one input is back to normal; without a device, the whole zone."""
    ended = [_key(zone, device)]
    if not device:
        ended += [key for key in alarms if key != zone and _zone(key) == zone]
    for key in ended:
        known = alarms.get(key)
        if (known is None and _has_room(alarms, places, zone)) or (
            known is not None and known.at <= t
        ):
            alarms[key] = FactValue(t, holds=False)


def _is_over(
    state: State, timestamped: TimestampedEvent, event: EmergencyFire | EmergencyManual
) -> bool:
    """Return whether a later event of an input, or of its whole zone, is already known.

    Replayed events arrive together: an alarm that is over requires no muster, so its end counts from the start.
    """
    alarms = state.places.fire_alarms if isinstance(event, EmergencyFire) else state.places.buttons
    own, whole = alarms.get(_key(event.zone, event.device)), alarms.get(event.zone)
    if own is not None and own.at > timestamped.t:
        return True
    if whole is not None and not whole.holds and whole.at > timestamped.t:
        return True
    return not timestamped.live and any(
        isinstance(row.event, EmergencyCleared)
        and row.event.zone == event.zone
        and row.event.device in ("", event.device)
        and row.t >= timestamped.t
        for row in state.time.waiting
    )


def _has_room(alarms: _Alarms, places: Places, zone: str) -> bool:
    """Return whether another input can be tracked; inputs that are back to normal make room."""
    if zone not in places.zones and len(alarms) >= MOST_UNKNOWN:
        unknown = [key for key in alarms if _zone(key) not in places.zones]
        if len(unknown) >= MOST_UNKNOWN:
            quiet = next((key for key in unknown if not alarms[key].holds), None)
            if quiet is None:
                return False
            del alarms[quiet]
    if len(alarms) >= MOST:
        quiet = next((key for key, known in alarms.items() if not known.holds), None)
        if quiet is None:
            return False
        del alarms[quiet]
    return True


def _of_zone(state: State, zone: str) -> tuple[bool, bool]:
    """Return whether a zone has a fire alarm, and a pressed button."""
    fire, button = (
        any(known.holds and _zone(key) == zone for key, known in alarms.items())
        for alarms in (state.places.fire_alarms, state.places.buttons)
    )
    return fire, button


def _is_active(state: State, places: Places, site: str) -> bool:
    return any(
        known.holds and (zone := _zone(key)) in places.zones and places.zones[zone].site == site
        for key, known in state.places.fire_alarms.items()
    )
