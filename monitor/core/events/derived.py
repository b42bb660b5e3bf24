"""Events that the core derives about places, devices, assets and work: rules may use them, no one may send them."""

from datetime import datetime
from typing import Literal

from monitor.core.events.base import DeviceEvent, Event, PointEvent, ZoneEvent
from monitor.core.events.vocabulary import Name, Presence, ReadinessState, Sensing


class DeviceExpected(DeviceEvent, frozen=True, kw_only=True, tag="device.expected"):
    """The venue file names this device: from now on it must send."""


class DeviceCounted(DeviceEvent, frozen=True, kw_only=True, tag="device.counted"):
    """An event carried this sequence number of its sender, in `source_seq`."""


class DeviceGap(DeviceEvent, frozen=True, kw_only=True, tag="device.gap"):
    """Sequence numbers of a sender are missing, and it has counted on for a minute."""

    missing: int
    first: int
    """The first missing number."""
    last: int
    """The last missing number; some between the two may have arrived."""


class DeviceClock(DeviceEvent, frozen=True, kw_only=True, tag="device.clock"):
    """A device's clock is behind, or right again."""

    behind_s: float
    """Seconds; 0 if it is right again."""


class DeviceSilent(DeviceEvent, frozen=True, kw_only=True, tag="device.silent"):
    """A device has sent nothing for longer than its limit."""


class DoorStatus(PointEvent, frozen=True, kw_only=True, tag="door.standing"):
    """The status of a door by its lock, its mode and its faults, each of which changes only its own part."""

    shut: bool
    """Its lock is thrown, its mode closes it, or it has a fault: any of these is enough."""
    unlocked: bool
    """Its lock is released, or its mode leaves it free: either is enough."""


class ZoneOccupancy(ZoneEvent, frozen=True, kw_only=True, tag="zone.occupancy"):
    """The number of persons inside, from counts or from passages."""

    count: int
    exact: bool = True
    """No one can have entered or left uncounted."""
    at_least: int | None = None
    at_most: int | None = None
    """Missing while people can still pass uncounted."""


class ZonePresence(ZoneEvent, frozen=True, kw_only=True, tag="zone.presence"):
    """Whether people are in the zone, as far as that is known."""

    state: Presence
    open: bool
    """The zone admits people."""


class ZoneSensing(ZoneEvent, frozen=True, kw_only=True, tag="zone.sensing"):
    """Whether the zone's sensors work; if none does, the zone is unmonitored."""

    state: Sensing
    sensors: int
    """The number of sensors that the venue file names."""


class ZoneAlarm(ZoneEvent, frozen=True, kw_only=True, tag="zone.alarm"):
    """Which kinds of alarm are still on in a zone after a change of one of its inputs."""

    fire: bool
    """A detector, call point or panel input has not returned to normal."""
    button: bool
    """An emergency button has not returned to normal."""


class SiteAlarm(Event, frozen=True, kw_only=True, tag="site.alarm"):
    """The fire alarm of a site began in the first of its zones, or ended in all of them."""

    site: Name
    active: bool
    zone: str = ""
    """The zone whose input began or ended it."""


class ChecklistExpected(Event, frozen=True, kw_only=True, tag="checklist.expected"):
    """The venue file names this checklist: from now on it must be inspected."""

    checklist: str


class ChecklistReopened(Event, frozen=True, kw_only=True, tag="checklist.reopened"):
    """An asset that a checklist freezes was changed: what was inspected before counts no more."""

    checklist: str
    asset: str
    who: str = ""
    what: str = ""


class InspectionPaced(Event, frozen=True, kw_only=True, tag="inspection.paced"):
    """How fast a form was filled in, compared with others of the same checklist."""

    checklist: Name
    inspection: Name
    inspector: str = ""
    answered: int
    seconds_per_item: float
    median_s: float
    """The median of the latest forms of the checklist, in seconds per item."""
    percent_of_median: float


class InspectionOverlapped(Event, frozen=True, kw_only=True, tag="inspection.overlapped"):
    """A form was filled in while its inspector was filling in another one in another zone."""

    inspector: Name
    inspection: Name
    zone: str
    other_zone: str
    overlap_s: float


class ZoneInspected(ZoneEvent, frozen=True, kw_only=True, tag="zone.inspected"):
    """The result of all checklists of the zone together."""

    state: Literal["passed", "failed", "expired", "unknown"]
    reason: str = ""


class ZoneReady(ZoneEvent, frozen=True, kw_only=True, tag="zone.ready"):
    """Whether the zone is ready: go requires inspections, actions, certificates, approval and sign-off together."""

    state: ReadinessState
    reason: str = ""
    """The gravest reason."""
    signed: bool = False
    """A sign-off is in force, or none is required."""
    life_safety: bool = False
    """An impairment is open: something that protects lives does not work."""
    opens_at: datetime | None = None
    """When the zone's doors open next, according to the venue file."""


class ReadingChanged(Event, frozen=True, kw_only=True, tag="reading.changed"):
    """A measured value differs from the one before, or is the first."""

    asset: Name
    quantity: Name
    value: float


class AssetImpaired(Event, frozen=True, kw_only=True, tag="asset.impaired"):
    """The first impairment of an asset is open, or open again."""

    asset: Name
    zone: str = ""


class AssetRestored(Event, frozen=True, kw_only=True, tag="asset.restored"):
    """The last open impairment of an asset was verified or cancelled."""

    asset: Name
    zone: str = ""


class WorkContested(Event, frozen=True, kw_only=True, tag="work.contested"):
    """More than one agency leads open work on one subject, or the leading agencies changed."""

    subject: Name
    """The asset, or the zone and the checklist item that failed there."""
    leads: str
    agencies: int
    """The number of leading agencies."""
    zone: str = ""
    """The zone of all the work; empty if it has several zones, or none."""


class WorkSettled(Event, frozen=True, kw_only=True, tag="work.settled"):
    """At most one agency leads open work on the subject again."""

    subject: Name


class ChannelExpected(Event, frozen=True, kw_only=True, tag="channel.expected"):
    """The roster names this channel of a person: from now on it must be tested."""

    person: str
    channel: str


class ChannelDropped(Event, frozen=True, kw_only=True, tag="channel.dropped"):
    """The roster no longer names this channel of a person."""

    person: str
    channel: str


class ScheduleOpened(Event, frozen=True, kw_only=True, tag="schedule.opened"):
    """The hours of a schedule of the venue file began."""

    schedule: str
    ends_at: datetime
    """When they end: for `absence` with ``until``."""


class ScheduleClosed(Event, frozen=True, kw_only=True, tag="schedule.closed"):
    """The hours of a schedule of the venue file ended."""

    schedule: str
    opens_at: datetime | None = None
    """When they begin again; missing for a schedule without days."""


Derived = (
    DeviceExpected
    | DeviceCounted
    | DeviceGap
    | DeviceClock
    | DeviceSilent
    | DoorStatus
    | ZoneOccupancy
    | ZonePresence
    | ZoneSensing
    | ZoneAlarm
    | SiteAlarm
    | ChecklistExpected
    | ChecklistReopened
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
"""Every event that the core derives from the venue file, or from one or several events about one subject."""
