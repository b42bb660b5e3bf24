"""Inspections: checklists and their answers."""

from typing import Annotated

from msgspec import Meta, Struct

from monitor.core.events.base import Event
from monitor.core.events.vocabulary import Name, Result, Text, Unit, When

Short = Annotated[str, Meta(max_length=128)]
"""A name that may be missing: at most 128 characters."""


class Evidence(Struct, frozen=True, kw_only=True):
    """A photograph or document, by its digest; the file itself is not stored here."""

    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    media_type: Annotated[str, Meta(max_length=128)]


class Item(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One answered line of a checklist."""

    item: Name
    result: Result
    value: float | None = None
    unit: Unit = "unknown"
    choice: Short = ""
    """The id of the choice that was made."""
    text: Text = ""
    """What was written, for an item that asks for a text."""
    asset: Short = ""
    """The code of the asset that was inspected."""
    note: Text = ""
    na_reason: Text = ""
    evidence: tuple[Evidence, ...] = ()


class _Inspection(Event, frozen=True, kw_only=True):
    checklist: Name
    inspection: Name
    """The id of one visit; an amended form keeps it and raises ``revision``."""
    inspector: Short = ""


class InspectionScheduled(_Inspection, frozen=True, kw_only=True, tag="inspection.scheduled"):
    """An inspection must be done by ``due_at``."""

    due_at: When


class InspectionStarted(_Inspection, frozen=True, kw_only=True, tag="inspection.started"):
    """The inspector began."""


class _Sent(_Inspection, frozen=True, kw_only=True):
    form: Annotated[str, Meta(pattern=r"^([0-9a-f]{64})?$")] = ""
    """The SHA-256 of what its device sent; empty if it came another way."""
    clock_uncertain: bool = False
    """The device could not vouch for its clock: the times are its best guess."""


class _Form(_Sent, frozen=True, kw_only=True):
    signed_with: Annotated[str, Meta(max_length=128)] = ""
    """The id of the inspector's key whose code over the form was checked; empty: it is not signed."""


class InspectionSubmitted(_Form, frozen=True, kw_only=True, tag="inspection.submitted"):
    """The form as the inspector completed it."""

    revision: Annotated[int, Meta(ge=1)] = 1
    version: Short = ""
    """The version of the checklist that was filled in: its name or its digest; empty if the system does not send it."""
    started_at: When | None = None
    finished_at: When | None = None
    items: tuple[Item, ...] = ()


class InspectionAmended(_Form, frozen=True, kw_only=True, tag="inspection.amended"):
    """A corrected form, which replaces the earlier revisions."""

    revision: Annotated[int, Meta(ge=2)]
    version: Short = ""
    """The version of the checklist that was filled in: its name or its digest."""
    started_at: When | None = None
    finished_at: When | None = None
    """When the inspection ended; if missing, that of the form that it corrects."""
    items: tuple[Item, ...] = ()


class InspectionApproved(_Inspection, frozen=True, kw_only=True, tag="inspection.approved"):
    """A person other than the inspector approved it."""

    approver: Name


class InspectionRejected(_Inspection, frozen=True, kw_only=True, tag="inspection.rejected"):
    """A person other than the inspector rejected it."""

    approver: Name
    note: Text = ""


class InspectionCancelled(_Inspection, frozen=True, kw_only=True, tag="inspection.cancelled"):
    """The inspection is no longer required."""

    note: Text = ""


class InspectionItem(_Sent, frozen=True, kw_only=True, tag="inspection.item"):
    """One answer, sent as soon as it was given."""

    version: Short = ""
    """The version of the checklist that was asked: its name or its digest."""
    finished_at: When | None = None
    """When it was given, if it is sent later."""
    item: Name
    result: Result
    value: float | None = None
    unit: Unit = "unknown"
    choice: Short = ""
    """The id of the choice that was made."""
    text: Text = ""
    """What was written, for an item that asks for a text."""
    asset: Short = ""
    """The code of the asset that was inspected."""
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


def person(name: str) -> str:
    """Return a name in the form for comparisons: case and spacing do not make another person."""
    return " ".join(name.casefold().split())
