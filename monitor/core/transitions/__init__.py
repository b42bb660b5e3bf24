"""Transitions: what follows from an input, written in the same transaction as the input, and final."""

from collections.abc import Iterable

from monitor.core.phrase import Phrase
from monitor.core.transitions.alerts import (
    AlertChanged,
    Mask,
    MaskChanged,
)
from monitor.core.transitions.commands import (
    Override,
    OverrideChanged,
    StaffAct,
    StaffAnswered,
    StaffRefused,
)
from monitor.core.transitions.pages import (
    DailyDigest,
    PageKind,
    PageOrdered,
)
from monitor.core.transitions.shift_log import (
    HandOver,
    LogEntry,
    LogEntryConfirmed,
    LogEntryStruck,
    LogEntryWritten,
    LogNoted,
)
from monitor.core.transitions.zones import (
    ReadinessChanged,
    ReadinessStatus,
    Reason,
    ZoneChanged,
    ZoneStatus,
)

__all__ = [
    "AlertChanged",
    "DailyDigest",
    "HandOver",
    "LogEntry",
    "LogEntryConfirmed",
    "LogEntryStruck",
    "LogEntryWritten",
    "LogNoted",
    "Mask",
    "MaskChanged",
    "Override",
    "OverrideChanged",
    "PageKind",
    "PageOrdered",
    "ReadinessChanged",
    "ReadinessStatus",
    "Reason",
    "StaffAct",
    "StaffAnswered",
    "StaffRefused",
    "Transition",
    "ZoneChanged",
    "ZoneStatus",
    "refusal_in",
]

Transition = (
    AlertChanged
    | ZoneChanged
    | ReadinessChanged
    | MaskChanged
    | OverrideChanged
    | PageOrdered
    | LogEntryWritten
    | LogEntryStruck
    | LogEntryConfirmed
    | LogNoted
    | StaffRefused
    | StaffAnswered
)


def refusal_in(transitions: Iterable[Transition]) -> Phrase | str | None:
    """Return the reason of the first refusal; ``None`` if nothing was refused."""
    return next((row.reason for row in transitions if isinstance(row, StaffRefused)), None)
