"""Access points: the state of each, from its events and its open alerts."""

from collections.abc import Iterator
from datetime import datetime
from typing import get_args

from msgspec.structs import replace

from monitor.core.alert import Alert
from monitor.core.events.door import Door
from monitor.core.meaning.door import DoorStatus, door_status
from monitor.core.venue.places import Place
from monitor.sinks.influx.read_model import DoorRecord, ReadModel
from monitor.sinks.influx.schema import NONE
from monitor.sinks.influx.state_measurements import (
    CLOSED,
    FORCED,
    HELD,
    OPEN,
    RANKS,
    UNKNOWN,
    DoorMeasurement,
)
from monitor.sinks.influx.tags import TagSource

BY_ALARM = {"forced_open": FORCED, "held_open": HELD}
"""The state of an open door by its controller's alarm."""
NO_CONTACT = 0
"""The value of `door.rank` where no contact reports: a turnstile, or an exit that only unlocks."""
PROJECTED = frozenset(get_args(Door))
"""The event types that `project` takes."""


def project(
    event: Door, t: datetime, tags: TagSource, model: ReadModel
) -> Iterator[DoorMeasurement]:
    """Apply a door's event; yield the door's state if the event is its latest."""
    place, status = tags.point(event.point), door_status(event)
    if place.of_point is None or status is None:
        return
    door = model.doors.setdefault(event.point, DoorRecord(t))
    _apply(door, status, t)
    if t >= door.at:
        door.at = t
        yield _door(place, t, tags, model)


def _apply(door: DoorRecord, status: DoorStatus, t: datetime) -> None:
    part = "mode" if status.part == "lock" else status.part
    if t < door.parts_at.get(part, t):
        return
    door.parts_at[part] = t
    match status.part:
        case "contact":
            was_open, door.open = door.open, status.state == "open"
            if not was_open or not door.open:
                door.opened_at = t if door.open else None
            if not door.open and door.parts_at.get("alarm", t) <= t:
                door.alarm = "normal"  # a controller that only reports alarms never says so
        case "alarm":
            door.alarm = status.state
        case "lock" | "mode":
            door.mode = status.state
        case "tamper":
            door.tamper = bool(status.state)
        case "fault":
            door.fault = bool(status.state)


def changed_by(
    alert: Alert, t: datetime, tags: TagSource, model: ReadModel
) -> Iterator[DoorMeasurement]:
    """Yield the state of an access point after a change of an alert about it: of a door in alarm, or held open."""
    place, door = tags.point(alert.point), model.doors.get(alert.point)
    in_alarm = door is not None and door.alarm in BY_ALARM
    if place.of_point is not None and (in_alarm or alert.rule in tags.held_open_rules):
        yield _door(place, t, tags, model)


def states(t: datetime, tags: TagSource, model: ReadModel) -> Iterator[DoorMeasurement]:
    """Yield the state of every access point of the venue."""
    for place in tags.places.points.values():
        yield _door(place, t, tags, model)


def _door(place: Place, t: datetime, tags: TagSource, model: ReadModel) -> DoorMeasurement:
    point = place.of_point
    kind, devices = (NONE, ()) if point is None else (point.kind, point.devices)
    door = model.doors.get(place.point)
    lost = any(_is_lost(name, t, tags, model) for name in devices)
    never_reported = DoorMeasurement(
        site=place.site or NONE,
        zone=place.zone or NONE,
        point=place.point,
        kind=kind,
        rank=RANKS[UNKNOWN] if lost else NO_CONTACT,
    )
    if door is None:
        return never_reported
    silent = any(name in model.devices and model.devices[name].offline for name in devices)
    since = door.opened_at if door.open else None
    state = UNKNOWN if silent else _state(place.point, door, tags, model)
    has_contact = door.open is not None or silent or lost
    return replace(
        never_reported,
        state=state,
        rank=RANKS[state] if has_contact or state != UNKNOWN else NO_CONTACT,
        mode=door.mode,
        open_s=0 if since is None else max(0, int((t - since).total_seconds())),
        tamper=int(door.tamper),
        fault=int(door.fault),
    )


def _is_lost(name: str, t: datetime, tags: TagSource, model: ReadModel) -> bool:
    """Return whether a device of a point does not report: then nobody knows the state of a door with a contact."""
    device, place = model.devices.get(name), tags.places.devices.get(name)
    if device is None or place is None or place.of_device is None:
        return True
    return device.offline or t - device.last_seen > place.of_device.silence_limit


def _state(point: str, door: DoorRecord, tags: TagSource, model: ReadModel) -> int:
    if door.open is False:
        return CLOSED
    alarms = [BY_ALARM[door.alarm]] if door.alarm in BY_ALARM else []
    if any(
        alert.point == point and alert.condition == "active" and alert.rule in tags.held_open_rules
        for alert in model.alerts.values()
    ):
        alarms.append(HELD)
    return max(alarms, default=UNKNOWN if door.open is None else OPEN)
