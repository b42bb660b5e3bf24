"""Breaches: if people can pass uncounted, the number of people inside becomes a range."""

from datetime import timedelta
from math import ceil

from monitor.core.derive.occupancy import expire, is_counted, put, zone_state
from monitor.core.effects import Effects
from monitor.core.events.door import DoorAlarmChanged, DoorClosed, DoorOpened
from monitor.core.state.state import State
from monitor.core.state.time import TimestampedEvent
from monitor.core.venue.model import FLOW_ON_LEVEL
from monitor.core.venue.places import Place, Places

FOLLOWED = (DoorAlarmChanged, DoorClosed, DoorOpened)
"""The event types that begin or end a breach."""
MINUTE = timedelta(minutes=1)
USUAL_WIDTH_M = 1.0
"""The width of a way without one in venue.toml: a single door."""


def follow(
    state: State, places: Places, timestamped: TimestampedEvent, place: Place, effects: Effects
) -> None:
    """Derive the zones whose number of people has become uncertain.

    People can pass uncounted through an open exit or a forced door until it is closed. The doubt lasts as long as they
    may stay. If a device counts the people inside, nothing becomes uncertain.
    """
    match timestamped.event:
        case DoorOpened() if place.exit_only and timestamped.live:
            begins = True
        case DoorAlarmChanged(alarm="forced_open") if timestamped.live:
            begins = True
        case DoorClosed() | DoorAlarmChanged(alarm="normal"):
            begins = False
        case _:
            return
    point = place.of_point
    for zone in (place.zone, place.outer_zone) if point is not None else ():
        record = zone_state(state, places, zone) if zone else None
        if point is None or record is None or is_counted(record, timestamped.t):
            continue
        if places.counting.get(zone) == "none":
            continue
        since = record.leaks.get(point.id)
        if begins == (since is not None):
            continue
        leaks = {name: at for name, at in record.leaks.items() if name != point.id}
        if since is None:
            leaks[point.id] = timestamped.t
        else:
            flow = point.leaving or USUAL_WIDTH_M * FLOW_ON_LEVEL
            record.uncounted += ceil(max(timestamped.t - since, timedelta(0)) / MINUTE * flow)
            record.uncounted_at = max(record.uncounted_at, timestamped.t)
            expire(places, record, timestamped.t, effects)
        record.leaks = leaks
        if record.status.occupancy is not None:
            put(state, record, record.status.occupancy, timestamped.t, effects)
