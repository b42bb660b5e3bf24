"""What the history has to remember of the inputs that it has read, to say how things stand; kept with its cursor."""

from datetime import datetime

from msgspec import Struct

from monitor.core.transitions import Mask, ZoneStanding


class DoorState(Struct):
    """An access point, as its events have described it."""

    at: datetime
    """When the latest of them happened."""
    open: bool | None = None
    opened_at: datetime | None = None
    alarm: str = "normal"
    mode: str = "unknown"
    tamper: bool = False
    fault: bool = False


class DeviceState(Struct):
    """A device, as it was heard."""

    heard: datetime
    offline: bool = False
    battery: float | None = None
    tamper: bool = False


class OpenAlert(Struct, frozen=True, kw_only=True):
    """An open alert that may be shown, as it is told."""

    alarm: str
    """`<rule>:<place>`, with a number where there are more of the same."""
    rule: str
    severity: str
    site: str
    zone: str
    point: str
    subject: str
    msg: str
    condition: str
    handling: str
    owner: str
    occurrences: int
    raised_at: datetime


class CheckState(Struct, frozen=True):
    """What a zone's readiness says of one checklist."""

    code: int
    wrong: int
    due: datetime | None = None
    """When its last pass ends, or ended."""


class ReadyState(Struct, frozen=True):
    """Whether a zone or site may open."""

    site: str
    zone: str
    code: int
    wrong: int
    why: str
    lead: str


class Visit(Struct, frozen=True):
    """An inspection that is announced and has not come."""

    checklist: str
    due: datetime


class Work(Struct):
    """A corrective action."""

    at: datetime
    zone: str = ""
    lead: str = ""
    severity: str = ""
    stage: str = "opened"
    due: datetime | None = None


class Paper(Struct, frozen=True):
    """A certificate."""

    at: datetime
    asset: str
    kind: str
    zone: str = ""
    expires: datetime | None = None
    """``None``: it was revoked."""


class Picture(Struct):
    """All of it."""

    seq: int = 0
    """The number of the latest input."""
    rules: int = 0
    """The number of the input that put the present rules in force; 0: none yet."""
    now: datetime | None = None
    """Our clock at the latest input."""
    tick: datetime | None = None
    """When the states are written down again."""
    doors: dict[str, DoorState] = {}
    devices: dict[str, DeviceState] = {}
    zones: dict[str, ZoneStanding] = {}
    alerts: dict[str, OpenAlert] = {}
    """By the alert's id."""
    ready: dict[str, ReadyState] = {}
    """By site and zone."""
    checks: dict[str, CheckState] = {}
    visits: dict[str, Visit] = {}
    work: dict[str, Work] = {}
    papers: dict[str, Paper] = {}
    """By asset and kind."""
    masks: dict[str, Mask] = {}
    minutes: dict[int, dict[str, list[int]]] = {}
    """Passages in, passages out and refusals by access point, for each minute that is not written yet."""
    flow_from: int = 0
    """The first minute that is not written yet; since 1970."""
