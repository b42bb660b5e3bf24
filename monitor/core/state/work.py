"""Inspections, corrective actions, certificates, sign-offs, reports and readings."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from monitor.core.events.vocabulary import ActionKind, Result, Severity
from monitor.core.events.work import ActionVerified
from monitor.core.phrase import Phrase
from monitor.core.state.time import LONG_AGO
from monitor.core.venue.checklist import Checklist


class Answer(Struct, frozen=True):
    """The latest answer to one item of a checklist."""

    at: datetime
    """When it was found."""
    result: Result
    inspection: str = ""
    inspector: str = ""
    sent: datetime | None = None
    """When it was sent, if that was later."""
    wrong_unit: str = ""
    """The unit of its value, if the checklist requires another."""
    value: float | None = None
    """What was measured."""
    unit: str = ""
    choice: str = ""
    """The id of the choice that was made."""
    same_signer: bool = False
    """Whether it is a signature of the person who gave the one that it must differ from."""
    outsider: bool = False
    """Whether the inspector is of none of the agencies that may sign the checklist."""

    @property
    def sent_at(self) -> datetime:
        """When it was sent."""
        return self.sent or self.at


class AssetChange(Struct, frozen=True):
    """A change of an asset that a checklist has frozen."""

    at: datetime
    asset: str
    who: str = ""
    voided: bool = False
    """Whether there were answers that count no more."""


class ChecklistState(Struct):
    """The answers to a checklist."""

    answers: dict[str, Answer] = {}
    """By item."""
    void: dict[str, datetime] = {}
    """By inspection: answers sent before this time do not count, they were replaced or rejected."""
    approved: dict[str, dict[str, datetime]] = {}
    """By inspection: when each approver last approved it."""
    doubts: dict[str, Answer] = {}
    """By item: the latest answer whose id is unknown, and which may be about this item; "" for any item."""
    finished: dict[str, datetime] = {}
    """By inspection, the latest last: when it ended, for corrections that don't say."""
    due: dict[str, datetime] = {}
    """By inspection: by when it has to be done, as long as it is scheduled and its form has not come."""
    change: AssetChange | None = None
    """The latest change of what it freezes: only what was found later counts."""


class InspectionVisit(Struct):
    """An inspector's work in one zone."""

    zone: str
    begun: datetime
    ended: datetime | None = None
    """``None``: its form has not arrived."""


class ActionState(Struct):
    """A corrective action."""

    at: datetime
    """When its latest event happened."""
    stage: Literal["open", "done", "verified", "cancelled"] = "open"
    kind: ActionKind | None = None
    """``None`` until its opening is known."""
    severity: Severity | None = None
    zone: str = ""
    asset: str = ""
    from_item: str = ""
    lead: str = ""
    coordinating: tuple[str, ...] = ()
    due_at: datetime | None = None
    note: str = ""
    """What is to be done, as it was opened with."""
    opened_by: str = ""
    done_by: str = ""
    worked_at: datetime | None = None
    """When it was last opened, begun or done: an earlier inspection cannot show that it has succeeded."""
    verified_by: ActionVerified | None = None
    """The verification that counts, to be judged again if later work is reported."""
    refused: bool = False
    """Its latest event is a verification that no inspection can make true."""


class PendingVerification(Struct, frozen=True):
    """A verification that arrived before the form that bears it out."""

    event: ActionVerified
    at: datetime
    until: datetime
    """When it is refused unless the form has come."""


class InspectionRecord(Struct):
    """What one inspection has found, as evidence that work has succeeded."""

    checklist: str
    zone: str
    inspector: str = ""
    answers: dict[str, Answer] = {}
    """By item of the checklist."""


class ReportState(Struct, frozen=True):
    """Where a report was filed from, and about what."""

    zone: str
    about: str


class CertificateState(Struct, frozen=True):
    """The latest version of one certificate of an asset."""

    at: datetime
    asset: str
    kind: str
    zone: str = ""
    issuer: str = ""
    expires_at: datetime | None = None
    """``None``: it was revoked."""


class SignOffState(Struct):
    """The sign-off of a zone, and what has voided it since."""

    who: str = ""
    at: datetime = LONG_AGO
    lost_at: datetime = LONG_AGO
    lost: str | Phrase = ""
    """The reason why it is void."""


class WorkState(Struct):
    """Reports of inspectors, engineers and other staff."""

    checklists: dict[str, ChecklistState] = {}
    """By checklist."""
    versions: dict[str, dict[str, Checklist]] = {}
    """By checklist and digest: the definitions that were in force before."""
    paces: dict[str, list[float]] = {}
    """By checklist: the seconds per item of its latest forms."""
    visits: dict[str, dict[str, InspectionVisit]] = {}
    """By inspector and inspection."""
    actions: dict[str, ActionState] = {}
    """By action."""
    pending: dict[str, list[PendingVerification]] = {}
    """By action: verifications that wait for their form."""
    inspections: dict[str, InspectionRecord] = {}
    """By inspection: the latest ones."""
    impaired: dict[str, str] = {}
    """By asset with an open impairment: its zone."""
    contested: dict[str, list[str]] = {}
    """By subject on which more than one agency leads open work: these agencies."""
    reports: dict[str, ReportState] = {}
    """By report."""
    certificates: dict[str, CertificateState] = {}
    """By asset and kind, separated by a space."""
    sign_offs: dict[str, SignOffState] = {}
    """By zone."""
    readings: dict[str, float] = {}
    """By asset and quantity: the latest value."""
