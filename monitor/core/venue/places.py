"""The place of an event: what the venue file holds about the point, zone, device or checklist that it names."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import partial
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from monitor.core.venue.accreditation import classes_of
from monitor.core.venue.calendar import NO_CALENDAR, Calendar
from monitor.core.venue.checklist import Checklist, digest_of
from monitor.core.venue.model import Counting, Device, Point, PointKind, SiteKind, Venue, Zone
from monitor.core.venue.words import Criticality


class Place(Struct, frozen=True, kw_only=True):
    """The place of an event: what the venue file holds about the point, zone, device or checklist that it names.

    Rules name these fields like the event's own; an event's own field of the same name takes precedence.
    """

    site: str = ""
    site_kind: Literal[SiteKind, ""] = ""
    zone: str = ""
    """The zone concerned; for an access point the one on its inner side."""
    outer_zone: str = ""
    point: str = ""
    point_kind: Literal[PointKind, ""] = ""
    controlled: bool = False
    passage_sensor: bool = False
    two_person: bool = False
    anti_passback: bool = False
    sign_off: bool = True
    """Whether a named person must sign off the zone as ready."""
    exit_only: bool = False
    interlock: str = ""
    timed_passback: bool = False
    criticality: Literal[Criticality, ""] = ""
    """The severity of a failure, for a checklist item."""
    exits: bool = False
    """Whether a failure means that an escape route is locked or blocked, for a checklist item."""
    lead: str = ""
    gateway: str = ""
    admits: tuple[str, ...] | None = ()
    """The classes of accreditation that may enter the zone; ``None`` if the venue has no classes."""
    unknown: bool = False
    """The event names something that is not in the venue file."""
    sent_from: str = ""
    """The site in the topic of an event whose place is unknown; empty if the topic names none."""
    of_zone: Zone | None = None
    of_point: Point | None = None
    of_device: Device | None = None
    of_checklist: Checklist | None = None
    digest: str = ""
    """The digest of the checklist's version in force."""
    calendar: Calendar = NO_CALENDAR


NOWHERE = Place()
"""The place of events whose subject is not in the venue file."""


class Places:
    """The places of a venue, by the names that events carry."""

    __slots__ = (
        "_behind",
        "_chains",
        "_shortest_way",
        "_ways",
        "checklists",
        "classes",
        "counting",
        "devices",
        "names",
        "nowhere",
        "points",
        "posts",
        "rounds",
        "senses",
        "sensors",
        "unknown",
        "zones",
    )

    points: Mapping[str, Place]
    zones: Mapping[str, Place]
    devices: Mapping[str, Place]
    checklists: Mapping[str, Place]
    classes: tuple[str, ...]
    """The classes of accreditation that an event may give."""
    counting: Mapping[str, Counting]
    """By zone: how passages are counted."""
    nowhere: Place
    """The place of events that name no place; the venue's calendar applies there too."""
    unknown: Mapping[str, Place]
    """By the site that an event came from: the place of subjects that are not in the venue file."""
    names: frozenset[str]
    """The ids of everything in the venue file that a key may name."""
    sensors: Mapping[str, tuple[str, ...]]
    """By zone: the devices that monitor it."""
    senses: Mapping[str, tuple[str, ...]]
    """By device: the zones that it monitors, directly or as a gateway."""

    def __init__(self, venue: Venue) -> None:
        place = partial(Place, calendar=Calendar(venue), sign_off=venue.readiness.sign_off)
        self.classes = classes_of(venue)
        self.nowhere = nowhere = place()
        sites = [site.id for site in venue.sites]
        self.unknown = {site: place(unknown=True, sent_from=site) for site in ("", *sites)}
        self.names = names_in(venue)
        self.zones = zones = _zones(venue, place)
        self.points = points = {
            point.id: _at_point(zones.get(point.zone, nowhere), point) for point in venue.points
        }
        at_point = {device: points[point.id] for point in venue.points for device in point.devices}
        self.devices = {
            device.id: replace(
                at_point.get(device.id, nowhere), gateway=device.gateway, of_device=device
            )
            for device in venue.devices
        }
        self.checklists = {
            row.id: replace(
                zones.get(row.zone, nowhere),
                lead=row.lead,
                of_checklist=row,
                digest=digest_of(row),
            )
            for row in venue.checklists
        }
        self.posts = {post.id: post for post in venue.posts}
        self.rounds = {row.id: row for row in venue.rounds}
        self._ways = {frozenset(way.sites): way.takes for way in venue.ways}
        self._shortest_way = venue.congress.shortest_way
        gateways = {device.id: device.gateway for device in venue.devices}
        self._chains = {device: _chain(device, gateways) for device in gateways}
        self._behind = _grouped((row.gateway, row.id) for row in venue.devices if row.gateway)
        self.counting = _counting(venue)
        self.sensors = _sensors(venue)
        self.senses = _senses(self.sensors, self._chains)

    def way(self, one: str, other: str) -> timedelta:
        """Return the least travel time from one site to another."""
        return self._ways.get(frozenset((one, other)), self._shortest_way)

    def chain(self, device: str) -> tuple[str, ...]:
        """Return a device and the gateways through which it sends, one after the other."""
        return self._chains.get(device, (device,))

    def behind(self, gateway: str) -> tuple[str, ...]:
        """Return the devices that send through a gateway."""
        return self._behind.get(gateway, ())


def names_in(venue: Venue) -> frozenset[str]:
    """Return the ids of everything in the venue file that a key may name."""
    tables = (
        *(venue.sites, venue.zones, venue.points, venue.devices),
        *(venue.checklists, venue.posts, venue.rounds),
    )
    return frozenset(row.id for table in tables for row in table).union(classes_of(venue))


def is_known(names: frozenset[str], key: str) -> bool:
    """Return whether a key consists of names of the venue file, or is a topic about one of them."""
    return all(part in names or _is_topic_of(names, part) for part in key.split(" / "))


def _is_topic_of(names: frozenset[str], part: str) -> bool:
    match part.split("/"):
        case ["venue", site, _, subject]:
            return site in names and subject in names
        case _:
            return False


def _zones(venue: Venue, place: Callable[..., Place]) -> dict[str, Place]:
    kinds = {site.id: site.kind for site in venue.sites}
    admits = _admits(venue)
    return {
        zone.id: place(
            site=zone.site,
            site_kind=kinds.get(zone.site, ""),
            zone=zone.id,
            two_person=zone.two_person,
            anti_passback=zone.anti_passback,
            admits=admits.get(zone.id, ()) if venue.classes else None,
            of_zone=zone,
        )
        for zone in venue.zones
    }


def _at_point(zone: Place, point: Point) -> Place:
    """Return the place of an access point, which leads into a zone."""
    return replace(
        zone,
        outer_zone=point.outer_zone,
        point=point.id,
        point_kind=point.kind,
        controlled=point.controlled,
        passage_sensor=point.passage_sensor,
        exit_only=point.exit_only or point.kind == "emergency_exit",
        interlock=point.interlock,
        timed_passback=point.timed_passback,
        of_point=point,
    )


def _chain(device: str, gateways: Mapping[str, str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    while device and device not in found:
        found[device] = None
        device = gateways.get(device, "")
    return tuple(found)


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Return the second halves of pairs by their first, each once, in their order."""
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for name, row in pairs:
        found[name][row] = None
    return {name: tuple(rows) for name, rows in found.items()}


def unrecorded_exits(venue: Venue) -> Mapping[str, tuple[str, ...]]:
    """Return, by zone, the points by which people leave without being recorded; zones without any are left out.

    In a zone with anti-passback everyone who leaves is recorded, unless a point says otherwise.
    """
    recorded = {zone.id for zone in venue.zones if zone.anti_passback}
    return _grouped(
        (point.zone, point.id)
        for point in venue.points
        if not point.records_exits
        and not (point.zone in recorded and point.exit_reader is None and not point.timed_passback)
    )


def _counting(venue: Venue) -> dict[str, Counting]:
    """Return how the passages of each zone are counted: by holder if those who leave are not all recorded."""
    unrecorded = unrecorded_exits(venue)
    return {
        zone.id: zone.counting or ("holders" if zone.id in unrecorded else "passages")
        for zone in venue.zones
    }


def _sensors(venue: Venue) -> dict[str, tuple[str, ...]]:
    """Return the devices that monitor each zone: those that count it, or else those at its access points."""
    at_points = _grouped(
        (zone, device)
        for point in venue.points
        for zone in (point.zone, point.outer_zone)
        for device in point.devices
    )
    return {zone.id: zone.counted_by or at_points.get(zone.id, ()) for zone in venue.zones}


def _senses(
    sensors: Mapping[str, tuple[str, ...]], chains: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """Return the zones that each device monitors, directly or as a gateway."""
    found = _grouped(
        (device, zone)
        for zone, monitors in sensors.items()
        for sensor in monitors
        for device in chains.get(sensor, (sensor,))
    )
    return {device: found.get(device, ()) for device in chains}


def _admits(venue: Venue) -> dict[str, tuple[str, ...]]:
    """Return the classes that may enter each zone; zones that none may enter are left out."""
    return _grouped((zone, row.id) for row in venue.classes for zone in row.zones)
