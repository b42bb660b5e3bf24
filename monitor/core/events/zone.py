"""Zone and emergency: opened and closed, counted, evacuated."""

from typing import Annotated

from msgspec import Meta

from monitor.core.events.base import OfZone
from monitor.core.events.vocabulary import Count, OccupancyState


class ZoneOpened(OfZone, frozen=True, kw_only=True, tag="zone.opened"):
    """The zone admits people from now on."""

    who: Annotated[str, Meta(max_length=128)] = ""


class ZoneClosed(OfZone, frozen=True, kw_only=True, tag="zone.closed"):
    """The zone admits nobody any more."""

    who: Annotated[str, Meta(max_length=128)] = ""


class ZoneCount(OfZone, frozen=True, kw_only=True, tag="zone.count"):
    """So many persons are inside, as a camera or turnstile counts them."""

    count: Count
    device: Annotated[str, Meta(max_length=128)] = ""


class ZoneOccupancyState(OfZone, frozen=True, kw_only=True, tag="zone.occupancy_state"):
    """The controller's own word on how full the zone is."""

    state: OccupancyState


class EmergencyFire(OfZone, frozen=True, kw_only=True, tag="emergency.fire"):
    """A fire detector, call point or panel input."""

    device: Annotated[str, Meta(max_length=128)] = ""
    """Which one, so that its end does not end another's."""


class EmergencyManual(OfZone, frozen=True, kw_only=True, tag="emergency.manual"):
    """A person pressed an emergency button."""

    device: Annotated[str, Meta(max_length=128)] = ""


class EmergencyCleared(OfZone, frozen=True, kw_only=True, tag="emergency.cleared"):
    """The emergency input went back to normal."""

    device: Annotated[str, Meta(max_length=128)] = ""
    """Only this input did, and only what it had raised by name; empty: all inputs of the zone."""


Zone = ZoneOpened | ZoneClosed | ZoneCount | ZoneOccupancyState
Emergency = EmergencyFire | EmergencyManual | EmergencyCleared
