"""Commands of staff about holders: musters, who has reported in person, and who a badge belongs to."""

from typing import Annotated

from msgspec import Meta

from monitor.core.events.base import Event
from monitor.core.events.vocabulary import Name, Text


class StaffMuster(Event, frozen=True, kw_only=True, tag="staff.muster"):
    """Begin a drill: everyone inside a site is to report; or end it. A fire alarm begins a muster by itself."""

    who: Name
    # The core, not the decoder, refuses an unknown site, so that the sender gets the reason.
    site: Annotated[str, Meta(max_length=128)] = ""
    """Mandatory."""
    active: bool = True


class StaffAccountFor(Event, frozen=True, kw_only=True, tag="staff.account_for"):
    """Tick off a holder who has reported in person, or take that back."""

    who: Name
    site: Annotated[str, Meta(max_length=128)] = ""
    """Whose muster it is. Mandatory."""
    holder: Annotated[str, Meta(max_length=128)] = ""
    """The pseudonym. Mandatory."""
    undo: bool = False


class StaffAddToMuster(Event, frozen=True, kw_only=True, tag="staff.add_to_muster"):
    """Put a person without a badge on the list of a muster: from then on they are missing until ticked off."""

    who: Name
    site: Annotated[str, Meta(max_length=128)] = ""
    """Whose muster it is. Mandatory."""
    name: Annotated[str, Meta(max_length=128)] = ""
    """A name, a pseudonym, or what tells the person from others. Mandatory."""
    zone: Annotated[str, Meta(max_length=128)] = ""
    """Where they were last seen. Mandatory."""


class StaffLookup(Event, frozen=True, kw_only=True, tag="staff.lookup"):
    """Look up where a holder or a badge was last seen: that somebody did, and why, is recorded."""

    who: Name
    subject: Annotated[str, Meta(max_length=128)] = ""
    """The pseudonym of a holder, or a credential. Mandatory."""
    reason: Text = ""
    """Mandatory."""


AboutHolders = StaffMuster | StaffAccountFor | StaffAddToMuster | StaffLookup
