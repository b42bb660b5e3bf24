"""Inputs: everything that can change the state. The journal keeps each of them, in order."""

from datetime import datetime
from typing import final

from msgspec import Struct, field

from monitor.core.events import ReceivedEvent
from monitor.core.events.monitor import Noticed
from monitor.core.phrase import Phrase
from monitor.core.roster import Roster
from monitor.core.rules.model import RuleSet


class Arrival(Struct, frozen=True, kw_only=True, tag="arrival", gc=False):
    """A message that was understood: usually one event; from some vendors none or several."""

    received_at: datetime
    source: str
    """The topic it was received on."""
    events: tuple[ReceivedEvent, ...]
    retained: bool = False
    """The broker had kept it: it reports a state, and is not happening now."""
    ignored: tuple[str, ...] = ()
    """The keys of its payload that the event does not have."""


@final
class Rejected(Struct, frozen=True, kw_only=True, tag="rejected"):
    """A message that could not be understood."""

    received_at: datetime
    source: str
    """The topic it was received on."""
    reason: Phrase | str
    """What is wrong and what to send instead; a text from adapters and in journals of older versions."""
    id: str = ""
    """The id of a command of staff, if it could be read: its sender gets an answer."""


class Tick(Struct, frozen=True, kw_only=True, tag="tick"):
    """Time has passed."""

    received_at: datetime


class Notice(Struct, frozen=True, kw_only=True, tag="notice"):
    """An event that the monitor reports about itself."""

    received_at: datetime
    event: Noticed


class RulesChanged(Struct, frozen=True, kw_only=True, tag="rules"):
    """A change of the rules in force."""

    received_at: datetime
    who: str
    rule_set: RuleSet = field(name="book")
    diff: str = ""
    digest: str = ""
    """The first 12 hexadecimal digits of the rule set's SHA-256: the same for the same rules, facts and venue."""


class RosterChanged(Struct, frozen=True, kw_only=True, tag="roster"):
    """A change of the roster: who is on call, and which escalation policies are in force."""

    received_at: datetime
    who: str
    roster: Roster | None
    """``None``: no one is paged."""
    diff: str = ""


Input = Arrival | Rejected | Tick | Notice | RulesChanged | RosterChanged
