"""What follows from an input: decided, written down in the same transaction as the input, and final."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from monitor.core.alert import Alert, Change
from monitor.core.events.vocabulary import MaskKind, ReadinessState, Sensing


class ZoneStanding(Struct, frozen=True, kw_only=True):
    """What is known about a zone now; ``None`` and ``unknown`` mean that nobody has said."""

    zone: str
    site: str = ""
    occupancy: int | None = None
    """Persons."""
    at_least: int | None = None
    at_most: int | None = None
    """After a breach ``occupancy`` is a range; ``None`` while nobody can say how many have come in."""
    capacity: int | None = None
    sensing: Sensing = "unmonitored"
    """Whether the sensors that watch it work: without one, no number here means anything."""
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


class Reason(Struct, frozen=True, kw_only=True):
    """One thing that decides whether a zone is ready, and who has to act."""

    state: ReadinessState
    """What the zone would be if this were all."""
    what: str
    zone: str = ""
    checklist: str = ""
    action: str = ""
    certificate: str = ""
    """Its asset and kind."""
    lead: str = ""
    """The agency that has to act; empty where nobody is named."""
    coordinating: tuple[str, ...] = ()
    until: datetime | None = None
    """So long it holds."""
    life_safety: bool = False
    """An impairment: something that protects lives doesn't work."""


class ReadinessStanding(Struct, frozen=True, kw_only=True):
    """Whether a zone is ready, or a whole site, and everything that decides it, the gravest first."""

    zone: str = ""
    """Empty: the site."""
    site: str = ""
    state: ReadinessState = "unknown"
    reasons: tuple[Reason, ...] = ()


class ReadinessChanged(ReadinessStanding, frozen=True, kw_only=True, tag="readiness"):
    """A zone's or a site's readiness is another, or has other reasons; at most one a second for each."""

    at: datetime


class Mask(Struct, frozen=True, kw_only=True):
    """Alerts of one rule, or of all, are expected at one place for a while: whose word, why, until when."""

    id: str
    """The same for the same rule and place: a new mask there takes the place of the one before."""
    what: str
    """A rule's id, or ``*``."""
    kind: MaskKind
    point: str = ""
    zone: str = ""
    site: str = ""
    owner: str
    reason: str
    since: datetime
    until: datetime

    def hides(self, alert: Alert) -> bool:
        """Tell whether an alert is one of those that are expected; life safety never is."""
        return (
            alert.severity != "life_safety"
            and self.what in ("*", alert.rule)
            and self.point in ("", alert.point)
            and self.zone in ("", alert.zone)
            and self.site in ("", alert.site)
        )


class MaskChanged(Struct, frozen=True, kw_only=True, tag="mask"):
    """A mask began, or ended: by a person, or because its time ran out."""

    at: datetime
    mask: Mask
    ended: bool = False
    who: str = ""
    note: str = ""


class Override(Struct, frozen=True, kw_only=True):
    """Somebody took a shift: until then they are on call in the team, whatever the plan says."""

    team: str
    person: str
    since: datetime
    until: datetime
    who: str
    """Who said so."""
    note: str = ""


class OverrideChanged(Struct, frozen=True, kw_only=True, tag="override"):
    """Somebody took a shift, or the plan holds again."""

    at: datetime
    override: Override
    ended: bool = False
    who: str = ""
    note: str = ""


class StaffRefused(Struct, frozen=True, kw_only=True, tag="refused"):
    """A staff action could not be done."""

    at: datetime
    who: str
    act: str
    alert: str
    """The alert's id, the mask's, or the team's."""
    reason: str


PageKind = Literal["raised", "returned", "escalated", "cleared", "digest", "summary"]
"""Why a page is sent: news, the next step of a ladder, the end, or many alerts in one."""


class PageOrdered(Struct, frozen=True, kw_only=True, tag="page"):
    """One person has to be told of one alert, or of several in one, for one reason."""

    at: datetime
    id: str
    """Derived from alert, step, person and turn: the same order never makes two."""
    person: str
    kind: PageKind
    reason: str
    """Why this person: ``on call in hall-security``, ``step 2: nobody took it for 5 min``."""
    alerts: tuple[Alert, ...]
    """As they stood; one, or the worst ones of a digest or summary."""
    more: tuple[str, ...] = ()
    """The ids of the further alerts of a digest or summary."""
    step: int = 1
    """Of the escalation ladder."""
    others: tuple[str, ...] = ()
    """Who else is told."""


Transition = (
    AlertChanged
    | ZoneChanged
    | ReadinessChanged
    | MaskChanged
    | OverrideChanged
    | PageOrdered
    | StaffRefused
)
