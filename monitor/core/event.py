"""The event vocabulary: what devices, inspectors and staff tell the monitor, as types that are also the schema.

Every event is one immutable struct; the tag in ``type`` names it. The names follow ONVIF (access and door control),
BACnet (denied reasons, occupancy states) and NFPA 25 (severity of a finding). ``at`` is the sender's clock in UTC.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, get_args

from msgspec import Meta, Struct

Name = Annotated[str, Meta(min_length=1, max_length=128)]
"""The name of a point, zone, device, checklist or person: 1 to 128 characters."""
When = Annotated[datetime, Meta(tz=True)]
"""A moment with its offset from UTC (RFC 3339); a time without an offset is refused."""
Text = Annotated[str, Meta(max_length=4000)]
"""Free text of a person: at most 4,000 characters."""
Count = Annotated[int, Meta(ge=0, le=10_000_000)]
"""A number of persons."""

Direction = Literal["in", "out", "unknown"]
HolderClass = Literal["guest", "delegate", "press", "staff", "security", "contractor", "unknown"]
Method = Literal[
    "card",
    "pin",
    "fingerprint",
    "face",
    "iris",
    "vein",
    "palm",
    "retina",
    "license_plate",
    "rex",
    "unknown",
]
"""How the credential was shown (ONVIF credential kinds)."""
DeniedReason = Literal[
    "unknown_credential",
    "credential_disabled",
    "credential_revoked",
    "credential_lost",
    "credential_stolen",
    "credential_expired",
    "credential_not_active",
    "credential_locked_out",
    "credential_inactive",
    "credential_max_uses",
    "invalid_pin",
    "invalid_second_factor",
    "auth_timeout",
    "no_access_here",
    "outside_schedule",
    "threat_level",
    "passback",
    "unexpected_location",
    "max_attempts",
    "occupancy_lower",
    "occupancy_upper",
    "no_accompaniment",
    "interlock",
    "verification_failed",
    "verification_timeout",
    "other",
]
"""Why access was denied: BACnet's AccessEvent list with ONVIF's extensions; whatever is unknown is ``other``."""
DoorMode = Literal[
    "unknown",
    "locked",
    "unlocked",
    "accessed",
    "blocked",
    "locked_down",
    "locked_open",
    "double_locked",
]
"""ONVIF DoorMode."""
DoorAlarm = Literal["normal", "forced_open", "held_open"]
"""ONVIF DoorAlarm; ``normal`` is the edge that clears."""
OccupancyState = Literal[
    "normal",
    "below_lower_limit",
    "at_lower_limit",
    "at_upper_limit",
    "above_upper_limit",
    "disabled",
    "not_supported",
]
"""BACnet AccessZoneOccupancyState."""
CredentialStanding = Literal[
    "active",
    "disabled",
    "revoked",
    "lost",
    "stolen",
    "expired",
    "locked_out",
    "superseded",
    "unknown",
]
Result = Literal["pass", "fail", "na", "not_done", "unknown"]
"""The answer to one checklist item; a word that is not known is ``unknown``, never ``pass``."""
Severity = Literal["impairment", "critical", "noncritical", "observation"]
"""How bad a finding is: the three classes of NFPA 25, and ``observation``."""
ActionKind = Literal["repair", "upgrade", "clean", "replace"]
Sensing = Literal["monitored", "partly", "unmonitored"]
"""Whether the sensors of a zone work: all, some, none."""
ReadinessState = Literal["go", "go_with_conditions", "no_go", "unknown"]
MaskKind = Literal["maintenance", "unlocked_schedule", "fire_release", "planned_opening"]
"""Why alerts are expected somewhere for a while."""
TroubleKind = Literal["file", "calendar", "stale", "stranger", "gap", "channel"]
"""What can be wrong with a roster: its file, a calendar that can't be read or is old, a name in a calendar that is no
person's, a team that nobody is on call for, a person who has no channel."""
Unit = Literal[
    "celsius",
    "lux",
    "percent",
    "bar",
    "ppm",
    "volt",
    "ampere",
    "decibel",
    "minute",
    "second",
    "unknown",
]


class _Said(Struct, frozen=True, kw_only=True, tag_field="type", gc=False):
    """What every event carries.

    No event leads back to itself, so the garbage collector need not look at them: each look stops the line.
    """

    at: When
    """When it happened, by the sender's clock."""
    id: Annotated[str, Meta(max_length=128)] = ""
    """The sender's own number for it, if it has one: the same event sent twice carries the same id."""
    replay: bool = False
    """Sent again from a device's memory: it brings the picture up to date and is not news."""
    raw: Annotated[str, Meta(max_length=256)] = ""
    """The vendor's own word, where translating lost something."""
    source_seq: Annotated[int, Meta(ge=0, le=2**53 - 1)] | None = None
    """The sender's count of what it has said, each one more than the last: a number that never comes was lost."""
    counter: Annotated[str, Meta(max_length=128)] = ""
    """Who counts, where it isn't ``device``: the controller of several readers."""


# Access: somebody at an access point (ONVIF AccessControl) ------------------------------------------------------


class _AtPoint(_Said, frozen=True, kw_only=True):
    point: Name
    device: Annotated[str, Meta(max_length=128)] = ""
    """The reader or controller that said so, if it is known."""


class _Access(_AtPoint, frozen=True, kw_only=True):
    direction: Direction = "unknown"
    credential: Annotated[str, Meta(max_length=128)] = ""
    """A keyed hash of the card, never its number."""
    credential_issue: int = 0
    """Issue number of a re-issued card; 0 where the system has none."""
    holder: Annotated[str, Meta(max_length=128)] = ""
    """A pseudonym of the person; names stay off the bus."""
    holder_class: HolderClass = "unknown"
    method: Method = "unknown"


class AccessGranted(_Access, frozen=True, kw_only=True, tag="access.granted"):
    """The controller let somebody pass; whether they did is ``access.taken``."""


class AccessTaken(_Access, frozen=True, kw_only=True, tag="access.taken"):
    """Somebody passed."""


class AccessNotTaken(_Access, frozen=True, kw_only=True, tag="access.not_taken"):
    """Access was granted and nobody passed."""


class AccessDenied(_Access, frozen=True, kw_only=True, tag="access.denied"):
    """The controller refused."""

    reason: DeniedReason = "other"


class AccessDuress(_Access, frozen=True, kw_only=True, tag="access.duress"):
    """Somebody passes under threat. Silent: never on a public screen."""


class AccessMuster(_Access, frozen=True, kw_only=True, tag="access.muster"):
    """Somebody reported at an assembly point."""


class AccessRex(_AtPoint, frozen=True, kw_only=True, tag="access.rex"):
    """Request to exit: the push button or sensor on the inner side."""

    refused: bool = False
    reason: DeniedReason = "other"


class AccessRead(_Access, frozen=True, kw_only=True, tag="access.read"):
    """A raw read without a decision."""


# Door: what the door itself does (ONVIF DoorControl) ------------------------------------------------------------


class DoorOpened(_AtPoint, frozen=True, kw_only=True, tag="door.opened"):
    """The contact says open."""


class DoorClosed(_AtPoint, frozen=True, kw_only=True, tag="door.closed"):
    """The contact says closed."""


class DoorLocked(_AtPoint, frozen=True, kw_only=True, tag="door.locked"):
    """The lock is thrown."""


class DoorUnlocked(_AtPoint, frozen=True, kw_only=True, tag="door.unlocked"):
    """The lock is released."""


class DoorModeChanged(_AtPoint, frozen=True, kw_only=True, tag="door.mode"):
    """The controller's mode for the door."""

    mode: DoorMode


class DoorAlarmChanged(_AtPoint, frozen=True, kw_only=True, tag="door.alarm"):
    """The controller's own alarm for the door."""

    alarm: DoorAlarm


class DoorTamper(_AtPoint, frozen=True, kw_only=True, tag="door.tamper"):
    """Somebody works at the door's hardware."""

    active: bool


class DoorFault(_AtPoint, frozen=True, kw_only=True, tag="door.fault"):
    """The door's hardware reports a fault."""

    active: bool
    reason: Annotated[str, Meta(max_length=256)] = ""


# Device: readers, controllers, sensors, gateways ----------------------------------------------------------------


class _OfDevice(_Said, frozen=True, kw_only=True):
    device: Name


class DeviceOnline(_OfDevice, frozen=True, kw_only=True, tag="device.online"):
    """It can be reached."""


class DeviceOffline(_OfDevice, frozen=True, kw_only=True, tag="device.offline"):
    """It can't be reached: its last will, or its gateway says so."""


class DeviceHeartbeat(_OfDevice, frozen=True, kw_only=True, tag="device.heartbeat"):
    """It lives."""


class DeviceBoot(_OfDevice, frozen=True, kw_only=True, tag="device.boot"):
    """It started anew."""


class DeviceTamper(_OfDevice, frozen=True, kw_only=True, tag="device.tamper"):
    """Its enclosure is open."""

    active: bool


class DeviceBattery(_OfDevice, frozen=True, kw_only=True, tag="device.battery"):
    """Its battery."""

    percent: Annotated[float, Meta(ge=0, le=100)]
    low: bool = False


class ConfigChanged(_OfDevice, frozen=True, kw_only=True, tag="config.changed"):
    """Somebody changed its configuration."""

    what: Annotated[str, Meta(max_length=256)] = ""
    who: Annotated[str, Meta(max_length=128)] = ""


# Zone: rooms and areas ------------------------------------------------------------------------------------------


class _OfZone(_Said, frozen=True, kw_only=True):
    zone: Name


class ZoneOpened(_OfZone, frozen=True, kw_only=True, tag="zone.opened"):
    """The zone admits people from now on."""

    who: Annotated[str, Meta(max_length=128)] = ""


class ZoneClosed(_OfZone, frozen=True, kw_only=True, tag="zone.closed"):
    """The zone admits nobody any more."""

    who: Annotated[str, Meta(max_length=128)] = ""


class ZoneCount(_OfZone, frozen=True, kw_only=True, tag="zone.count"):
    """So many persons are inside, as a camera or turnstile counts them."""

    count: Count
    device: Annotated[str, Meta(max_length=128)] = ""


class ZoneOccupancyState(_OfZone, frozen=True, kw_only=True, tag="zone.occupancy_state"):
    """The controller's own word on how full the zone is."""

    state: OccupancyState


# Emergency ------------------------------------------------------------------------------------------------------


class EmergencyFire(_OfZone, frozen=True, kw_only=True, tag="emergency.fire"):
    """A fire detector, call point or panel input."""

    device: Annotated[str, Meta(max_length=128)] = ""


class EmergencyManual(_OfZone, frozen=True, kw_only=True, tag="emergency.manual"):
    """A person pressed an emergency button."""

    device: Annotated[str, Meta(max_length=128)] = ""


class EmergencyCleared(_OfZone, frozen=True, kw_only=True, tag="emergency.cleared"):
    """The emergency input went back to normal."""

    device: Annotated[str, Meta(max_length=128)] = ""


# Credentials ----------------------------------------------------------------------------------------------------


class CredentialState(_Said, frozen=True, kw_only=True, tag="credential.state"):
    """The registry's word on one credential (ONVIF Credential/State)."""

    credential: Name
    state: CredentialStanding
    holder: Annotated[str, Meta(max_length=128)] = ""
    by_device: bool = False
    """The device did it by itself, e.g. after three wrong PINs."""


class ApbForgiven(_Said, frozen=True, kw_only=True, tag="apb.forgiven"):
    """A named person forgives an anti-passback: the badge may come in again."""

    credential: Name
    who: Name
    holder: Annotated[str, Meta(max_length=128)] = ""
    zone: Annotated[str, Meta(max_length=128)] = ""
    inside: Annotated[int, Meta(ge=0, le=1)] = 0
    """Whether its holder is in the zone: 1 or 0."""
    note: Text = ""


class ApbViolation(_Said, frozen=True, kw_only=True, tag="apb.violation"):
    """Anti-passback: the credential went in twice without going out."""

    credential: Name
    point: Annotated[str, Meta(max_length=128)] = ""
    active: bool = True


# Inspection -----------------------------------------------------------------------------------------------------


class Evidence(Struct, frozen=True, kw_only=True):
    """A photograph or document, by its digest; the file itself stays where it is."""

    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    media_type: Annotated[str, Meta(max_length=128)]


class Item(Struct, frozen=True, kw_only=True):
    """One answered line of a checklist."""

    item: Name
    result: Result
    value: float | None = None
    unit: Unit = "unknown"
    note: Text = ""
    na_reason: Text = ""
    evidence: tuple[Evidence, ...] = ()


class _Inspection(_Said, frozen=True, kw_only=True):
    checklist: Name
    inspection: Name
    """One visit; an amended form keeps the name and raises ``revision``."""
    inspector: Annotated[str, Meta(max_length=128)] = ""


class InspectionScheduled(_Inspection, frozen=True, kw_only=True, tag="inspection.scheduled"):
    """It has to be done by ``due_at``."""

    due_at: When


class InspectionStarted(_Inspection, frozen=True, kw_only=True, tag="inspection.started"):
    """The inspector began."""


class InspectionSubmitted(_Inspection, frozen=True, kw_only=True, tag="inspection.submitted"):
    """The form as the inspector left it."""

    revision: Annotated[int, Meta(ge=1)] = 1
    version: Annotated[str, Meta(max_length=128)] = ""
    """Of the template that was filled in; empty where the system doesn't say."""
    started_at: When | None = None
    finished_at: When | None = None
    items: tuple[Item, ...] = ()


class InspectionAmended(_Inspection, frozen=True, kw_only=True, tag="inspection.amended"):
    """The form again, corrected; it replaces the revisions before."""

    revision: Annotated[int, Meta(ge=2)]
    items: tuple[Item, ...] = ()


class InspectionApproved(_Inspection, frozen=True, kw_only=True, tag="inspection.approved"):
    """Somebody else than the inspector agrees."""

    approver: Name


class InspectionRejected(_Inspection, frozen=True, kw_only=True, tag="inspection.rejected"):
    """Somebody else than the inspector disagrees."""

    approver: Name
    note: Text = ""


class InspectionCancelled(_Inspection, frozen=True, kw_only=True, tag="inspection.cancelled"):
    """It need not be done."""

    note: Text = ""


class InspectionItem(_Inspection, frozen=True, kw_only=True, tag="inspection.item"):
    """One answer, sent as soon as it is given."""

    item: Name
    result: Result
    value: float | None = None
    unit: Unit = "unknown"
    note: Text = ""
    na_reason: Text = ""
    evidence: tuple[Evidence, ...] = ()


# Corrective actions ---------------------------------------------------------------------------------------------


class _Action(_Said, frozen=True, kw_only=True):
    action: Name
    zone: Annotated[str, Meta(max_length=128)] = ""
    asset: Annotated[str, Meta(max_length=128)] = ""
    who: Annotated[str, Meta(max_length=128)] = ""
    note: Text = ""


class ActionOpened(_Action, frozen=True, kw_only=True, tag="action.opened"):
    """Something has to be repaired, upgraded, cleaned or replaced."""

    kind: ActionKind
    lead: Annotated[str, Meta(max_length=128)] = ""
    """The one agency that answers for it."""
    coordinating: Annotated[tuple[Name, ...], Meta(max_length=20)] = ()
    """The agencies that take part."""
    from_item: Annotated[str, Meta(max_length=128)] = ""
    severity: Severity = "noncritical"
    due_at: When | None = None


class ActionAssigned(_Action, frozen=True, kw_only=True, tag="action.assigned"):
    """Somebody has it."""


class ActionStarted(_Action, frozen=True, kw_only=True, tag="action.started"):
    """Work began."""


class ActionDone(_Action, frozen=True, kw_only=True, tag="action.done"):
    """Work ended; the failure stands until somebody verified it."""


class ActionVerified(_Action, frozen=True, kw_only=True, tag="action.verified"):
    """A new inspection found it good."""

    inspection: Annotated[str, Meta(max_length=128)] = ""


class ActionReopened(_Action, frozen=True, kw_only=True, tag="action.reopened"):
    """It was not good after all."""


class ActionCancelled(_Action, frozen=True, kw_only=True, tag="action.cancelled"):
    """It need not be done."""


# Readings, certificates, sign-off -------------------------------------------------------------------------------


class ReadingRecorded(_Said, frozen=True, kw_only=True, tag="reading.recorded"):
    """A measured value outside a checklist."""

    asset: Name
    quantity: Name
    value: float
    unit: Unit = "unknown"
    zone: Annotated[str, Meta(max_length=128)] = ""


class CertificateIssued(_Said, frozen=True, kw_only=True, tag="certificate.issued"):
    """An examiner certified an asset: a lift, an extinguisher, a generator."""

    asset: Name
    kind: Name
    expires_at: When
    issuer: Annotated[str, Meta(max_length=128)] = ""
    zone: Annotated[str, Meta(max_length=128)] = ""
    """The zone that depends on the asset; empty: every site does."""


class CertificateRevoked(_Said, frozen=True, kw_only=True, tag="certificate.revoked"):
    """The certificate holds no more."""

    asset: Name
    kind: Name


class ReadinessSigned(_OfZone, frozen=True, kw_only=True, tag="readiness.signed"):
    """A named person signs that the zone is ready."""

    who: Name
    note: Text = ""


class ReadinessWithdrawn(_OfZone, frozen=True, kw_only=True, tag="readiness.withdrawn"):
    """The sign-off is taken back."""

    who: Name
    note: Text = ""


# What people say ------------------------------------------------------------------------------------------------


class ReportFiled(_Said, frozen=True, kw_only=True, tag="report.filed"):
    """Somebody saw something."""

    report: Name
    zone: Annotated[str, Meta(max_length=128)] = ""
    who: Annotated[str, Meta(max_length=128)] = ""
    about: Annotated[str, Meta(max_length=128)] = ""
    text: Text = ""


class ReportReceived(_Said, frozen=True, kw_only=True, tag="report.received"):
    """A named person has read the report and says so."""

    report: Name
    who: Annotated[str, Meta(max_length=128)] = ""


class ReportClosed(_Said, frozen=True, kw_only=True, tag="report.closed"):
    """What the report was about is said to be settled."""

    report: Name
    zone: Annotated[str, Meta(max_length=128)] = ""
    who: Annotated[str, Meta(max_length=128)] = ""
    about: Annotated[str, Meta(max_length=128)] = ""


class RequestOpened(_Said, frozen=True, kw_only=True, tag="request.opened"):
    """Somebody asks for something and waits."""

    request: Name
    zone: Annotated[str, Meta(max_length=128)] = ""
    who: Annotated[str, Meta(max_length=128)] = ""
    text: Text = ""
    answer_by: When | None = None


class RequestAnswered(_Said, frozen=True, kw_only=True, tag="request.answered"):
    """The request was received and answered."""

    request: Name
    who: Annotated[str, Meta(max_length=128)] = ""
    text: Text = ""


class OrderGiven(_Said, frozen=True, kw_only=True, tag="order.given"):
    """An order: stop, open, close, evacuate."""

    order: Name
    zone: Annotated[str, Meta(max_length=128)] = ""
    who: Annotated[str, Meta(max_length=128)] = ""
    to: Annotated[str, Meta(max_length=128)] = ""
    text: Text = ""
    confirm_by: When | None = None


class OrderConfirmed(_Said, frozen=True, kw_only=True, tag="order.confirmed"):
    """The order was carried out."""

    order: Name
    who: Annotated[str, Meta(max_length=128)] = ""


class PostManned(_Said, frozen=True, kw_only=True, tag="post.manned"):
    """Somebody stands at the post."""

    post: Name
    zone: Annotated[str, Meta(max_length=128)] = ""
    who: Annotated[str, Meta(max_length=128)] = ""


class PostUnmanned(_Said, frozen=True, kw_only=True, tag="post.unmanned"):
    """Nobody stands at the post."""

    post: Name
    zone: Annotated[str, Meta(max_length=128)] = ""
    who: Annotated[str, Meta(max_length=128)] = ""


class _Round(_Said, frozen=True, kw_only=True):
    round: Name
    who: Annotated[str, Meta(max_length=128)] = ""


class RoundStarted(_Round, frozen=True, kw_only=True, tag="round.started"):
    """A guard set out."""

    due_at: When | None = None


class RoundStation(_Round, frozen=True, kw_only=True, tag="round.station"):
    """The guard reached one station."""

    station: Name


class RoundFinished(_Round, frozen=True, kw_only=True, tag="round.finished"):
    """The guard came back."""


class WatcherHeartbeat(_Said, frozen=True, kw_only=True, tag="watcher.heartbeat"):
    """A watcher elsewhere follows the monitor, and pages by itself if it falls silent."""

    watcher: Name


class NotifyTested(_Said, frozen=True, kw_only=True, tag="notify.tested"):
    """A marked test was taken by one of somebody's channels."""

    person: Name
    channel: Annotated[str, Meta(max_length=128)] = ""
    """Its name in ``roster.toml``."""
    who: Annotated[str, Meta(max_length=128)] = ""
    """Who tested."""


# Staff actions on alerts ----------------------------------------------------------------------------------------


class _Staff(_Said, frozen=True, kw_only=True):
    who: Name
    alert: Name
    """The alert's id."""
    note: Text = ""


class StaffAcknowledge(_Staff, frozen=True, kw_only=True, tag="staff.acknowledge"):
    """«Mine»: it stops the escalation and leaves the alert on the board."""


class StaffShelve(_Staff, frozen=True, kw_only=True, tag="staff.shelve"):
    """Out of sight for a while, with a reason and an end (ISA-18.2)."""

    until: When
    reason: Annotated[str, Meta(min_length=1, max_length=4000)]


class StaffUnshelve(_Staff, frozen=True, kw_only=True, tag="staff.unshelve"):
    """Back on the board before the time."""


class StaffClose(_Staff, frozen=True, kw_only=True, tag="staff.close"):
    """Dealt with."""


class StaffMask(_Said, frozen=True, kw_only=True, tag="staff.mask"):
    """Alerts of a point, a zone or a site are expected until a time: they are kept and not shown."""

    who: Name
    # What is missing is refused by the core, so that whoever masks is told why.
    what: Annotated[str, Meta(max_length=128)] = ""
    """A rule's id, or ``*`` for all rules. Mandatory."""
    kind: MaskKind = "maintenance"
    point: Annotated[str, Meta(max_length=128)] = ""
    zone: Annotated[str, Meta(max_length=128)] = ""
    site: Annotated[str, Meta(max_length=128)] = ""
    """Exactly one of point, zone and site is given."""
    until: When | None = None
    """Mandatory."""
    reason: Text = ""
    """Mandatory."""


class StaffUnmask(_Said, frozen=True, kw_only=True, tag="staff.unmask"):
    """The mask ends before its time."""

    who: Name
    mask: Annotated[str, Meta(max_length=128)] = ""
    """The mask's id. Mandatory."""
    note: Text = ""


class StaffOverride(_Said, frozen=True, kw_only=True, tag="staff.override"):
    """«I take this shift»: until a time this person is on call in a team, and nobody else."""

    who: Name
    # What is missing or unknown is refused by the core, so that whoever takes a shift is told why.
    team: Annotated[str, Meta(max_length=128)] = ""
    """Mandatory."""
    person: Annotated[str, Meta(max_length=128)] = ""
    """Whose shift it is from now on; left out, who says it."""
    until: When | None = None
    """Mandatory."""
    note: Text = ""


class StaffRelease(_Said, frozen=True, kw_only=True, tag="staff.release"):
    """The shift that somebody took is given back before its time: the plan holds again."""

    who: Name
    team: Annotated[str, Meta(max_length=128)] = ""
    """Mandatory."""
    note: Text = ""


# What the monitor derives or notices itself: rules may use them, nobody may send them ---------------------------


class MonitorStarted(_Said, frozen=True, kw_only=True, tag="monitor.started"):
    """The monitor took up its work."""

    downtime_s: Annotated[float, Meta(ge=0, le=1e9)] = 0.0
    """Seconds since the last input before it stopped; 0 on a new journal."""


class MonitorConnected(_Said, frozen=True, kw_only=True, tag="monitor.connected"):
    """The broker can be reached again; what it kept for us follows."""

    broker: str = ""


class MonitorDisconnected(_Said, frozen=True, kw_only=True, tag="monitor.disconnected"):
    """The broker can't be reached: the monitor hears nothing."""

    broker: str
    reason: str = ""


class MonitorCaughtUp(_Said, frozen=True, kw_only=True, tag="monitor.caught_up"):
    """What the broker had kept for us is taken in."""


class MonitorRejected(_Said, frozen=True, kw_only=True, tag="monitor.rejected"):
    """A message could not be read."""

    source: str
    """Its topic."""
    reason: str


class MonitorUnknown(_Said, frozen=True, kw_only=True, tag="monitor.unknown"):
    """An event names something that the venue file doesn't know."""

    kind: Literal["point", "zone", "device", "checklist"]
    subject: str


class MonitorClockSkew(_Said, frozen=True, kw_only=True, tag="monitor.clock_skew"):
    """A sender's clock is ahead of ours by more than the tolerance."""

    source: str
    ahead_s: float


class MonitorSessionLost(_Said, frozen=True, kw_only=True, tag="monitor.session_lost"):
    """The broker had forgotten our session: messages may have been lost."""

    broker: str


class MonitorSinkRefused(_Said, frozen=True, kw_only=True, tag="monitor.sink_refused"):
    """A sink will never take one entry; it was stepped over."""

    sink: str
    reason: str


class MonitorSinkFailed(_Said, frozen=True, kw_only=True, tag="monitor.sink_failed"):
    """A sink's task died of a defect and was started again."""

    sink: str
    reason: str


class MonitorSinkAway(_Said, frozen=True, kw_only=True, tag="monitor.sink_away"):
    """A sink can't be reached: what is meant for it waits."""

    sink: str
    reason: str = ""


class MonitorSinkBack(_Said, frozen=True, kw_only=True, tag="monitor.sink_back"):
    """A sink was reached, for the first time since the start or since it went away."""

    sink: str


class MonitorSinkBehind(_Said, frozen=True, kw_only=True, tag="monitor.sink_behind"):
    """A sink has not had what came in more than a minute ago."""

    sink: str
    behind_s: float = 0.0


class MonitorSinkCaughtUp(_Said, frozen=True, kw_only=True, tag="monitor.sink_caught_up"):
    """A sink that was behind has had everything again."""

    sink: str


class MonitorKeysCapped(_Said, frozen=True, kw_only=True, tag="monitor.keys_capped"):
    """A rule follows as many keys as it may; further ones are not followed."""

    rule: str


class MonitorRulesRefused(_Said, frozen=True, kw_only=True, tag="monitor.rules_refused"):
    """The rule or venue files were changed and have mistakes: the rules before stay in force."""

    folder: str
    reason: str
    """The first mistake, and how many there are."""


class MonitorRulesLoaded(_Said, frozen=True, kw_only=True, tag="monitor.rules_loaded"):
    """The rule and venue files are in force as they are."""

    folder: str


class MonitorRosterTrouble(_Said, frozen=True, kw_only=True, tag="monitor.roster_trouble"):
    """Something is wrong with the roster: somebody may not be told."""

    kind: TroubleKind
    subject: str
    """The file, calendar, team or person."""
    reason: str


class MonitorRosterMended(_Said, frozen=True, kw_only=True, tag="monitor.roster_mended"):
    """That is not wrong any more."""

    kind: TroubleKind
    subject: str


class MonitorPageUndelivered(_Said, frozen=True, kw_only=True, tag="monitor.page_undelivered"):
    """A page reached nobody, by none of the person's channels: the alerts that it told of climb at once."""

    page: str
    """Its id."""
    person: str
    alerts: tuple[str, ...] = ()
    """The ids of all alerts that it told of."""
    reason: str = ""
    """What the last channel said."""


class MonitorPageDelivered(_Said, frozen=True, kw_only=True, tag="monitor.page_delivered"):
    """Somebody whom a page had not reached can be reached again."""

    page: str
    """The id of the one that arrived."""
    person: str


class _OfChannel(_Said, frozen=True, kw_only=True):
    person: str
    channel: str
    """Its name in ``roster.toml``."""


class MonitorChannelDown(_OfChannel, frozen=True, kw_only=True, tag="monitor.channel_down"):
    """A channel to somebody takes nothing, or can't be reached."""

    reason: str = ""


class MonitorChannelUp(_OfChannel, frozen=True, kw_only=True, tag="monitor.channel_up"):
    """A channel can be reached again, or for the first time since the start."""


class DeviceExpected(_OfDevice, frozen=True, kw_only=True, tag="device.expected"):
    """The venue file names this device: from now on it must be heard."""


class ChannelExpected(_Said, frozen=True, kw_only=True, tag="channel.expected"):
    """The roster names this way to reach somebody: from now on it has to be tested."""

    person: str
    channel: str


class ChannelDropped(_Said, frozen=True, kw_only=True, tag="channel.dropped"):
    """The roster doesn't name this way to reach somebody any more."""

    person: str
    channel: str


class PostExpected(_Said, frozen=True, kw_only=True, tag="post.expected"):
    """The venue file names this post, and nobody has said that it is manned."""

    post: Name
    zone: str = ""


class RoundWalked(_Said, frozen=True, kw_only=True, tag="round.walked"):
    """A round of the venue file is over."""

    round: Name
    who: str = ""
    missing: str = ""
    """The stations that were not visited."""
    missed: int
    """How many these are."""


class HolderStrayed(_Said, frozen=True, kw_only=True, tag="holder.strayed"):
    """A badge left a zone with `anti_passback` that it had not gone into: somebody went in with another's."""

    holder: Name
    point: Name
    left: str
    """The zone that it left."""
    last_zone: str
    """The zone in which it was last; empty: outside."""


class HolderMoved(_Said, frozen=True, kw_only=True, tag="holder.moved"):
    """A badge was used at another site than before."""

    holder: Name
    point: Name
    came_from: str
    """The site before."""
    took_s: float
    short_by_s: float
    """So many seconds faster than anybody can be; 0 where the time was enough."""


class MusterExpected(_OfZone, frozen=True, kw_only=True, tag="muster.expected"):
    """There is a fire alarm at a site in which this holder is: he or she has to report."""

    holder: Name


class MusterOver(_Said, frozen=True, kw_only=True, tag="muster.over"):
    """This holder need not report any more: has left, or the alarm is over."""

    holder: Name


class ReadingChanged(_Said, frozen=True, kw_only=True, tag="reading.changed"):
    """A measured value is another than before, or the first."""

    asset: Name
    quantity: Name
    value: float


class ZoneStaffed(_OfZone, frozen=True, kw_only=True, tag="zone.staffed"):
    """How many crowd managers a zone needs, and how many are on duty."""

    needed: int
    on_duty: int
    missing: int


class DeviceCounted(_OfDevice, frozen=True, kw_only=True, tag="device.counted"):
    """An event carried this number of its sender's count, in `source_seq`."""


class DeviceGap(_OfDevice, frozen=True, kw_only=True, tag="device.gap"):
    """Numbers of a sender's count did not come, and it has gone on counting for a minute."""

    missing: int
    first: int
    """The first number that is missing."""
    last: int
    """The last one; some between the two may have come."""


class DeviceClock(_OfDevice, frozen=True, kw_only=True, tag="device.clock"):
    """What a device says of itself carries a time that is behind, or again the right one."""

    behind_s: float
    """So many seconds; 0: it is right again."""


class DeviceSilent(_OfDevice, frozen=True, kw_only=True, tag="device.silent"):
    """It was not heard for longer than its limit."""


class InspectionPaced(_Said, frozen=True, kw_only=True, tag="inspection.paced"):
    """How fast a form was filled in, beside others of the same checklist."""

    checklist: Name
    inspection: Name
    inspector: str = ""
    answered: int
    seconds_per_item: float
    median_s: float
    """Of the latest forms of the checklist, in seconds an item."""
    percent_of_median: float


class ChecklistExpected(_Said, frozen=True, kw_only=True, tag="checklist.expected"):
    """The venue file names this checklist: from now on it must be done."""

    checklist: str


class ZoneOccupancy(_OfZone, frozen=True, kw_only=True, tag="zone.occupancy"):
    """How many persons are inside, from counts or from passages."""

    count: int
    exact: bool = True
    """Nobody can have come in or gone out uncounted."""
    at_least: int | None = None
    at_most: int | None = None
    """Missing while people can still pass uncounted."""


class ZoneSensing(_OfZone, frozen=True, kw_only=True, tag="zone.sensing"):
    """Whether the zone's sensors work; with none that does, nobody knows what happens there."""

    state: Sensing
    sensors: int
    """How many the venue file names."""


class ZoneInspected(_OfZone, frozen=True, kw_only=True, tag="zone.inspected"):
    """What the zone's checklists say together."""

    state: Literal["passed", "failed", "expired", "unknown"]
    reason: str = ""


class ZoneReady(_OfZone, frozen=True, kw_only=True, tag="zone.ready"):
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


Access = (
    AccessGranted
    | AccessTaken
    | AccessNotTaken
    | AccessDenied
    | AccessDuress
    | AccessMuster
    | AccessRex
    | AccessRead
)
Door = (
    DoorOpened
    | DoorClosed
    | DoorLocked
    | DoorUnlocked
    | DoorModeChanged
    | DoorAlarmChanged
    | DoorTamper
    | DoorFault
)
Device = (
    DeviceOnline
    | DeviceOffline
    | DeviceHeartbeat
    | DeviceBoot
    | DeviceTamper
    | DeviceBattery
    | ConfigChanged
)
Zone = ZoneOpened | ZoneClosed | ZoneCount | ZoneOccupancyState
Emergency = EmergencyFire | EmergencyManual | EmergencyCleared
Credential = CredentialState | ApbViolation | ApbForgiven
Inspection = (
    InspectionScheduled
    | InspectionStarted
    | InspectionSubmitted
    | InspectionAmended
    | InspectionApproved
    | InspectionRejected
    | InspectionCancelled
    | InspectionItem
)
Action = (
    ActionOpened
    | ActionAssigned
    | ActionStarted
    | ActionDone
    | ActionVerified
    | ActionReopened
    | ActionCancelled
)
Reading = ReadingRecorded
Certificate = CertificateIssued | CertificateRevoked
Readiness = ReadinessSigned | ReadinessWithdrawn
Report = ReportFiled | ReportReceived | ReportClosed
Request = RequestOpened | RequestAnswered
Order = OrderGiven | OrderConfirmed
Post = PostManned | PostUnmanned
Round = RoundStarted | RoundStation | RoundFinished
Watcher = WatcherHeartbeat
Staff = StaffAcknowledge | StaffShelve | StaffUnshelve | StaffClose
Masking = StaffMask | StaffUnmask
Relief = StaffOverride | StaffRelease

Event = (
    Access
    | Door
    | Device
    | Zone
    | Emergency
    | Credential
    | Inspection
    | Action
    | Reading
    | Certificate
    | Readiness
    | Report
    | Request
    | Order
    | Post
    | Round
    | Watcher
    | NotifyTested
    | Staff
    | Masking
    | Relief
)
"""What may arrive as a message."""

Noticed = (
    MonitorStarted
    | MonitorConnected
    | MonitorDisconnected
    | MonitorCaughtUp
    | MonitorUnknown
    | MonitorClockSkew
    | MonitorSessionLost
    | MonitorSinkRefused
    | MonitorSinkFailed
    | MonitorSinkAway
    | MonitorSinkBack
    | MonitorSinkBehind
    | MonitorSinkCaughtUp
    | MonitorKeysCapped
    | MonitorRulesRefused
    | MonitorRulesLoaded
    | MonitorRejected
    | MonitorRosterTrouble
    | MonitorRosterMended
    | MonitorPageUndelivered
    | MonitorPageDelivered
    | MonitorChannelDown
    | MonitorChannelUp
)
"""What the monitor notices about itself and its senders."""


class ScheduleOpened(_Said, frozen=True, kw_only=True, tag="schedule.opened"):
    """The hours of a schedule of the venue file began."""

    schedule: str
    ends_at: datetime
    """When they end: for `absence` with ``until``."""


class ScheduleClosed(_Said, frozen=True, kw_only=True, tag="schedule.closed"):
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
    | HolderMoved
    | HolderStrayed
    | MusterExpected
    | MusterOver
    | ReadingChanged
    | InspectionPaced
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

AnyEvent = Event | Noticed | Derived
"""All that a rule may name."""


def kind_of(event: AnyEvent) -> str:
    """Return the event's type name, e.g. ``door.opened``."""
    tag: Any = event.__struct_config__.tag
    return str(tag)


def _by_kind() -> Mapping[str, type[Struct]]:
    return {str(struct.__struct_config__.tag): struct for struct in get_args(AnyEvent)}


EVENT_TYPES: Mapping[str, type[Struct]] = _by_kind()
"""Every event type by its name, those that only the monitor makes included."""
