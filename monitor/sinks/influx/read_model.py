"""The read model of the projection: what it needs from earlier inputs to write states; saved with its cursor."""

from datetime import datetime

from msgspec import Struct, field

from monitor.core.alert import Condition, Handling
from monitor.core.meaning.door import PartState
from monitor.core.rules.model import Severity
from monitor.core.transitions import Mask, ZoneStatus


class DoorRecord(Struct):
    """An access point, as reported by its events."""

    at: datetime
    """The time of the latest event."""
    open: bool | None = None
    """``None``: the contact has not reported."""
    opened_at: datetime | None = None
    alarm: PartState = "normal"
    mode: PartState = "unknown"
    tamper: bool = False
    fault: bool = False
    parts_at: dict[str, datetime] = {}
    """The time of the latest event of each part: a late one does not replace a later state."""


class DeviceRecord(Struct, rename={"last_seen": "heard"}):
    """A device, as reported by its messages."""

    last_seen: datetime
    offline: bool = False
    battery: float | None = None
    tamper: bool = False


class OpenAlert(Struct, frozen=True, kw_only=True):
    """An open alert that is not silent, as it is written."""

    alarm: str
    """`<rule>:<place>`, with a number where several alerts of one rule are open there."""
    rule: str
    severity: Severity
    site: str
    zone: str
    point: str
    subject: str
    msg: str
    condition: Condition
    handling: Handling
    owner: str
    occurrences: int
    raised_at: datetime
    titles: dict[str, str] = {}
    """By language; empty where an older version wrote it."""


class ChecklistRecord(Struct, frozen=True):
    """The part of a zone's readiness about one checklist."""

    code: int
    wrong: int
    due: datetime | None = None
    """When its last pass expires, or expired."""


class ReadinessRecord(Struct, frozen=True):
    """The readiness of a zone or site."""

    site: str
    zone: str
    code: int
    wrong: int
    why: str
    lead: str
    why_kind: str = ""
    why_name: str = ""


class ScheduledInspection(Struct, frozen=True):
    """An inspection that is scheduled and has not been submitted."""

    checklist: str
    due: datetime


class ActionRecord(Struct):
    """A corrective action."""

    at: datetime
    zone: str = ""
    lead: str = ""
    severity: str = ""
    stage: str = "opened"
    due: datetime | None = None


class CertificateRecord(Struct, frozen=True):
    """A certificate."""

    at: datetime
    asset: str
    kind: str
    zone: str = ""
    expires: datetime | None = None
    """``None``: it was revoked."""


class ReadModel(Struct):
    """All records."""

    seq: int = 0
    """The number of the latest input."""
    rules: int = 0
    """The number of the input that put the current rules in force; 0: none yet."""
    now: datetime | None = None
    """The monitor's clock at the latest input."""
    tick: datetime | None = None
    """When the states are written next."""
    doors: dict[str, DoorRecord] = {}
    devices: dict[str, DeviceRecord] = {}
    zones: dict[str, ZoneStatus] = {}
    alerts: dict[str, OpenAlert] = {}
    """By the alert's id."""
    readiness: dict[str, ReadinessRecord] = field(name="ready", default_factory=dict)
    """By site and zone."""
    checklists: dict[str, ChecklistRecord] = field(name="checks", default_factory=dict)
    inspections: dict[str, ScheduledInspection] = field(name="visits", default_factory=dict)
    actions: dict[str, ActionRecord] = field(name="work", default_factory=dict)
    certificates: dict[str, CertificateRecord] = field(name="papers", default_factory=dict)
    """By asset and kind."""
    masks: dict[str, Mask] = {}
    raised: list[tuple[datetime, str, str, Severity]] = []
    """When and where alerts were raised in the last minutes, in order of raising."""
    mustered: dict[str, dict[int, int]] = {}
    """Reports at assembly points by site and minute."""
    minutes: dict[int, dict[str, list[int]]] = {}
    """Passages in, passages out and denials by access point, for each minute that is not yet written."""
    flow_from: int = 0
    """The first minute that is not yet written, since 1970."""
