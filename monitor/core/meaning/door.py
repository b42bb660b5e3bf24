"""Doors: which part of a door an event is about, what it reports, and what the reports mean together."""

from collections.abc import Collection
from typing import Literal, NamedTuple

from monitor.core.events import AnyEvent
from monitor.core.events.door import (
    DoorAlarmChanged,
    DoorClosed,
    DoorFault,
    DoorLocked,
    DoorModeChanged,
    DoorOpened,
    DoorTamper,
    DoorUnlocked,
)
from monitor.core.events.vocabulary import DoorAlarm, DoorMode

DoorPart = Literal["contact", "lock", "mode", "alarm", "tamper", "fault"]
PartState = (
    Literal["open", "closed", "locked", "unlocked", "tamper", "fault", ""] | DoorMode | DoorAlarm
)
"""What a part reports; empty: neither tamper nor fault."""
FAULT: Literal["fault"] = "fault"
"""The state of a faulty part; empty otherwise."""
TAMPER: Literal["tamper"] = "tamper"
"""The state of a door that is being tampered with; empty otherwise."""
CLOSED_MODES = ("locked", "blocked", "locked_down", "double_locked")
FREE_MODES = ("unlocked", "accessed", "locked_open")
_SHUT = (*CLOSED_MODES, FAULT)


class DoorStatus(NamedTuple):
    """The state of one part of a door."""

    part: DoorPart
    state: PartState


def door_status(event: AnyEvent) -> DoorStatus | None:
    """Return the part of a door that an event is about, and its state; ``None`` if it is not about a door.

    A mode may be ``unknown``: the previous one may no longer apply.
    """
    match event:
        case DoorOpened():
            return DoorStatus("contact", "open")
        case DoorClosed():
            return DoorStatus("contact", "closed")
        case DoorLocked():
            return DoorStatus("lock", "locked")
        case DoorUnlocked():
            return DoorStatus("lock", "unlocked")
        case DoorModeChanged(mode=mode):
            return DoorStatus("mode", mode)
        case DoorAlarmChanged(alarm=alarm):
            return DoorStatus("alarm", alarm)
        case DoorTamper(active=active):
            return DoorStatus("tamper", TAMPER if active else "")
        case DoorFault(active=active):
            return DoorStatus("fault", FAULT if active else "")
        case _:
            return None


def is_shut(states: Collection[str]) -> bool:
    """Return whether no one can pass a door whose lock, mode and fault have these states."""
    return any(state in _SHUT for state in states)


def is_unlocked(states: Collection[str]) -> bool:
    """Return whether anyone can pass a door whose lock, mode and fault have these states."""
    return any(state in FREE_MODES for state in states)
