"""Door: what the door itself does (ONVIF DoorControl)."""

from typing import Annotated

from msgspec import Meta

from monitor.core.events.base import AtPoint
from monitor.core.events.vocabulary import DoorAlarm, DoorMode


class DoorOpened(AtPoint, frozen=True, kw_only=True, tag="door.opened"):
    """The contact says open."""


class DoorClosed(AtPoint, frozen=True, kw_only=True, tag="door.closed"):
    """The contact says closed."""


class DoorLocked(AtPoint, frozen=True, kw_only=True, tag="door.locked"):
    """The lock is thrown."""


class DoorUnlocked(AtPoint, frozen=True, kw_only=True, tag="door.unlocked"):
    """The lock is released."""


class DoorModeChanged(AtPoint, frozen=True, kw_only=True, tag="door.mode"):
    """The controller's mode for the door."""

    mode: DoorMode


class DoorAlarmChanged(AtPoint, frozen=True, kw_only=True, tag="door.alarm"):
    """The controller's own alarm for the door."""

    alarm: DoorAlarm


class DoorTamper(AtPoint, frozen=True, kw_only=True, tag="door.tamper"):
    """Somebody works at the door's hardware."""

    active: bool


class DoorFault(AtPoint, frozen=True, kw_only=True, tag="door.fault"):
    """The door's hardware reports a fault."""

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
