"""What staff do with alerts, masks and shifts."""

from typing import Annotated

from msgspec import Meta

from monitor.core.events.base import Said
from monitor.core.events.vocabulary import MaskKind, Name, Text, When


class _Staff(Said, frozen=True, kw_only=True):
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


class StaffMask(Said, frozen=True, kw_only=True, tag="staff.mask"):
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


class StaffUnmask(Said, frozen=True, kw_only=True, tag="staff.unmask"):
    """The mask ends before its time."""

    who: Name
    mask: Annotated[str, Meta(max_length=128)] = ""
    """The mask's id. Mandatory."""
    note: Text = ""


class StaffOverride(Said, frozen=True, kw_only=True, tag="staff.override"):
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


class StaffRelease(Said, frozen=True, kw_only=True, tag="staff.release"):
    """The shift that somebody took is given back before its time: the plan holds again."""

    who: Name
    team: Annotated[str, Meta(max_length=128)] = ""
    """Mandatory."""
    note: Text = ""


Staff = StaffAcknowledge | StaffShelve | StaffUnshelve | StaffClose
Masking = StaffMask | StaffUnmask
Relief = StaffOverride | StaffRelease
