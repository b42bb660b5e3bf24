"""The venue as the core sees it: sites, zones, access points, devices, checklists.

These types are what ``venue.toml`` is read into. They are plain values: the reader (``monitor.venue``) has checked
that every reference leads somewhere.
"""

from datetime import datetime, time, timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import force_setattr

FLOW_PER_LANE = 11
"""Persons a minute through one turnstile (Green Guide: 660 an hour); fewer where people are searched."""
FLOW_ON_LEVEL, FLOW_ON_STEPS = 82, 66
"""Persons a minute and metre of width who can leave (Green Guide)."""

SLUG = r"^[a-z0-9][a-z0-9-]{0,62}$"
Slug = Annotated[str, Meta(pattern=SLUG, description="small letters, digits and hyphens")]
"""A name that fits in a topic, a file name and a label: small letters, digits and hyphens."""

Phase = Literal["prepare", "live", "teardown"]
SiteKind = Literal["venue", "hotel", "dining", "press_centre", "transport"]
PointKind = Literal["door", "gate", "turnstile", "emergency_exit"]
PostKind = Literal["guard", "steward", "crowd_manager", "first_aid"]
Risk = Literal["high", "normal", "low"]
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
    shortest_way: timedelta = timedelta(minutes=5)
    """Between two sites of which no ``way`` speaks."""


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


class Milestone(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many persons are to be in a zone at a time, as the plan for its doors says."""

    at: datetime
    persons: Annotated[int, Meta(ge=0)]


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
    lead: str = ""
    """The agency that answers for it where no checklist of it names one."""
    risk: Risk = "normal"
    """Of fire: it decides how fast the zone has to be empty."""
    counted_by: tuple[Slug, ...] = ()
    """The devices that say how many are inside; left out, those at its access points."""
    opens_at: tuple[datetime, ...] = ()
    """When its doors open, a moment for each day: before it somebody has to have signed."""
    entry: tuple[Milestone, ...] = ()
    """The plan for its filling, in order of time."""
    way_on: float | None = None
    """Persons a minute that the narrowest way on from here takes."""


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
    exit_only: bool = False
    """One only leaves by it, as by an emergency exit."""
    interlock: str = ""
    """The other door of a mantrap: never both open."""
    timed_passback: bool = False
    """Nothing tells who leaves, so a badge that comes in twice within minutes was handed on."""
    lanes: Annotated[int, Meta(ge=1)] = 1
    """People pass side by side, or through so many turnstiles."""
    flow_limit: float | None = None
    """Persons a minute. Left out, 11 for each lane (Green Guide: 660 an hour and turnstile)."""
    flow_limit_5m: float | None = None
    """Persons in five minutes. Left out, five times as many."""
    width_m: Annotated[float, Meta(gt=0)] | None = None
    """Clear width for leaving, in metres."""
    stepped: bool = False
    """People leave over steps, which takes longer."""
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
        if self.flow_limit is None:
            force_setattr(self, "flow_limit", float(FLOW_PER_LANE * self.lanes))
        if self.flow_limit_5m is None:
            force_setattr(self, "flow_limit_5m", 5 * (self.flow_limit or 0))

    @property
    def leaving(self) -> float | None:
        """Persons a minute that can leave by it; ``None`` where its width isn't known."""
        flow = FLOW_ON_STEPS if self.stepped else FLOW_ON_LEVEL
        return None if self.width_m is None else self.width_m * flow


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


class Way(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long it takes at least from one site to another, either way."""

    sites: tuple[Slug, Slug]
    takes: timedelta


class Post(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where somebody has to stand."""

    id: Slug
    name: str
    zone: Slug
    kind: PostKind = "guard"


class Round(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A guard's round: all of its stations have to be visited."""

    id: Slug
    name: str
    stations: Annotated[tuple[Slug, ...], Meta(min_length=1)]


class ChecklistItem(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of a checklist."""

    id: Slug
    text: str
    criticality: Criticality = "noncritical"
    """What a failure means, in NFPA 25's classes."""
    exits: bool = False
    """A failure means that a way out is locked or blocked."""
    unit: str = ""
    min: float | None = None
    max: float | None = None


class Checklist(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an inspector goes through in one zone."""

    id: Slug
    name: str
    zone: Slug
    version: str = ""
    """Of the template; a form by another one is retired. Empty: any."""
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
    ways: tuple[Way, ...] = ()
    posts: tuple[Post, ...] = ()
    rounds: tuple[Round, ...] = ()
    checklists: tuple[Checklist, ...] = ()
