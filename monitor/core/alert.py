"""An alert's life on two axes, condition and handling, as a transition table (ISA-18.2's split of the two)."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from monitor.core.rules.model import Severity


class Condition(StrEnum):
    """Is it still so?"""

    ACTIVE = "active"
    CLEARED = "cleared"


class Handling(StrEnum):
    """Has somebody taken it?"""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    SHELVED = "shelved"
    CLOSED = "closed"


class Act(StrEnum):
    """What moves an alert."""

    OCCUR = "occur"
    """The rule fired again."""
    CLEAR = "clear"
    """The condition ended, and a person still has to look (life safety)."""
    END = "end"
    """The condition ended, and that is the end of it."""
    ACKNOWLEDGE = "acknowledge"
    LAPSE = "lapse"
    """The acknowledgement has run out, and it is still so."""
    SHELVE = "shelve"
    UNSHELVE = "unshelve"
    """By a person, or because the shelving ran out."""
    CLOSE = "close"
    WITHDRAW = "withdraw"
    """Its rule is gone."""


Standing = tuple[Condition, Handling]

_A, _C = Condition.ACTIVE, Condition.CLEARED
_GONE: Standing = (_C, Handling.CLOSED)

TABLE: Mapping[Standing, Mapping[Act, Standing]] = {
    (_A, Handling.NEW): {
        Act.OCCUR: (_A, Handling.NEW),
        Act.CLEAR: (_C, Handling.NEW),
        Act.END: _GONE,
        Act.ACKNOWLEDGE: (_A, Handling.ACKNOWLEDGED),
        Act.SHELVE: (_A, Handling.SHELVED),
        Act.CLOSE: _GONE,
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
        Act.WITHDRAW: _GONE,
    },
    (_A, Handling.SHELVED): {
        Act.OCCUR: (_A, Handling.SHELVED),
        Act.END: _GONE,
        Act.UNSHELVE: (_A, Handling.NEW),
        Act.CLOSE: _GONE,
        Act.WITHDRAW: _GONE,
    },
    (_C, Handling.NEW): {
        Act.OCCUR: (_A, Handling.NEW),
        Act.ACKNOWLEDGE: (_C, Handling.ACKNOWLEDGED),
        Act.CLOSE: _GONE,
        Act.WITHDRAW: _GONE,
    },
    (_C, Handling.ACKNOWLEDGED): {
        Act.OCCUR: (_A, Handling.NEW),
        Act.CLOSE: _GONE,
        Act.WITHDRAW: _GONE,
    },
    _GONE: {},
}
"""Where each act leads; one that is not named can't be done. Closed is the end: what comes after is a new alert."""


class Change(StrEnum):
    """What became of an alert."""

    RAISED = "raised"
    RECURRED = "recurred"
    """Again, while it was still active: counted, not repeated."""
    RETURNED = "returned"
    """Again, after it had cleared, before anybody closed it."""
    CLEARED = "cleared"
    ACKNOWLEDGED = "acknowledged"
    LAPSED = "lapsed"
    """Its acknowledgement has run out, and it is still so: nobody has it."""
    SHELVED = "shelved"
    UNSHELVED = "unshelved"
    CLOSED = "closed"


class Alert(Struct, frozen=True, kw_only=True):
    """The present standing of one rule about one subject."""

    id: str
    """Derived from rule, key and trigger: the same trigger never makes two."""
    rule: str
    key: str
    """The values of the rule's ``by`` fields, joined by `` / ``."""
    title: str
    severity: Severity
    do: str
    """The procedure."""
    condition: Condition = Condition.ACTIVE
    handling: Handling = Handling.NEW
    site: str = ""
    zone: str = ""
    point: str = ""
    lead: str = ""
    """The agency that has to act; empty where nobody is named."""
    coordinating: tuple[str, ...] = ()
    """The agencies that take part."""
    values: dict[str, str] = {}
    """What the title was made of, for titles in other languages."""
    silent: bool = False
    latched: bool = False
    """It doesn't clear by itself: a person closes it."""
    late: bool = False
    """It was reported long after it happened."""
    happened_at: datetime
    """When the trigger happened."""
    raised_at: datetime
    """When the monitor knew, by its own clock."""
    last_at: datetime
    """When it happened last."""
    occurrences: int = 1
    returns: int = 0
    """How often it came back after it had cleared, before anybody closed it."""
    cleared_at: datetime | None = None
    owner: str = ""
    """Who acknowledged it."""
    acknowledged_at: datetime | None = None
    """Since when the owner has it, or had it when it was closed; ``None``: nobody has it."""
    note: str = ""
    """The latest note of a person, or the reason of a shelving."""
    shelved_until: datetime | None = None

    @property
    def standing(self) -> Standing:
        """Where it stands in the table."""
        return self.condition, self.handling

    @property
    def is_open(self) -> bool:
        """It is not closed."""
        return self.handling is not Handling.CLOSED
