"""Doors: contact, lock, mode, alarms and faults (ONVIF DoorControl)."""

from typing import Annotated

from msgspec import Meta

from monitor.core.events.base import PointEvent
from monitor.core.events.vocabulary import DoorAlarm, DoorMode


class DoorOpened(PointEvent, frozen=True, kw_only=True, tag="door.opened"):
    """The contact reports the door open."""


class DoorClosed(PointEvent, frozen=True, kw_only=True, tag="door.closed"):
    """The contact reports the door closed."""


class DoorLocked(PointEvent, frozen=True, kw_only=True, tag="door.locked"):
    """The lock was thrown."""


class DoorUnlocked(PointEvent, frozen=True, kw_only=True, tag="door.unlocked"):
    """The lock was released."""


class DoorModeChanged(PointEvent, frozen=True, kw_only=True, tag="door.mode"):
    """The controller set a mode for the door."""

    mode: DoorMode


class DoorAlarmChanged(PointEvent, frozen=True, kw_only=True, tag="door.alarm"):
    """The controller's own alarm for the door changed."""

    alarm: DoorAlarm


class DoorTamper(PointEvent, frozen=True, kw_only=True, tag="door.tamper"):
    """The door's hardware reports tampering, or its end."""

    active: bool


class DoorFault(PointEvent, frozen=True, kw_only=True, tag="door.fault"):
    """The door's hardware reports a fault, or its end."""

    active: bool
    reason: Annotated[str, Meta(max_length=256)] = ""


Door = (
    DoorOpened
    | DoorClosed
    | DoorLocked
    | DoorUnlocked
    | DoorModeChanged
    | DoorAlarmChanged
    | DoorTamper
    | DoorFault
)
