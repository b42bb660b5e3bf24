"""What the core concludes from the venue and from events: rules may use it, nobody may send it."""

from datetime import datetime
from typing import Literal

from monitor.core.event.said import OfDevice, OfZone, Said
from monitor.core.event.words import Name, ReadinessState, Sensing


class DeviceExpected(OfDevice, frozen=True, kw_only=True, tag="device.expected"):
    """The venue file names this device: from now on it must be heard."""


class ChannelExpected(Said, frozen=True, kw_only=True, tag="channel.expected"):
    """The roster names this way to reach somebody: from now on it has to be tested."""

    person: str
    channel: str


class ChannelDropped(Said, frozen=True, kw_only=True, tag="channel.dropped"):
    """The roster doesn't name this way to reach somebody any more."""

    person: str
    channel: str


class PostExpected(Said, frozen=True, kw_only=True, tag="post.expected"):
    """The venue file names this post, and nobody has said that it is manned."""

    post: Name
    zone: str = ""


class RoundWalked(Said, frozen=True, kw_only=True, tag="round.walked"):
    """A round of the venue file is over."""

    round: Name
    who: str = ""
    missing: str = ""
    """The stations that were not visited."""
    missed: int
    """How many these are."""


class HolderStrayed(Said, frozen=True, kw_only=True, tag="holder.strayed"):
    """A badge left a zone with `anti_passback` that it had not gone into: somebody went in with another's."""

    holder: Name
    point: Name
    left: str
    """The zone that it left."""
    last_zone: str
    """The zone in which it was last: the one that it left, if that was closed for a night since. Empty: outside, or not
    known."""


class CredentialOutdated(Said, frozen=True, kw_only=True, tag="credential.outdated"):
    """A badge was used of which its holder has used a newer issue before."""

    holder: Name
    point: Name
    credential_issue: int
    """The one that was used now."""
    newest_issue: int


class HolderForgotten(OfZone, frozen=True, kw_only=True, tag="holder.forgotten"):
    """A zone with `anti_passback` was counted empty or closed: a badge that has not come out may go in again."""

    holder: Name
    inside: int = 0


class HolderMoved(Said, frozen=True, kw_only=True, tag="holder.moved"):
    """A badge was used at another site than before."""

    holder: Name
    point: Name
    came_from: str
    """The site before."""
    took_s: float
    short_by_s: float
    """So many seconds faster than anybody can be; 0 where the time was enough."""


class MusterExpected(OfZone, frozen=True, kw_only=True, tag="muster.expected"):
    """There is a fire alarm at a site in which this holder is: he or she has to report."""

    holder: Name


class MusterOver(Said, frozen=True, kw_only=True, tag="muster.over"):
    """This holder need not report any more: has left, or the alarm is over."""

    holder: Name


class ReadingChanged(Said, frozen=True, kw_only=True, tag="reading.changed"):
    """A measured value is another than before, or the first."""

    asset: Name
    quantity: Name
    value: float


class ZoneStaffed(OfZone, frozen=True, kw_only=True, tag="zone.staffed"):
    """How many crowd managers a zone needs, and how many are on duty."""

    needed: int
    on_duty: int
    missing: int


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


class ChecklistExpected(Said, frozen=True, kw_only=True, tag="checklist.expected"):
    """The venue file names this checklist: from now on it must be done."""

    checklist: str


class ZoneOccupancy(OfZone, frozen=True, kw_only=True, tag="zone.occupancy"):
    """How many persons are inside, from counts or from passages."""

    count: int
    exact: bool = True
    """Nobody can have come in or gone out uncounted."""
    at_least: int | None = None
    at_most: int | None = None
    """Missing while people can still pass uncounted."""


class ZoneSensing(OfZone, frozen=True, kw_only=True, tag="zone.sensing"):
    """Whether the zone's sensors work; with none that does, nobody knows what happens there."""

    state: Sensing
    sensors: int
    """How many the venue file names."""


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
    | ChannelExpected
    | ChannelDropped
    | DeviceCounted
    | DeviceGap
    | DeviceClock
    | DeviceSilent
    | PostExpected
    | RoundWalked
    | CredentialOutdated
    | HolderForgotten
    | HolderMoved
    | HolderStrayed
    | MusterExpected
    | MusterOver
    | ReadingChanged
    | InspectionPaced
    | InspectionOverlapped
    | ZoneStaffed
    | ChecklistExpected
    | ZoneOccupancy
    | ZoneSensing
    | ZoneInspected
    | ZoneReady
    | ScheduleOpened
    | ScheduleClosed
)
"""What the core concludes from the venue and from events."""
