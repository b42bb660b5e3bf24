"""Everything that can change the picture; the journal keeps each of these, in order."""

from datetime import datetime

from msgspec import Struct

from monitor.core.events import Event
from monitor.core.events.monitor import Noticed
from monitor.core.roster import Roster
from monitor.core.rules.model import RuleBook


class Arrival(Struct, frozen=True, kw_only=True, tag="arrival", gc=False):
    """A message that was understood: usually one event, with some vendors none or several."""

    received_at: datetime
    source: str
    """The topic it came by."""
    events: tuple[Event, ...]
    retained: bool = False
    """The broker had kept it: it tells a state, not news."""


class Rejected(Struct, frozen=True, kw_only=True, tag="rejected"):
    """A message that was not understood."""

    received_at: datetime
    source: str
    """The topic it came by."""
    reason: str
    """What is wrong and what to send instead."""


class Tick(Struct, frozen=True, kw_only=True, tag="tick"):
    """Time went on."""

    received_at: datetime


class Notice(Struct, frozen=True, kw_only=True, tag="notice"):
    """Something that the monitor noticed about itself."""

    received_at: datetime
    event: Noticed


class RulesChanged(Struct, frozen=True, kw_only=True, tag="rules"):
    """From here on these rules hold."""

    received_at: datetime
    who: str
    book: RuleBook
    diff: str = ""
    digest: str = ""
    """The first 12 hexadecimal digits of the book's SHA-256: the same for the same rules, facts and venue."""


class RosterChanged(Struct, frozen=True, kw_only=True, tag="roster"):
    """From here on these people are on call, and these ladders hold."""

    received_at: datetime
    who: str
    roster: Roster | None
    """``None``: nobody is paged any more."""
    diff: str = ""


Input = Arrival | Rejected | Tick | Notice | RulesChanged | RosterChanged
