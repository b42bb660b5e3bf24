"""Transitions of places: the status of zones, and whether zones and sites are ready."""

from datetime import datetime
from typing import Literal

from msgspec import Struct, field

from monitor.core.events.vocabulary import ReadinessState, Sensing
from monitor.core.phrase import Phrase


class ZoneStatus(Struct, frozen=True, kw_only=True):
    """The status of a zone; ``None`` and ``unknown`` mean that nothing has been reported."""

    zone: str
    site: str = ""
    occupancy: int | None = None
    """Persons."""
    at_least: int | None = None
    at_most: int | None = None
    """After a breach ``occupancy`` is a range; ``None`` while the number of people entering is unknown."""
    capacity: int | None = None
    sensing: Sensing = "unmonitored"
    """Whether the sensors that monitor it work: without one, no number here means anything."""
    open: bool | None = None
    inspected: Literal["passed", "failed", "expired", "unknown", "no_checklist"] = "unknown"
    reason: str | Phrase = ""
    """Why it has not passed."""


class ZoneChanged(Struct, frozen=True, kw_only=True, tag="zone"):
    """The status of a zone has changed; at most one a second for each zone."""

    at: datetime
    status: ZoneStatus = field(name="standing")


class Reason(Struct, frozen=True, kw_only=True):
    """One reason in the verdict on a zone, with the agency that must act."""

    state: ReadinessState
    """The state of the zone if this were the only reason."""
    what: str | Phrase
    zone: str = ""
    checklist: str = ""
    action: str = ""
    certificate: str = ""
    """Its asset and kind."""
    lead: str = ""
    """The agency that must act; empty if none is named."""
    coordinating: tuple[str, ...] = ()
    until: datetime | None = None
    """Until when it holds."""
    life_safety: bool = False
    """An impairment: something that protects lives does not work."""


class ReadinessStatus(Struct, frozen=True, kw_only=True):
    """Whether a zone or a whole site is ready, with all reasons, the gravest first."""

    zone: str = ""
    """Empty: the site."""
    site: str = ""
    state: ReadinessState = "unknown"
    reasons: tuple[Reason, ...] = ()


class ReadinessChanged(ReadinessStatus, frozen=True, kw_only=True, tag="readiness"):
    """The readiness of a zone or site, or its reasons, have changed; at most one a second for each."""

    at: datetime
