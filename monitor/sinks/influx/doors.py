"""Access points and the flow through them: how they stand, from events and from the alerts about them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import get_args

from msgspec.structs import replace

from monitor.core.alert import Alert
from monitor.core.events.access import AccessDenied, AccessGranted, AccessTaken
from monitor.core.events.door import (
    Door,
    DoorAlarmChanged,
    DoorClosed,
    DoorFault,
    DoorLocked,
    DoorModeChanged,
    DoorOpened,
    DoorTamper,
    DoorUnlocked,
)
from monitor.core.venue.places import Place
from monitor.sinks.influx import measurements as to
from monitor.sinks.influx.events import is_passage
from monitor.sinks.influx.read_model import DoorState, Picture
from monitor.sinks.influx.schema import NONE
from monitor.sinks.influx.tags import Ground
from monitor.sinks.influx.timestamps import nanoseconds

BY_RULE = {
    "door-forced": to.FORCED,
    "door-held-open": to.HELD,
    "door-held-open-critical": to.HELD,
}
"""Rules of rules/doors.toml whose alerts say how a door stands, also where its controller doesn't."""
BY_ALARM = {"forced_open": to.FORCED, "held_open": to.HELD}
FOLLOWED = frozenset(get_args(Door))
"""The event types of which `follow` has to hear."""
Counted = AccessGranted | AccessTaken | AccessDenied
"""What `count` counts."""
MINUTE = 60
LONGEST_FLOW = 24 * 60
"""Minutes; what a broker had kept for longer is in `access` only."""
_IN, _OUT, _DENIED = 0, 1, 2


def follow(said: Door, t: datetime, ground: Ground, picture: Picture) -> Iterator[to.Door]:
    """Take a door's event in; yield how the door stands now, if the event is the latest about it."""
    place = ground.point(said.point)
    if place.of_point is None:
        return
    door = picture.doors.get(said.point)
    if door is None:
        door = picture.doors[said.point] = DoorState(t)
    elif t < door.at:
        return
    door.at = t
    _describe(door, said, t)
    yield _door(place, t, picture)


def _describe(door: DoorState, said: Door, t: datetime) -> None:
    match said:
        case DoorOpened():
            door.opened_at = door.opened_at if door.open else t
            door.open = True
        case DoorClosed():
            door.open, door.opened_at = False, None
        case DoorAlarmChanged(alarm=alarm):
            door.alarm = alarm
        case DoorModeChanged(mode=mode):
            door.mode = mode
        case DoorLocked() | DoorUnlocked():
            door.mode = "locked" if isinstance(said, DoorLocked) else "unlocked"
        case DoorTamper(active=active):
            door.tamper = active
        case DoorFault(active=active):
            door.fault = active


def touched(alert: Alert, t: datetime, ground: Ground, picture: Picture) -> Iterator[to.Door]:
    """Yield how a door stands after an alert that says so has changed."""
    place = ground.point(alert.point)
    if alert.rule in BY_RULE and place.of_point is not None:
        yield _door(place, t, picture)


def standing(t: datetime, ground: Ground, picture: Picture) -> Iterator[to.Door]:
    """Yield how every access point of the venue stands."""
    for place in ground.places.points.values():
        yield _door(place, t, picture)


def _door(place: Place, t: datetime, picture: Picture) -> to.Door:
    point = place.of_point
    kind, devices = (NONE, ()) if point is None else (point.kind, point.devices)
    door = picture.doors.get(place.point)
    unheard = to.Door(
        site=place.site or NONE, zone=place.zone or NONE, point=place.point, kind=kind
    )
    if door is None:
        return unheard
    silent = any(name in picture.devices and picture.devices[name].offline for name in devices)
    since = door.opened_at if door.open else None
    return replace(
        unheard,
        state=to.UNKNOWN if silent else _state(place.point, door, picture),
        mode=door.mode,
        open_s=0 if since is None else max(0, int((t - since).total_seconds())),
        tamper=int(door.tamper),
        fault=int(door.fault),
    )


def _state(point: str, door: DoorState, picture: Picture) -> int:
    if door.open is False:
        return to.CLOSED
    raised = [
        BY_RULE[alert.rule]
        for alert in picture.alerts.values()
        if alert.point == point and alert.rule in BY_RULE and alert.condition == "active"
    ]
    unalarmed = to.UNKNOWN if door.open is None else to.OPEN
    return max(raised, default=BY_ALARM.get(door.alarm, unalarmed))


# Flow -------------------------------------------------------------------------------------------------------------


def count(said: Counted, t: datetime, ground: Ground, picture: Picture) -> None:
    """Count a passage or a refusal in its minute; one whose minute is written already is not counted any more."""
    place = ground.point(said.point)
    denied = isinstance(said, AccessDenied)
    minute = nanoseconds(t) // (MINUTE * 10**9)
    if minute < picture.flow_from or not (denied or is_passage(said, place)):
        return
    row = picture.minutes.setdefault(minute, {}).setdefault(said.point, [0, 0, 0])
    row[_DENIED if denied else _OUT if said.direction == "out" else _IN] += 1


def flow(t: datetime, ground: Ground, picture: Picture) -> Iterator[tuple[to.Flow, int]]:
    """Yield the flow of each minute that has been over for one, and when it began in nanoseconds."""
    latest = nanoseconds(t - timedelta(seconds=2 * MINUTE)) // (MINUTE * 10**9)
    first = max(picture.flow_from or latest, latest - LONGEST_FLOW)
    for minute in range(first, latest + 1):
        rows = picture.minutes.get(minute, {})
        for place in ground.places.points.values():
            passed_in, passed_out, denied = rows.get(place.point, (0, 0, 0))
            yield (
                to.Flow(
                    site=place.site or NONE,
                    zone=place.zone or NONE,
                    point=place.point,
                    passed_in=passed_in,
                    passed_out=passed_out,
                    denied=denied,
                    per_hour=(passed_in + passed_out) * 60,
                ),
                minute * MINUTE * 10**9,
            )
    picture.flow_from = latest + 1
    picture.minutes = {minute: rows for minute, rows in picture.minutes.items() if minute > latest}
