"""Commands of staff on alerts, masks, shifts, and the shift log."""

from typing import Annotated

from msgspec import Meta

from monitor.core.events.base import Event
from monitor.core.events.vocabulary import Disposition, MaskKind, Name, Text, When


class _Staff(Event, frozen=True, kw_only=True):
    who: Name
    alert: Name
    """The id of the alert."""
    note: Text = ""


class StaffAcknowledge(_Staff, frozen=True, kw_only=True, tag="staff.acknowledge"):
    """Acknowledge an alert: its escalation stops, and it stays on the board."""

    taken_from: Annotated[str, Meta(max_length=128)] | None = None
    """Who has it, as the sender sees it; empty: no one. If another person is faster, it is refused. Absent: anyone."""


class StaffShelve(_Staff, frozen=True, kw_only=True, tag="staff.shelve"):
    """Hide an alert for a limited time, with a reason (ISA-18.2)."""

    until: When
    reason: Annotated[str, Meta(min_length=1, max_length=4000)]


class StaffUnshelve(_Staff, frozen=True, kw_only=True, tag="staff.unshelve"):
    """Put a shelved alert back on the board early."""


class StaffClose(_Staff, frozen=True, kw_only=True, tag="staff.close"):
    """Close an alert that has been dealt with."""

    disposition: Disposition | None = None
    """What it turned out to be; ``None``: not stated."""


class StaffHandOver(_Staff, frozen=True, kw_only=True, tag="staff.hand_over"):
    """Make another person the owner of an alert: they are paged once."""

    to: Name
    """The person, who must be in the roster."""


class StaffEscalate(_Staff, frozen=True, kw_only=True, tag="staff.escalate"):
    """Page the people of the next step of the escalation policy now."""


class StaffTick(_Staff, frozen=True, kw_only=True, tag="staff.tick"):
    """Tick a step of an alert's procedure as done, or take the tick back."""

    step: Annotated[int, Meta(ge=1, le=100)]
    """Its number, from 1."""
    undo: bool = False


class StaffNote(_Staff, frozen=True, kw_only=True, tag="staff.note"):
    """Add a note to an alert, and leave its handling as it is."""

    # The core, not the decoder, refuses an empty note, so that the sender gets the reason.


class StaffMask(Event, frozen=True, kw_only=True, tag="staff.mask"):
    """Mask alerts of a point, a zone or a site that are expected until a time: they are kept and not shown."""

    who: Name
    # The core, not the decoder, refuses missing fields, so that the sender gets the reason.
    what: Annotated[str, Meta(max_length=128)] = ""
    """The id of a rule, or ``*`` for all rules. Mandatory."""
    kind: MaskKind = "maintenance"
    point: Annotated[str, Meta(max_length=128)] = ""
    zone: Annotated[str, Meta(max_length=128)] = ""
    site: Annotated[str, Meta(max_length=128)] = ""
    """Exactly one of point, zone and site is given."""
    until: When | None = None
    """Mandatory."""
    reason: Text = ""
    """Mandatory."""


class StaffUnmask(Event, frozen=True, kw_only=True, tag="staff.unmask"):
    """End a mask early."""

    who: Name
    mask: Annotated[str, Meta(max_length=128)] = ""
    """The id of the mask. Mandatory."""
    note: Text = ""


class StaffOverride(Event, frozen=True, kw_only=True, tag="staff.override"):
    """Take a shift: until a time, this person alone is on call in a team."""

    who: Name
    # The core, not the decoder, refuses missing or unknown fields, so that the sender gets the reason.
    team: Annotated[str, Meta(max_length=128)] = ""
    """Mandatory."""
    person: Annotated[str, Meta(max_length=128)] = ""
    """The person who is on call; by default the sender."""
    since: When | None = None
    """From when; by default from now on."""
    until: When | None = None
    """Mandatory."""
    note: Text = ""


class StaffRelease(Event, frozen=True, kw_only=True, tag="staff.release"):
    """Give a shift back early: the plan applies again."""

    who: Name
    team: Annotated[str, Meta(max_length=128)] = ""
    """Mandatory."""
    note: Text = ""


class LogWritten(Event, frozen=True, kw_only=True, tag="log.written"):
    """Write an entry into the shift log. When it was written is when the monitor receives it."""

    who: Name
    # The core, not the decoder, refuses an empty text, so that the sender gets the reason.
    text: Text = ""
    """Mandatory."""
    happened_at: When | None = None
    """When it happened; ``None``: now."""
    site: Annotated[str, Meta(max_length=128)] = ""
    zone: Annotated[str, Meta(max_length=128)] = ""
    alert: Annotated[str, Meta(max_length=128)] = ""
    """The id of the alert that it is about."""


class LogStruck(Event, frozen=True, kw_only=True, tag="log.struck"):
    """Strike an entry of the shift log: it stays, with who struck it and why."""

    who: Name
    entry: Annotated[str, Meta(max_length=128)] = ""
    """The id of the entry. Mandatory."""
    reason: Text = ""
    """Mandatory."""


class LogHandedOver(Event, frozen=True, kw_only=True, tag="log.handed_over"):
    """Hand a shift over: an entry of the shift log, in which the monitor keeps how things stand."""

    who: Name
    to: Annotated[str, Meta(max_length=128)] = ""
    """Who takes over; empty: whoever confirms."""
    text: Text = ""
    """What the next officer has to know."""
    site: Annotated[str, Meta(max_length=128)] = ""
    """The site that is handed over; empty: all."""
    until: When | None = None
    """When the coming shift ends; ``None``: in twelve hours."""


class LogConfirmed(Event, frozen=True, kw_only=True, tag="log.confirmed"):
    """Confirm a hand-over: from now on the sender has the shift."""

    who: Name
    entry: Annotated[str, Meta(max_length=128)] = ""
    """The id of the hand-over's entry. Mandatory."""


Staff = (
    StaffAcknowledge
    | StaffShelve
    | StaffUnshelve
    | StaffClose
    | StaffHandOver
    | StaffEscalate
    | StaffTick
    | StaffNote
)
Masking = StaffMask | StaffUnmask
Relief = StaffOverride | StaffRelease
Logging = LogWritten | LogStruck | LogHandedOver | LogConfirmed
