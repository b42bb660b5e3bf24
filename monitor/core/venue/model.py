"""The venue as the core sees it: sites, zones, access points, devices, checklists.

``venue.toml`` is read into these types. They are plain values; the reader (`monitor.venue`) has checked every
reference between them.
"""

from datetime import datetime, time, timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import force_setattr

from monitor.core.venue.checklist import Checklist, Texts
from monitor.core.venue.words import Phase, Slug

FLOW_PER_LANE = 11
"""Persons a minute through one turnstile (Green Guide: 660 an hour); fewer where people are searched."""
FLOW_ON_LEVEL, FLOW_ON_STEPS = 82, 66
"""Persons a minute and metre of exit width (Green Guide)."""

SiteKind = Literal["venue", "hotel", "dining", "press_centre", "transport"]
PointKind = Literal["door", "gate", "turnstile", "emergency_exit"]
PostKind = Literal["guard", "steward", "crowd_manager", "first_aid"]
Risk = Literal["high", "normal", "low"]
Counting = Literal["passages", "holders", "none"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


Position = tuple[float, float]
"""A place on the plan of a site: metres to the right of its upper left corner, and metres below it."""


class Congress(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole event."""

    id: Slug
    name: str
    timezone: str = "UTC"
    """IANA name, e.g. ``Asia/Ho_Chi_Minh``, in which times are shown to people; all internal times are UTC."""
    languages: tuple[str, ...] = ("en",)
    """BCP 47 tags; the first one is used for texts that are missing in another."""
    phase: Phase = "prepare"
    ends_at: datetime | None = None
    """The end of the congress, until which certificates must be valid."""
    shortest_way: timedelta = timedelta(minutes=5)
    """The least travel time between two sites for which no ``way`` is given."""


class Needs(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The conditions of a zone's readiness besides passed checklists."""

    approval: bool = True
    """A person other than the inspector approved the inspection."""
    sign_off: bool = True
    """A named person signed that the zone is ready."""
    verification_wait: timedelta = timedelta(hours=4)
    """How long a verified action waits for the form of its re-inspection; judgement."""


class Agency(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An organisation that leads or coordinates work."""

    id: Slug
    name: str


class Site(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the congress with its own address."""

    id: Slug
    name: str
    kind: SiteKind


class Milestone(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many persons should be in a zone at a time, according to the filling plan."""

    at: datetime
    persons: Annotated[int, Meta(ge=0)]


class Zone(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A room or area in which people are counted and which is inspected."""

    id: Slug
    name: str
    site: Slug
    capacity: Annotated[int, Meta(ge=1)]
    """The most persons inside, as set by the fire-safety officer."""
    area_m2: Annotated[float, Meta(gt=0)]
    two_person: bool = False
    """No one may be in it alone."""
    anti_passback: bool = False
    """All entrances and exits identify who passes, so a badge that enters twice was passed on."""
    lead: str = ""
    """The responsible agency, if none of its checklists names one."""
    risk: Risk = "normal"
    """The fire risk, which decides how fast the zone must be empty."""
    counted_by: tuple[Slug, ...] = ()
    """The devices that count persons; by default those at its access points."""
    counting: Counting | None = None
    """How passages are counted; by default by holder if one of its points has no exit reader."""
    stays: timedelta = timedelta(hours=12)
    """The longest stay: who has entered longer ago and was not seen leaving no longer counts."""
    opens_at: tuple[datetime, ...] = ()
    """When its doors open, one time per day, by which the sign-off is due."""
    entry: tuple[Milestone, ...] = ()
    """The filling plan, in order of time."""
    way_on: float | None = None
    """The capacity of the narrowest way on from here, in persons a minute."""
    shape: tuple[Position, ...] = ()
    """Its corners on the plan of the site, in order around it; empty: not drawn."""


class Point(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An access point: a door, gate, turnstile or emergency exit between two zones."""

    id: Slug
    name: str
    kind: PointKind
    zone: Slug
    """The inner side: direction ``in`` leads here."""
    outer_zone: str = ""
    """The outer side; empty if it is outdoors or not a zone."""
    controlled: bool = True
    """A reader or a request to exit releases it, so an opening without a release is forced."""
    passage_sensor: bool = False
    """It reports ``access.taken``; without a sensor, ``access.granted`` counts as the passage."""
    exit_only: bool = False
    """It is used only for leaving, like an emergency exit."""
    interlock: str = ""
    """The other door of a mantrap: the two are never both open."""
    exit_reader: bool | None = None
    """Who leaves here is recorded, by a reader or a passage sensor; ``None``: as the other keys suggest."""
    timed_passback: bool = False
    """Leaving is not recorded, so a badge that enters twice within minutes was passed on."""
    lanes: Annotated[int, Meta(ge=1)] = 1
    """The number of persons who pass side by side, or of turnstiles."""
    flow_limit: float | None = None
    """Persons a minute; by default 11 per lane (Green Guide: 660 an hour and turnstile)."""
    flow_limit_5m: float | None = None
    """Persons in five minutes; by default five times ``flow_limit``."""
    width_m: Annotated[float, Meta(gt=0)] | None = None
    """The clear width for leaving, in metres."""
    stepped: bool = False
    """People leave over steps, which takes longer."""
    held_open_limit: timedelta = timedelta(seconds=30)
    held_open_warning: timedelta | None = None
    """By default two thirds of the limit."""
    held_open_critical: timedelta | None = None
    """By default three times the limit."""
    devices: tuple[Slug, ...] = ()
    at: Position | None = None
    """Where it is on the plan of the site; ``None``: not known, so it is drawn somewhere on the border of its zone."""

    def __post_init__(self) -> None:
        """Derive the limits that are left out from those that are given."""
        if self.held_open_warning is None:
            force_setattr(self, "held_open_warning", self.held_open_limit * 2 / 3)
        if self.held_open_critical is None:
            force_setattr(self, "held_open_critical", self.held_open_limit * 3)
        if self.flow_limit is None:
            force_setattr(self, "flow_limit", float(FLOW_PER_LANE * self.lanes))
        if self.flow_limit_5m is None:
            force_setattr(self, "flow_limit_5m", 5 * (self.flow_limit or 0))

    @property
    def records_exits(self) -> bool:
        """Whether those who leave by it are counted; an exit that is no entrance need not.

        Without ``exit_reader``, a passage sensor records them. A point with one device has a reader on one side only,
        and one that nothing releases has none.
        """
        if self.exit_only or self.kind == "emergency_exit":
            return True
        if self.timed_passback:
            return False
        if self.exit_reader is not None:
            return self.exit_reader
        return self.passage_sensor or (self.controlled and len(self.devices) != 1)

    @property
    def leaving(self) -> float | None:
        """Persons a minute who can leave by it; ``None`` if its width is unknown."""
        flow = FLOW_ON_STEPS if self.stepped else FLOW_ON_LEVEL
        return None if self.width_m is None else self.width_m * flow


class Device(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reader, controller, sensor or gateway that is expected to send messages."""

    id: Slug
    name: str = ""
    gateway: str = ""
    """The device through which this one sends, if any."""
    silence_limit: timedelta = timedelta(seconds=60)
    """The longest silence before it counts as offline."""


class AccreditationClass(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The zones that a class of accreditation may enter, and when."""

    id: Slug
    name: str
    zones: tuple[Slug, ...]
    schedule: str = ""
    """The id of a schedule; empty for any time."""


class Schedule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Weekly opening hours, in the congress's time zone."""

    id: Slug
    days: tuple[Weekday, ...]
    opens: time
    closes: time


class Way(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The least travel time between two sites, in either direction."""

    sites: tuple[Slug, Slug]
    takes: timedelta


class Post(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A position that must be manned."""

    id: Slug
    name: str
    zone: Slug
    kind: PostKind = "guard"


class Round(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A guard's round, of which every station must be visited."""

    id: Slug
    name: str
    stations: Annotated[tuple[Slug, ...], Meta(min_length=1)]


class Assignment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A checklist of the folder, assigned to a zone; what it leaves out is as in the checklist's file."""

    checklist: Slug
    """The name of its file, without ``.toml``."""
    zone: Slug
    id: Slug = ""
    """The id that events use; by default that of the checklist."""
    name: str = ""
    names: Texts = {}
    lead: Slug
    """The lead agency."""
    coordinating: tuple[Slug, ...] = ()
    interval: timedelta | None = None
    phases: tuple[Phase, ...] | None = None
    signers: tuple[Slug, ...] = ()
    """The agencies whose people may sign it; empty: anyone with the right to."""
    freezes: tuple[Slug, ...] | None = None


class Asset(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is measured or certified: a lift, a generator, a cold store."""

    id: Slug
    name: str


class Venue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of ``venue.toml``."""

    congress: Congress
    readiness: Needs = Needs()
    agencies: tuple[Agency, ...] = ()
    sites: tuple[Site, ...] = ()
    zones: tuple[Zone, ...] = ()
    points: tuple[Point, ...] = ()
    devices: tuple[Device, ...] = ()
    assets: tuple[Asset, ...] = ()
    classes: tuple[AccreditationClass, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    ways: tuple[Way, ...] = ()
    posts: tuple[Post, ...] = ()
    rounds: tuple[Round, ...] = ()
    checklists: tuple[Checklist, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    """As written in the file; once it is read, each is among the checklists."""
