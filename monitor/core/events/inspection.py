"""Inspection: checklists and their answers."""

from typing import Annotated

from msgspec import Meta, Struct

from monitor.core.events.base import Said
from monitor.core.events.vocabulary import Name, Result, Text, Unit, When


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


class _Inspection(Said, frozen=True, kw_only=True):
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
