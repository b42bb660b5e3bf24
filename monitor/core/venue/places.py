"""Where an event belongs: what the venue knows of the point, zone, device or checklist that it names."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Literal

from msgspec import Struct

from monitor.core.venue.calendar import NO_CALENDAR, Calendar
from monitor.core.venue.model import (
    Checklist,
    Criticality,
    Device,
    Point,
    PointKind,
    SiteKind,
    Venue,
    Zone,
)


class Place(Struct, frozen=True, kw_only=True):
    """Where an event belongs: what the venue knows about the point, zone, device or checklist that it names.

    Rules name these fields like the event's own; an event's own field of the same name wins.
    """

    site: str = ""
    site_kind: Literal[SiteKind, ""] = ""
    zone: str = ""
    """The zone concerned; for an access point its inner side."""
    outer_zone: str = ""
    point: str = ""
    point_kind: Literal[PointKind, ""] = ""
    controlled: bool = False
    passage_sensor: bool = False
    two_person: bool = False
    anti_passback: bool = False
    exit_only: bool = False
    interlock: str = ""
    timed_passback: bool = False
    criticality: Literal[Criticality, ""] = ""
    """Of a checklist's item: what a failure means."""
    exits: bool = False
    """Of a checklist's item: a failure means that a way out is locked or blocked."""
    lead: str = ""
    gateway: str = ""
    admits: tuple[str, ...] | None = ()
    """The classes of accreditation that may enter the zone; ``None`` where the venue has no classes."""
    of_zone: Zone | None = None
    of_point: Point | None = None
    of_device: Device | None = None
    of_checklist: Checklist | None = None
    calendar: Calendar = NO_CALENDAR


NOWHERE = Place()
"""The place of whatever the venue file doesn't know."""


class Places:
    """Finds the place of an event by the name it carries."""

    __slots__ = (
        "_behind",
        "_chains",
        "_shortest_way",
        "_ways",
        "checklists",
        "devices",
        "nowhere",
        "points",
        "posts",
        "rounds",
        "senses",
        "sensors",
        "zones",
    )

    points: Mapping[str, Place]
    zones: Mapping[str, Place]
    devices: Mapping[str, Place]
    checklists: Mapping[str, Place]
    nowhere: Place
    """Of whatever the venue doesn't know; its calendar holds there too."""
    sensors: Mapping[str, tuple[str, ...]]
    """By zone: the devices that watch it."""
    senses: Mapping[str, tuple[str, ...]]
    """By device: the zones that are watched by it, or through it."""

    def __init__(self, venue: Venue) -> None:
        kinds = {site.id: site.kind for site in venue.sites}
        zones = {zone.id: zone for zone in venue.zones}
        admits = _admits(venue)
        calendar = Calendar(venue)
        self.nowhere = Place(calendar=calendar)

        def inside(zone: Zone | None) -> dict[str, object]:
            if zone is None:
                return {}
            return {
                "site": zone.site,
                "site_kind": kinds.get(zone.site, ""),
                "zone": zone.id,
                "two_person": zone.two_person,
                "anti_passback": zone.anti_passback,
                "admits": admits.get(zone.id, ()) if venue.classes else None,
                "of_zone": zone,
            }

        def around(point: Point) -> dict[str, object]:
            return inside(zones.get(point.zone)) | {
                "outer_zone": point.outer_zone,
                "point": point.id,
                "point_kind": point.kind,
                "controlled": point.controlled,
                "passage_sensor": point.passage_sensor,
                "exit_only": point.exit_only or point.kind == "emergency_exit",
                "interlock": point.interlock,
                "timed_passback": point.timed_passback,
                "of_point": point,
            }

        place = partial(Place, calendar=calendar)
        at_point = {device: point for point in venue.points for device in point.devices}
        self.zones = {zone.id: place(**inside(zone)) for zone in venue.zones}  # type: ignore[arg-type]
        self.points = {point.id: place(**around(point)) for point in venue.points}  # type: ignore[arg-type]
        self.devices = {
            device.id: place(
                **(around(at_point[device.id]) if device.id in at_point else {}),  # type: ignore[arg-type]
                gateway=device.gateway,
                of_device=device,
            )
            for device in venue.devices
        }
        self.checklists = {
            checklist.id: place(
                **inside(zones.get(checklist.zone)),  # type: ignore[arg-type]
                lead=checklist.lead,
                of_checklist=checklist,
            )
            for checklist in venue.checklists
        }
        self.posts = {post.id: post for post in venue.posts}
        self.rounds = {row.id: row for row in venue.rounds}
        self._ways = {frozenset(way.sites): way.takes for way in venue.ways}
        self._shortest_way = venue.congress.shortest_way
        self._chains = {device.id: _chain(device.id, venue) for device in venue.devices}
        gateways = dict.fromkeys(device.gateway for device in venue.devices if device.gateway)
        self._behind = {
            gateway: tuple(row.id for row in venue.devices if row.gateway == gateway)
            for gateway in gateways
        }
        self.sensors = {zone.id: _sensors(zone, venue) for zone in venue.zones}
        self.senses = {
            device.id: tuple(
                zone
                for zone, sensors in self.sensors.items()
                if any(device.id in self.chain(sensor) for sensor in sensors)
            )
            for device in venue.devices
        }

    def way(self, one: str, other: str) -> timedelta:
        """Return how long it takes at least from one site to another."""
        return self._ways.get(frozenset((one, other)), self._shortest_way)

    def chain(self, device: str) -> tuple[str, ...]:
        """Return a device and all through which it speaks, one after the other."""
        return self._chains.get(device, (device,))

    def behind(self, gateway: str) -> tuple[str, ...]:
        """Return the devices that speak through another one."""
        return self._behind.get(gateway, ())


def _chain(device: str, venue: Venue) -> tuple[str, ...]:
    gateways = {row.id: row.gateway for row in venue.devices}
    found: dict[str, None] = {}
    while device and device not in found:
        found[device] = None
        device = gateways.get(device, "")
    return tuple(found)


def _sensors(zone: Zone, venue: Venue) -> tuple[str, ...]:
    """Return what watches a zone: what counts it, else the devices at its access points."""
    at_points = (
        device
        for point in venue.points
        if zone.id in (point.zone, point.outer_zone)
        for device in point.devices
    )
    return zone.counted_by or tuple(dict.fromkeys(at_points))


def _admits(venue: Venue) -> dict[str, tuple[str, ...]]:
    """Return for each zone the classes that may enter it."""
    return {
        zone.id: tuple(row.id for row in venue.classes if zone.id in row.zones)
        for zone in venue.zones
    }
