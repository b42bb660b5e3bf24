"""The venue as the core sees it: sites, zones, access points, devices, checklists, and where an event belongs.

These types are what ``venue.toml`` is read into. They are plain values: the reader (``monitor.venue``) has checked
that every reference leads somewhere.
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import force_setattr

Slug = Annotated[
    str,
    Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$", description="small letters, digits and hyphens"),
]
"""A name that fits in a topic, a file name and a label: small letters, digits and hyphens."""

Phase = Literal["prepare", "live", "teardown"]
SiteKind = Literal["venue", "hotel", "dining", "press_centre", "transport"]
PointKind = Literal["door", "gate", "turnstile", "emergency_exit"]
Criticality = Literal["impairment", "critical", "noncritical", "observation"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Congress(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole event."""

    id: Slug
    name: str
    timezone: str = "UTC"
    """IANA name, e.g. ``Asia/Ho_Chi_Minh``: how times are shown to people; inside, all is UTC."""
    languages: tuple[str, ...] = ("en",)
    """BCP 47 tags; the first one is used where a text is missing in another."""
    phase: Phase = "prepare"
    ends_at: datetime | None = None
    """When the congress is over: until then certificates have to hold."""


class Needs(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a zone's readiness needs besides passed checklists."""

    approval: bool = True
    """Somebody else than the inspector approved the inspection."""
    sign_off: bool = True
    """A named person signed that the zone is ready."""


class Agency(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An organisation that leads or coordinates work."""

    id: Slug
    name: str


class Site(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place of the congress with an address of its own."""

    id: Slug
    name: str
    kind: SiteKind


class Zone(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A room or area that people are counted in and that is inspected."""

    id: Slug
    name: str
    site: Slug
    capacity: Annotated[int, Meta(ge=1)]
    """Persons, as the fire-safety officer set it."""
    area_m2: Annotated[float, Meta(gt=0)]
    two_person: bool = False
    """Nobody may be in it alone."""
    anti_passback: bool = False
    """Every way in and out tells who passed, so that a badge that comes in twice was handed on."""


class Point(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An access point: a door, gate, turnstile or emergency exit between two zones."""

    id: Slug
    name: str
    kind: PointKind
    zone: Slug
    """The inner side: direction ``in`` leads here."""
    outer_zone: str = ""
    """The outer side; empty where it is outdoors or not a zone."""
    controlled: bool = True
    """A reader or a request-to-exit releases it, so that an opening without a release is forced."""
    passage_sensor: bool = False
    """It tells ``access.taken``; without one, ``access.granted`` counts as the passage."""
    held_open_limit: timedelta = timedelta(seconds=30)
    held_open_warning: timedelta | None = None
    """Left out, two thirds of the limit."""
    held_open_critical: timedelta | None = None
    """Left out, three times the limit."""
    devices: tuple[Slug, ...] = ()

    def __post_init__(self) -> None:
        """Take what is left out from the limit."""
        if self.held_open_warning is None:
            force_setattr(self, "held_open_warning", self.held_open_limit * 2 / 3)
        if self.held_open_critical is None:
            force_setattr(self, "held_open_critical", self.held_open_limit * 3)


class Device(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reader, controller, sensor or gateway that the monitor expects to hear from."""

    id: Slug
    name: str = ""
    gateway: str = ""
    """The device through which this one speaks, if any."""
    silence_limit: timedelta = timedelta(seconds=60)
    """Silent for longer than this, it counts as offline."""


class AccreditationClass(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which zones a class of accreditation may enter, and when."""

    id: Slug
    name: str
    zones: tuple[Slug, ...]
    schedule: str = ""
    """A schedule's id; empty = at any time."""


class Schedule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Weekly opening hours, in the congress's time zone."""

    id: Slug
    days: tuple[Weekday, ...]
    opens: time
    closes: time


class ChecklistItem(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of a checklist."""

    id: Slug
    text: str
    criticality: Criticality = "noncritical"
    """What a failure means, in NFPA 25's classes."""
    unit: str = ""
    min: float | None = None
    max: float | None = None


class Checklist(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an inspector goes through in one zone."""

    id: Slug
    name: str
    zone: Slug
    interval: timedelta = timedelta(hours=24)
    """A passed inspection holds for so long."""
    phases: tuple[Phase, ...] = ("prepare", "live")
    """In these phases the zone counts as passed only with this checklist passed."""
    lead: Slug
    """The agency that leads."""
    coordinating: tuple[Slug, ...] = ()
    items: Annotated[tuple[ChecklistItem, ...], Meta(min_length=1)]


class Venue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of ``venue.toml``."""

    congress: Congress
    readiness: Needs = Needs()
    agencies: tuple[Agency, ...] = ()
    sites: tuple[Site, ...] = ()
    zones: tuple[Zone, ...] = ()
    points: tuple[Point, ...] = ()
    devices: tuple[Device, ...] = ()
    classes: tuple[AccreditationClass, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    checklists: tuple[Checklist, ...] = ()


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
    criticality: Literal[Criticality, ""] = ""
    """Of a checklist's item: what a failure means."""
    lead: str = ""
    gateway: str = ""
    admits: tuple[str, ...] | None = ()
    """The classes of accreditation that may enter the zone; ``None`` where the venue has no classes."""
    of_zone: Zone | None = None
    of_point: Point | None = None
    of_device: Device | None = None
    of_checklist: Checklist | None = None


NOWHERE = Place()
"""The place of whatever the venue file doesn't know."""


class Places:
    """Finds the place of an event by the name it carries."""

    __slots__ = ("checklists", "devices", "points", "zones")

    points: Mapping[str, Place]
    zones: Mapping[str, Place]
    devices: Mapping[str, Place]
    checklists: Mapping[str, Place]

    def __init__(self, venue: Venue) -> None:
        kinds = {site.id: site.kind for site in venue.sites}
        zones = {zone.id: zone for zone in venue.zones}
        admits = _admits(venue)

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
                "of_point": point,
            }

        place = Place
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


def _admits(venue: Venue) -> dict[str, tuple[str, ...]]:
    """Return for each zone the classes that may enter it."""
    return {
        zone.id: tuple(row.id for row in venue.classes if zone.id in row.zones)
        for zone in venue.zones
    }
