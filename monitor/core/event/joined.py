"""What the core joins from several words about one thing: rules may use it, nobody may send it."""

from monitor.core.event.said import AtPoint, OfZone
from monitor.core.event.words import Presence


class DoorStanding(AtPoint, frozen=True, kw_only=True, tag="door.standing"):
    """How a door stands by the latest words of its lock, of its mode and of its faults: each takes back only itself."""

    shut: bool
    """Its lock is thrown, its mode closes it, or it has a fault: one of these is enough."""
    unlocked: bool
    """Its lock is released, or its mode leaves it free: one of these is enough."""


class ZonePresence(OfZone, frozen=True, kw_only=True, tag="zone.presence"):
    """Whether anybody is in the zone, as far as that is known."""

    state: Presence
    open: bool
    """The zone admits people."""


Joined = DoorStanding | ZonePresence
"""What the core joins from several words about one thing."""
