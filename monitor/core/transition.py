"""What follows from an input: decided, written down in the same transaction as the input, and final."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from monitor.core.alert import Alert, Change


class ZoneStanding(Struct, frozen=True, kw_only=True):
    """What is known about a zone now; ``None`` and ``unknown`` mean that nobody has said."""

    zone: str
    site: str = ""
    occupancy: int | None = None
    """Persons."""
    capacity: int | None = None
    open: bool | None = None
    inspected: Literal["passed", "failed", "expired", "unknown"] = "unknown"
    reason: str = ""
    """Why it is not passed."""


class AlertChanged(Struct, frozen=True, kw_only=True, tag="alert"):
    """An alert began or moved."""

    at: datetime
    change: Change
    alert: Alert
    """As it stands afterwards."""
    who: str = ""
    note: str = ""


class ZoneChanged(Struct, frozen=True, kw_only=True, tag="zone"):
    """A zone's standing is another; at most one a second for each zone."""

    at: datetime
    standing: ZoneStanding


class StaffRefused(Struct, frozen=True, kw_only=True, tag="refused"):
    """A staff action could not be done."""

    at: datetime
    who: str
    act: str
    alert: str
    reason: str


Transition = AlertChanged | ZoneChanged | StaffRefused
