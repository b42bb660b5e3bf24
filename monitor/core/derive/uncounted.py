"""Breaches: where people can pass uncounted, the number of those inside becomes a range."""

from collections.abc import Iterator
from datetime import timedelta
from math import ceil

from monitor.core.derive.occupancy import put, zone_state
from monitor.core.events.derived import ZoneOccupancy
from monitor.core.events.door import DoorAlarmChanged, DoorClosed, DoorOpened
from monitor.core.state.state import Moment, State
from monitor.core.venue.model import FLOW_ON_LEVEL
from monitor.core.venue.places import Place, Places

FOLLOWED = (DoorAlarmChanged, DoorClosed, DoorOpened)
"""The event types that begin or end a breach."""
MINUTE = timedelta(minutes=1)
USUAL_WIDTH_M = 1.0
"""Of a way on whose width the venue file doesn't say: a single door."""


def follow(state: State, places: Places, moment: Moment, place: Place) -> Iterator[ZoneOccupancy]:
    """Take an event in; yield the zones in which another number of persons may be now.

    An exit that is opened and a door that is forced let people pass uncounted until they are closed. Where a device
    counts who is inside nothing is lost.
    """
    match moment.event:
        case DoorOpened() if place.exit_only and moment.news:
            begins = True
        case DoorAlarmChanged(alarm="forced_open") if moment.news:
            begins = True
        case DoorClosed() | DoorAlarmChanged(alarm="normal"):
            begins = False
        case _:
            return
    point = place.of_point
    for zone in (place.zone, place.outer_zone) if point is not None else ():
        record = zone_state(state, places, zone) if zone else None
        if point is None or record is None or record.counted_at is not None:
            continue
        since = record.leaks.get(point.id)
        if begins == (since is not None):
            continue
        leaks = {name: at for name, at in record.leaks.items() if name != point.id}
        if since is None:
            leaks[point.id] = moment.t
        else:
            flow = point.leaving or USUAL_WIDTH_M * FLOW_ON_LEVEL
            record.uncounted += ceil(max(moment.t - since, timedelta(0)) / MINUTE * flow)
        record.leaks = leaks
        if record.standing.occupancy is not None:
            yield from put(state, record, record.standing.occupancy, moment)
