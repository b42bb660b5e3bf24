"""Transitions: what follows from an input, written in the same transaction as the input, and final."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from msgspec import Struct, field

from monitor.core.alert import Alert, Change
from monitor.core.events.vocabulary import MaskKind, ReadinessState, Sensing
from monitor.core.phrase import Phrase
from monitor.core.rules.model import Severity


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


class AlertChanged(Struct, frozen=True, kw_only=True, tag="alert"):
    """An alert was raised or has changed."""

    at: datetime
    change: Change
    alert: Alert
    """The alert after the change."""
    who: str = ""
    note: str | Phrase = ""


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


class Mask(Struct, frozen=True, kw_only=True):
    """Alerts of one rule, or of all, are expected at one place for a limited time, with the owner and the reason."""

    id: str
    """The same for the same rule and place: a new mask there replaces the one before."""
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
        """Return whether an alert is one of those expected; life safety never is."""
        return (
            alert.severity != "life_safety"
            and self.what in ("*", alert.rule)
            and self.point in ("", alert.point)
            and self.zone in ("", alert.zone)
            and self.site in ("", alert.site)
        )


class MaskChanged(Struct, frozen=True, kw_only=True, tag="mask"):
    """A mask has begun or ended: by a person, or because its time has run out."""

    at: datetime
    mask: Mask
    ended: bool = False
    who: str = ""
    note: str | Phrase = ""
    site: str = ""
    """The site of its place."""


class Override(Struct, frozen=True, kw_only=True):
    """A person took a shift: until its end they are on call in the team, regardless of the plan."""

    team: str
    person: str
    since: datetime
    until: datetime
    who: str
    """Who ordered it."""
    note: str = ""


class OverrideChanged(Struct, frozen=True, kw_only=True, tag="override"):
    """A shift was taken, or the plan applies again."""

    at: datetime
    override: Override
    ended: bool = False
    who: str = ""
    note: str | Phrase = ""


class HandOver(Struct, frozen=True, kw_only=True):
    """How things stood when a shift was handed over."""

    to: str = ""
    """Who takes over; empty: whoever confirms."""
    until: datetime
    """When the coming shift ends."""
    alerts: tuple[Alert, ...] = ()
    """The open alerts, the silent ones first, then the gravest."""
    more: dict[str, int] = {}
    """By site: how many more alerts were open; none of them is silent."""
    masks: tuple[Mask, ...] = ()
    """The masks that end in the coming shift."""
    zones: tuple[ReadinessStatus, ...] = ()
    """The zones that were no go or unknown."""


class LogEntry(Struct, frozen=True, kw_only=True):
    """An entry of the shift log, as a person wrote it; it never changes."""

    id: str
    """A number, counted from 1."""
    written_at: datetime
    """When the monitor received it."""
    happened_at: datetime
    who: str
    text: str
    site: str = ""
    zone: str = ""
    alert: str = ""
    """The id of the alert that it is about."""
    silent: bool = False
    """It is about a silent alert: only those see it who may see that alert."""
    hand_over: HandOver | None = None
    """``None``: it hands no shift over."""


class LogEntryWritten(Struct, frozen=True, kw_only=True, tag="log_entry"):
    """An entry was written into the shift log."""

    at: datetime
    entry: LogEntry


class LogEntryStruck(Struct, frozen=True, kw_only=True, tag="log_strike"):
    """An entry of the shift log was struck: it stays, and is shown as struck."""

    at: datetime
    entry: str
    """The entry's id."""
    who: str
    reason: str


class LogEntryConfirmed(Struct, frozen=True, kw_only=True, tag="log_confirmation"):
    """A hand-over was confirmed: its receiver has the shift."""

    at: datetime
    entry: str
    """The entry's id."""
    who: str


class LogNoted(Struct, frozen=True, kw_only=True, tag="log_note"):
    """Something besides alerts, masks and shifts that belongs into the shift log by itself."""

    at: datetime
    happened_at: datetime
    site: str = ""
    zone: str = ""
    what: Phrase
    note: str = ""
    """What a person wrote about it."""


StaffAct = Literal[
    "acknowledge",
    "shelve",
    "unshelve",
    "close",
    "hand_over",
    "escalate",
    "tick",
    "note",
    "mask",
    "unmask",
    "override",
    "release",
    "confirm",
    "log",
    "strike",
    "muster",
    "account_for",
    "lookup",
]
"""What staff order."""


class StaffRefused(Struct, frozen=True, kw_only=True, tag="refused"):
    """A command was refused."""

    at: datetime
    who: str
    act: StaffAct
    alert: str
    """The id of the alert, the mask or the entry, or the team's; empty for a new entry, and about holders."""
    reason: str | Phrase


class StaffAnswered(Struct, frozen=True, kw_only=True, tag="answered"):
    """The answer to a command that came over MQTT: done, or refused and why; published to its sender."""

    at: datetime
    site: str
    """The site in the topic of the command."""
    who: str
    """The sender, from the topic of the command."""
    id: str = ""
    """The command's own id; empty if it had none, or none that could be read."""
    accepted: bool
    reason: str | Phrase = ""
    """Why it was refused."""


PageKind = Literal[
    "raised", "returned", "escalated", "handed_over", "cleared", "digest", "summary", "daily"
]
"""Why a page is sent: a new alert, its next step, its new owner, its end, several alerts in one, or the time of day."""


class DailyDigest(Struct, frozen=True, kw_only=True):
    """How things stand at the time of the daily digest, besides its alerts."""

    severities: dict[Severity, int] = {}
    """The number of open alerts by severity."""
    shelved: tuple[Alert, ...] = ()
    """Open alerts that are shelved."""
    masks: tuple[Mask, ...] = ()
    """The masks in force."""
    more: int = 0
    """How many more alerts are shelved and masks in force."""
    zones: dict[ReadinessState, tuple[str, ...]] = {}
    """The ids of zones by their readiness."""
    undelivered: int = 0
    """Pages since the previous digest that reached no one."""


class PageOrdered(Struct, frozen=True, kw_only=True, tag="page"):
    """A notification to one person about one alert, or about several in one, for one reason."""

    at: datetime
    id: str
    """Derived from alert, step, person and the number of notifications: the same page is never sent twice."""
    person: str
    kind: PageKind
    reason: str | Phrase
    """Why this person: ``on call in hall-security``, ``not acknowledged for 5 min``."""
    alerts: tuple[Alert, ...]
    """As they were; one, or the worst ones of a digest or summary."""
    more: tuple[str, ...] = ()
    """The ids of the further alerts of a digest or summary."""
    step: int = 1
    """Of the escalation policy."""
    others: tuple[str, ...] = ()
    """Who else is notified."""
    daily: DailyDigest | None = None
    """The content of a daily digest."""
    by_hand: bool = False
    """A person called for it: it is needed even if the alert has an owner."""


Transition = (
    AlertChanged
    | ZoneChanged
    | ReadinessChanged
    | MaskChanged
    | OverrideChanged
    | PageOrdered
    | LogEntryWritten
    | LogEntryStruck
    | LogEntryConfirmed
    | LogNoted
    | StaffRefused
    | StaffAnswered
)


def refusal_in(transitions: Iterable[Transition]) -> Phrase | str | None:
    """Return the reason of the first refusal; ``None`` if nothing was refused."""
    return next((row.reason for row in transitions if isinstance(row, StaffRefused)), None)
