"""The venue as the simulation walks through it: its points, zones and checklists, sorted by what can happen there."""

from typing import get_args

from monitor.core.events import Event
from monitor.core.events.vocabulary import HolderClass
from monitor.core.venue.model import Checklist, ChecklistItem, Point, Venue, Zone
from monitor.core.venue.places import Place, Places

BLOCKING = ("impairment", "critical")
"""A zone has not passed while an item of these classes is not passed."""
FLOWS = 0.8
"""Of what a point takes: an ordinary crowd never brings more."""
VISITORS: tuple[HolderClass, ...] = ("guest", "delegate", "press")


class Ground:
    """Finds what an incident needs; whatever the venue doesn't have is an empty list."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self.places = Places(venue)
        self.zones = {zone.id: zone for zone in venue.zones}
        self.required = [row for row in venue.checklists if venue.congress.phase in row.phases]
        """The checklists without which their zones have not passed."""
        self.first_site = venue.sites[0].id if venue.sites else venue.congress.id
        """Where something belongs that belongs nowhere."""
        self._devices = {row.id: self._site_of_device(row.id) for row in venue.devices}

    @property
    def passages(self) -> list[Point]:
        """Where people go in and out on an ordinary day, as often as they like and without waiting for another door."""
        return [
            point
            for point in self.venue.points
            if not (point.exit_only or point.timed_passback or point.interlock)
            and point.kind != "emergency_exit"
        ]

    @property
    def readers(self) -> list[Point]:
        """Where a badge is read."""
        return [point for point in self.passages if point.controlled]

    @property
    def sensed(self) -> list[Point]:
        """Where a badge is read and a sensor tells who passed."""
        return [point for point in self.readers if point.passage_sensor]

    @property
    def doors(self) -> list[Point]:
        """Doors with a reader, which have to be released."""
        return [point for point in self.readers if point.kind == "door"]

    @property
    def exits(self) -> list[Point]:
        """Emergency exits."""
        return [point for point in self.venue.points if point.kind == "emergency_exit"]

    @property
    def inspected(self) -> list[Checklist]:
        """Checklists that can take a zone's pass away."""
        return [row for row in self.required if blocking(row)]

    def takes(self, point: Point) -> int | None:
        """Return how many come in by a point in a minute, well below its limits; ``None`` where there are none."""
        limits: list[float] = []
        if point.kind in ("gate", "turnstile"):
            limits += [point.flow_limit or 0, (point.flow_limit_5m or 0) / 5]
        way_on = self.zones[point.zone].way_on
        if way_on is not None:
            limits.append(way_on / sum(row.zone == point.zone for row in self.passages))
        return max(1, int(FLOWS * min(limits))) if limits else None

    def admits(self, zone: str) -> list[HolderClass]:
        """Return the classes that may enter a zone at any hour; all where the venue names none."""
        found = {row.id for row in self.venue.classes if zone in row.zones and not row.schedule}
        known = [name for name in _CLASSES if name in found or not self.venue.classes]
        return known or ["staff"]

    def site_of(self, said: Event) -> str:
        """Return the site on whose topic an event is sent: of what it names, else the first one."""
        for table in ("point", "zone", "checklist"):
            name = getattr(said, table, "")
            found: dict[str, Place] = getattr(self.places, f"{table}s")
            if name in found:
                return found[name].site
        return self._devices.get(getattr(said, "device", ""), self.first_site)

    def _site_of_device(self, name: str) -> str:
        """Return the site of the nearest device that stands at an access point, along gateways."""
        near = [name]
        for other in near:
            place = self.places.devices[other]
            if place.site:
                return place.site
            through = (row.id for row in self.venue.devices if row.gateway == other)
            near += [row for row in (*through, place.gateway) if row and row not in near]
        return self.first_site


def staff(zone: Zone) -> int:
    """Return how many of the staff are in an open zone: never none, nor one where two must be."""
    return 2 if zone.two_person else 1


def blocking(checklist: Checklist) -> list[ChecklistItem]:
    """Return the items without which the zone has not passed."""
    return [line for line in checklist.items if line.criticality in BLOCKING]


_CLASSES: tuple[HolderClass, ...] = get_args(HolderClass)[:-1]
