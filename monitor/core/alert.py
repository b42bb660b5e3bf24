"""Alerts: their life on two axes, condition and handling, as a transition table (ISA-18.2 separates the two)."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from monitor.core.events.vocabulary import Disposition
from monitor.core.phrase import Phrase
from monitor.core.rules.model import Severity


class Condition(StrEnum):
    """Whether the condition is still met."""

    ACTIVE = "active"
    CLEARED = "cleared"


class Handling(StrEnum):
    """Whether an operator has acknowledged it."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    SHELVED = "shelved"
    CLOSED = "closed"


class Act(StrEnum):
    """What changes an alert."""

    OCCUR = "occur"
    """The rule fired again."""
    CLEAR = "clear"
    """The condition ended, and a person still has to close the alert (life safety)."""
    END = "end"
    """The condition ended, and the alert with it."""
    ACKNOWLEDGE = "acknowledge"
    LAPSE = "lapse"
    """The acknowledgement has run out, and the condition is still met."""
    SHELVE = "shelve"
    UNSHELVE = "unshelve"
    """By a person, or because the shelving has run out."""
    CLOSE = "close"
    HAND_OVER = "hand_over"
    """Another person becomes the owner."""
    ESCALATE = "escalate"
    """A person calls the next step of the escalation policy."""
    TICK = "tick"
    """A step of the procedure is done, or is not done after all."""
    NOTE = "note"
    WITHDRAW = "withdraw"
    """Its rule was removed."""


AlertStatus = tuple[Condition, Handling]

_A, _C = Condition.ACTIVE, Condition.CLEARED
_GONE: AlertStatus = (_C, Handling.CLOSED)

TABLE: Mapping[AlertStatus, Mapping[Act, AlertStatus]] = {
    (_A, Handling.NEW): {
        Act.OCCUR: (_A, Handling.NEW),
        Act.CLEAR: (_C, Handling.NEW),
        Act.END: _GONE,
        Act.ACKNOWLEDGE: (_A, Handling.ACKNOWLEDGED),
        Act.SHELVE: (_A, Handling.SHELVED),
        Act.CLOSE: _GONE,
        Act.HAND_OVER: (_A, Handling.ACKNOWLEDGED),
        Act.ESCALATE: (_A, Handling.NEW),
        Act.TICK: (_A, Handling.NEW),
        Act.NOTE: (_A, Handling.NEW),
        Act.WITHDRAW: _GONE,
    },
    (_A, Handling.ACKNOWLEDGED): {
        Act.OCCUR: (_A, Handling.ACKNOWLEDGED),
        Act.CLEAR: (_C, Handling.ACKNOWLEDGED),
        Act.END: _GONE,
        Act.ACKNOWLEDGE: (_A, Handling.ACKNOWLEDGED),
        Act.LAPSE: (_A, Handling.NEW),
        Act.SHELVE: (_A, Handling.SHELVED),
        Act.CLOSE: _GONE,
        Act.HAND_OVER: (_A, Handling.ACKNOWLEDGED),
        Act.ESCALATE: (_A, Handling.ACKNOWLEDGED),
        Act.TICK: (_A, Handling.ACKNOWLEDGED),
        Act.NOTE: (_A, Handling.ACKNOWLEDGED),
        Act.WITHDRAW: _GONE,
    },
    (_A, Handling.SHELVED): {
        Act.OCCUR: (_A, Handling.SHELVED),
        Act.END: _GONE,
        Act.UNSHELVE: (_A, Handling.NEW),
        Act.CLOSE: _GONE,
        Act.TICK: (_A, Handling.SHELVED),
        Act.NOTE: (_A, Handling.SHELVED),
        Act.WITHDRAW: _GONE,
    },
    (_C, Handling.NEW): {
        Act.OCCUR: (_A, Handling.NEW),
        Act.ACKNOWLEDGE: (_C, Handling.ACKNOWLEDGED),
        Act.CLOSE: _GONE,
        Act.HAND_OVER: (_C, Handling.ACKNOWLEDGED),
        Act.TICK: (_C, Handling.NEW),
        Act.NOTE: (_C, Handling.NEW),
        Act.WITHDRAW: _GONE,
    },
    (_C, Handling.ACKNOWLEDGED): {
        Act.OCCUR: (_A, Handling.NEW),
        Act.CLOSE: _GONE,
        Act.HAND_OVER: (_C, Handling.ACKNOWLEDGED),
        Act.TICK: (_C, Handling.ACKNOWLEDGED),
        Act.NOTE: (_C, Handling.ACKNOWLEDGED),
        Act.WITHDRAW: _GONE,
    },
    _GONE: {},
}
"""The status that each act leads to; other acts are impossible. Closed is final: the next occurrence is a new alert."""


class Change(StrEnum):
    """How an alert has changed."""

    RAISED = "raised"
    RECURRED = "recurred"
    """It fired again while still active: counted, not notified again."""
    RETURNED = "returned"
    """It fired again after it had cleared and before it was closed."""
    CLEARED = "cleared"
    ACKNOWLEDGED = "acknowledged"
    LAPSED = "lapsed"
    """Its acknowledgement has run out while it is still active."""
    SHELVED = "shelved"
    UNSHELVED = "unshelved"
    CLOSED = "closed"
    HANDED_OVER = "handed_over"
    ESCALATED = "escalated"
    """A person called the next step of its escalation policy."""
    TICKED = "ticked"
    UNTICKED = "unticked"
    NOTED = "noted"


class TickedStep(Struct, frozen=True, kw_only=True):
    """A step of an alert's procedure that someone has done."""

    step: int
    """Its number, from 1."""
    who: str
    at: datetime


class Alert(Struct, frozen=True, kw_only=True):
    """The alert of one rule about one subject."""

    id: str
    """Derived from rule, key and trigger: the same trigger never raises two."""
    rule: str
    key: str
    """The values of the rule's ``by`` fields, joined by `` / ``."""
    title: str
    severity: Severity
    do: str
    """The procedure, one step a line."""
    condition: Condition = Condition.ACTIVE
    handling: Handling = Handling.NEW
    site: str = ""
    zone: str = ""
    point: str = ""
    lead: str = ""
    """The agency that must act; empty if none is named."""
    coordinating: tuple[str, ...] = ()
    """The agencies that take part."""
    values: dict[str, str | Phrase] = {}
    """The values in the title, for titles in other languages; a reason may be a sentence of the monitor."""
    silent: bool = False
    latched: bool = False
    """It does not clear by itself: a person closes it."""
    late: bool = False
    """Its trigger was reported long after it happened."""
    happened_at: datetime
    """When the trigger happened."""
    raised_at: datetime
    """When the monitor raised it, by its own clock."""
    last_at: datetime
    """When it last happened."""
    occurrences: int = 1
    returns: int = 0
    """How often it returned after it had cleared and before it was closed."""
    cleared_at: datetime | None = None
    owner: str = ""
    """Who acknowledged or shelved it, or to whom it was handed over; empty while it is new."""
    unverified: bool = False
    """Its owner is not in the roster: people are still paged."""
    acknowledged_at: datetime | None = None
    """Since when it is acknowledged, or was until it was closed; ``None``: not acknowledged."""
    note: str | Phrase = ""
    """The latest note, or the reason of a shelving: a person's own words, or a sentence of the monitor."""
    shelved_until: datetime | None = None
    ticked: tuple[TickedStep, ...] = ()
    """The steps of its procedure that are done, by number."""
    disposition: Disposition | None = None
    """What it turned out to be, as stated when it was closed."""

    @property
    def steps(self) -> int:
        """How many steps its procedure has."""
        return len(self.do.split("\n"))

    @property
    def status(self) -> AlertStatus:
        """Its condition and handling: its row in `TABLE`."""
        return self.condition, self.handling

    @property
    def needs_owner(self) -> bool:
        """No one in the roster has acknowledged or shelved it."""
        return self.handling is Handling.NEW or (self.is_open and self.unverified)

    @property
    def is_open(self) -> bool:
        """It is not closed."""
        return self.handling is not Handling.CLOSED
