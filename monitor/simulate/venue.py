"""The venue as the simulation sees it: its points, zones and checklists by what can happen there."""

from monitor.core.events import ReceivedEvent
from monitor.core.events.vocabulary import HolderClass
from monitor.core.venue.accreditation import UNKNOWN
from monitor.core.venue.checklist import Checklist, ChecklistItem
from monitor.core.venue.model import Point, Venue, Zone
from monitor.core.venue.places import Place, Places

BLOCKING = ("impairment", "critical")
"""A zone has not passed while an item of one of these classes has not passed."""
FLOWS = 0.8
"""The largest ordinary flow, as a share of a point's limit."""
DUTY_OFFICER = "duty-officer"
"""Approves inspections; once a monitor has accounts, this person needs one that may approve."""
SAFETY_OFFICER = "safety-officer"
"""Signs zones off, and sends that itself; the monitor has to name this sender, and let this person sign."""
VISITORS: tuple[HolderClass, ...] = ("guest", "delegate", "press")


class SimulatedVenue:
    """The places an incident may need; an empty list for what the venue doesn't have."""

    def __init__(self, venue: Venue) -> None:
        self.model = venue
        self.places = Places(venue)
        self.classes = [name for name in self.places.classes if name != UNKNOWN]
        self.zones = {zone.id: zone for zone in venue.zones}
        self.required = [row for row in venue.checklists if venue.congress.phase in row.phases]
        """The checklists without which their zones have not passed."""
        self.first_site = venue.sites[0].id if venue.sites else venue.congress.id
        """The site of messages that belong to none."""
        self._devices = {row.id: self._site_of_device(row.id) for row in venue.devices}

    @property
    def passages(self) -> list[Point]:
        """Points at which people pass freely on an ordinary day, as often as they like."""
        return [
            point
            for point in self.model.points
            if not (point.exit_only or point.timed_passback or point.interlock)
            and point.kind != "emergency_exit"
        ]

    @property
    def readers(self) -> list[Point]:
        """Points at which a badge is read."""
        return [point for point in self.passages if point.controlled]

    @property
    def sensed(self) -> list[Point]:
        """Points with a reader and a passage sensor."""
        return [point for point in self.readers if point.passage_sensor]

    @property
    def doors(self) -> list[Point]:
        """Doors with a reader, which must be released."""
        return [point for point in self.readers if point.kind == "door"]

    @property
    def exits(self) -> list[Point]:
        """Emergency exits."""
        return [point for point in self.model.points if point.kind == "emergency_exit"]

    @property
    def inspected(self) -> list[Checklist]:
        """Checklists without which a zone loses its pass."""
        return [row for row in self.required if blocking(row)]

    def takes(self, point: Point) -> int | None:
        """Return how many people enter through a point per minute, well below its limits; ``None`` without limits."""
        limits: list[float] = []
        if point.kind in ("gate", "turnstile"):
            limits += [point.flow_limit or 0, (point.flow_limit_5m or 0) / 5]
        way_on = self.zones[point.zone].way_on
        if way_on is not None:
            limits.append(way_on / sum(row.zone == point.zone for row in self.passages))
        return max(1, int(FLOWS * min(limits))) if limits else None

    def admits(self, zone: str) -> list[HolderClass]:
        """Return the classes that may enter a zone at any hour; all of them if the venue names none."""
        found = {row.id for row in self.model.classes if zone in row.zones and not row.schedule}
        known = [name for name in self.classes if name in found or not self.model.classes]
        return known or ["staff"]

    def site_of(self, event: ReceivedEvent) -> str:
        """Return the site on whose topic an event is sent: that of the place it names, or the first one."""
        for table in ("point", "zone", "checklist"):
            name = getattr(event, table, "")
            found: dict[str, Place] = getattr(self.places, f"{table}s")
            if name in found:
                return found[name].site
        return self._devices.get(getattr(event, "device", ""), self.first_site)

    def _site_of_device(self, name: str) -> str:
        """Return the site of the nearest device at an access point, following gateways."""
        near = [name]
        for other in near:
            place = self.places.devices[other]
            if place.site:
                return place.site
            through = (row.id for row in self.model.devices if row.gateway == other)
            near += [row for row in (*through, place.gateway) if row and row not in near]
        return self.first_site


def staff(zone: Zone) -> int:
    """Return how many staff are in an open zone: at least one, or two under the two-person rule."""
    return 2 if zone.two_person else 1


def blocking(checklist: Checklist) -> list[ChecklistItem]:
    """Return the items of a checklist without which its zone has not passed."""
    return [line for line in checklist.items if line.criticality in BLOCKING]
