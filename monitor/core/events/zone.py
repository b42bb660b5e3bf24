"""Zones and emergencies: opened and closed, counted, evacuated."""

from typing import Annotated

from msgspec import Meta

from monitor.core.events.base import ZoneEvent
from monitor.core.events.vocabulary import Count, OccupancyState


class ZoneOpened(ZoneEvent, frozen=True, kw_only=True, tag="zone.opened"):
    """The zone admits people from now on."""

    who: Annotated[str, Meta(max_length=128)] = ""


class ZoneClosed(ZoneEvent, frozen=True, kw_only=True, tag="zone.closed"):
    """The zone admits no one from now on."""

    who: Annotated[str, Meta(max_length=128)] = ""


class ZoneCount(ZoneEvent, frozen=True, kw_only=True, tag="zone.count"):
    """The number of persons inside, as a camera, a turnstile or a person counts them."""

    count: Count
    device: Annotated[str, Meta(max_length=128)] = ""
    who: Annotated[str, Meta(max_length=128)] = ""
    """The person who counted by hand."""


class ZoneOccupancyState(ZoneEvent, frozen=True, kw_only=True, tag="zone.occupancy_state"):
    """The controller's own assessment of how full the zone is."""

    state: OccupancyState


class EmergencyFire(ZoneEvent, frozen=True, kw_only=True, tag="emergency.fire"):
    """A fire detector, call point or panel input."""

    device: Annotated[str, Meta(max_length=128)] = ""
    """The input that raised it, so that clearing it does not clear another's."""


class EmergencyManual(ZoneEvent, frozen=True, kw_only=True, tag="emergency.manual"):
    """An emergency button was pressed."""

    device: Annotated[str, Meta(max_length=128)] = ""


class EmergencyCleared(ZoneEvent, frozen=True, kw_only=True, tag="emergency.cleared"):
    """An emergency input returned to normal."""

    device: Annotated[str, Meta(max_length=128)] = ""
    """The input, which clears only what it raised under this name; empty for all inputs of the zone."""


Zone = ZoneOpened | ZoneClosed | ZoneCount | ZoneOccupancyState
Emergency = EmergencyFire | EmergencyManual | EmergencyCleared
