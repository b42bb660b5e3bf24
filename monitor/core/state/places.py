"""Zones, doors, fire alarms and schedules, as events have described them."""

from datetime import datetime
from typing import Literal

from msgspec import Struct, field

from monitor.core.events.vocabulary import Presence
from monitor.core.meaning.door import DoorPart, PartState
from monitor.core.state.rules import FactValue
from monitor.core.state.time import LONG_AGO
from monitor.core.transitions import ZoneStatus


class DoorReport(Struct, frozen=True):
    """The latest report of one part of a door."""

    at: datetime
    state: PartState = field(name="word")


class DoorState(Struct):
    """A door, as its parts have reported it."""

    reports: dict[DoorPart, DoorReport] = field(default_factory=dict, name="words")
    """By part: its lock, its mode, its faults."""
    shut: bool = False
    unlocked: bool = False


class ZoneState(Struct):
    """A zone."""

    status: ZoneStatus = field(name="standing")
    counted_at: datetime | None = None
    """When the people inside were last counted."""
    counted_by: Literal["device", "hand", ""] = ""
    """Who counted them; empty: the count does not tell."""
    inside: dict[str, datetime] = {}
    """By holder, or by a name for a passage without one: when they last entered."""
    expires_at: datetime | None = None
    """When the next of them, or a doubt about the count, expires."""
    opened_at: datetime = LONG_AGO
    """When it was last opened or closed."""
    shut_at: datetime | None = None
    """Since when it has been closed."""
    night_at: datetime = LONG_AGO
    """When it was closed for the latest night after which it was opened again."""
    leaks: dict[str, datetime] = {}
    """By access point: since when people can pass there uncounted."""
    uncounted: int = 0
    """How many people may have passed uncounted since the number inside was last known."""
    uncounted_at: datetime = LONG_AGO
    """When the last of them may have passed."""
    presence: tuple[Presence, bool] = ("unknown", False)
    """Whether anyone is inside, and whether it is open, as last derived."""


class PlacesState(Struct):
    """The venue."""

    zones: dict[str, ZoneState] = {}
    """By zone."""
    doors: dict[str, DoorState] = {}
    """By access point of the venue."""
    fire_alarms: dict[str, FactValue] = {}
    """By zone, or zone and input separated by " / ": whether there is a fire alarm, and since when."""
    buttons: dict[str, FactValue] = {}
    """The same for emergency buttons."""
    schedules: dict[str, datetime] = {}
    """By schedule: when its hours next begin or end."""
    published: dict[str, ZoneStatus] = {}
    """By zone: the status as last published."""
    unpublished: dict[str, None] = {}
    """Zones whose status has changed since."""
