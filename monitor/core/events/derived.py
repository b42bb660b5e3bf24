"""What the core concludes about places, things and work: rules may use it, nobody may send it."""

from datetime import datetime
from typing import Literal

from monitor.core.events.base import AtPoint, OfDevice, OfZone, Said
from monitor.core.events.vocabulary import Name, Presence, ReadinessState, Sensing


class DeviceExpected(OfDevice, frozen=True, kw_only=True, tag="device.expected"):
    """The venue file names this device: from now on it must be heard."""


class DeviceCounted(OfDevice, frozen=True, kw_only=True, tag="device.counted"):
    """An event carried this number of its sender's count, in `source_seq`."""


class DeviceGap(OfDevice, frozen=True, kw_only=True, tag="device.gap"):
    """Numbers of a sender's count did not come, and it has gone on counting for a minute."""

    missing: int
    first: int
    """The first number that is missing."""
    last: int
    """The last one; some between the two may have come."""


class DeviceClock(OfDevice, frozen=True, kw_only=True, tag="device.clock"):
    """What a device says of itself carries a time that is behind, or again the right one."""

    behind_s: float
    """So many seconds; 0: it is right again."""


class DeviceSilent(OfDevice, frozen=True, kw_only=True, tag="device.silent"):
    """It was not heard for longer than its limit."""


class DoorStanding(AtPoint, frozen=True, kw_only=True, tag="door.standing"):
    """How a door stands by the latest words of its lock, of its mode and of its faults: each takes back only itself."""

    shut: bool
    """Its lock is thrown, its mode closes it, or it has a fault: one of these is enough."""
    unlocked: bool
    """Its lock is released, or its mode leaves it free: one of these is enough."""


class ZoneOccupancy(OfZone, frozen=True, kw_only=True, tag="zone.occupancy"):
    """How many persons are inside, from counts or from passages."""

    count: int
    exact: bool = True
    """Nobody can have come in or gone out uncounted."""
    at_least: int | None = None
    at_most: int | None = None
    """Missing while people can still pass uncounted."""


class ZonePresence(OfZone, frozen=True, kw_only=True, tag="zone.presence"):
    """Whether anybody is in the zone, as far as that is known."""

    state: Presence
    open: bool
    """The zone admits people."""


class ZoneSensing(OfZone, frozen=True, kw_only=True, tag="zone.sensing"):
    """Whether the zone's sensors work; with none that does, nobody knows what happens there."""

    state: Sensing
    sensors: int
    """How many the venue file names."""


class ZoneAlarm(OfZone, frozen=True, kw_only=True, tag="zone.alarm"):
    """What is still on in a zone, after the latest word of one of its fire and emergency inputs."""

    fire: bool
    """A detector, call point or panel input has not gone back to normal."""
    button: bool
    """An emergency button has not."""


class SiteAlarm(Said, frozen=True, kw_only=True, tag="site.alarm"):
    """The fire alarm of a site began in the first of its zones, or is over in all of them."""

    site: Name
    active: bool
    zone: str = ""
    """The zone whose input began or ended it."""


class ChecklistExpected(Said, frozen=True, kw_only=True, tag="checklist.expected"):
    """The venue file names this checklist: from now on it must be done."""

    checklist: str


class InspectionPaced(Said, frozen=True, kw_only=True, tag="inspection.paced"):
    """How fast a form was filled in, beside others of the same checklist."""

    checklist: Name
    inspection: Name
    inspector: str = ""
    answered: int
    seconds_per_item: float
    median_s: float
    """Of the latest forms of the checklist, in seconds an item."""
    percent_of_median: float


class InspectionOverlapped(Said, frozen=True, kw_only=True, tag="inspection.overlapped"):
    """A form was filled in while its inspector filled in another one in another zone."""

    inspector: Name
    inspection: Name
    zone: str
    other_zone: str
    overlap_s: float


class ZoneInspected(OfZone, frozen=True, kw_only=True, tag="zone.inspected"):
    """What the zone's checklists say together."""

    state: Literal["passed", "failed", "expired", "unknown"]
    reason: str = ""


class ZoneReady(OfZone, frozen=True, kw_only=True, tag="zone.ready"):
    """Whether the zone is ready: a go needs inspections, actions, certificates, approval and sign-off together."""

    state: ReadinessState
    reason: str = ""
    """The gravest one."""
    signed: bool = False
    """A sign-off stands, or none is needed."""
    life_safety: bool = False
    """Something that protects lives doesn't work: an impairment is open."""
    opens_at: datetime | None = None
    """When the zone's doors open next, as the venue file says."""


class ReadingChanged(Said, frozen=True, kw_only=True, tag="reading.changed"):
    """A measured value is another than before, or the first."""

    asset: Name
    quantity: Name
    value: float


class AssetImpaired(Said, frozen=True, kw_only=True, tag="asset.impaired"):
    """The first impairment of an asset is open, or open again."""

    asset: Name
    zone: str = ""


class AssetRestored(Said, frozen=True, kw_only=True, tag="asset.restored"):
    """No impairment of an asset is open any more: each was verified or cancelled."""

    asset: Name
    zone: str = ""


class WorkContested(Said, frozen=True, kw_only=True, tag="work.contested"):
    """More than one agency leads open work on one thing, or others do than before."""

    subject: Name
    """The asset, or the zone and the item of a checklist that failed there."""
    leads: str
    agencies: int
    """How many these are."""
    zone: str = ""
    """That of all the work; empty where it is told of several, or of none."""


class WorkSettled(Said, frozen=True, kw_only=True, tag="work.settled"):
    """No longer more than one agency leads open work on it."""

    subject: Name


class ChannelExpected(Said, frozen=True, kw_only=True, tag="channel.expected"):
    """The roster names this way to reach somebody: from now on it has to be tested."""

    person: str
    channel: str


class ChannelDropped(Said, frozen=True, kw_only=True, tag="channel.dropped"):
    """The roster doesn't name this way to reach somebody any more."""

    person: str
    channel: str


class ScheduleOpened(Said, frozen=True, kw_only=True, tag="schedule.opened"):
    """The hours of a schedule of the venue file began."""

    schedule: str
    ends_at: datetime
    """When they end: for `absence` with ``until``."""


class ScheduleClosed(Said, frozen=True, kw_only=True, tag="schedule.closed"):
    """The hours of a schedule of the venue file are over."""

    schedule: str
    opens_at: datetime | None = None
    """When they begin again; missing for a schedule without days."""


Derived = (
    DeviceExpected
    | DeviceCounted
    | DeviceGap
    | DeviceClock
    | DeviceSilent
    | DoorStanding
    | ZoneOccupancy
    | ZonePresence
    | ZoneSensing
    | ZoneAlarm
    | SiteAlarm
    | ChecklistExpected
    | InspectionPaced
    | InspectionOverlapped
    | ZoneInspected
    | ZoneReady
    | ReadingChanged
    | AssetImpaired
    | AssetRestored
    | WorkContested
    | WorkSettled
    | ChannelExpected
    | ChannelDropped
    | ScheduleOpened
    | ScheduleClosed
)
"""What the core concludes from the venue, and from one or several words about one thing."""
