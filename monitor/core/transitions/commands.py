"""Transitions of what staff order: taken shifts, and the answers to commands."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from monitor.core.phrase import Phrase


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
