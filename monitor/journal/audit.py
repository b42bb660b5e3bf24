"""The audit trail: which inputs and transitions go into it, and as what."""

from typing import get_args

import msgspec

from monitor.core.events.commands import Logging, Masking, Relief, Staff
from monitor.core.events.muster import AboutHolders
from monitor.core.inputs import Arrival, Input, Notice, RosterChanged, RulesChanged
from monitor.core.transitions import (
    AlertChanged,
    OverrideChanged,
    PageOrdered,
    StaffRefused,
    Transition,
)
from monitor.journal.record import ENCODE, Record

AUDITED = frozenset(get_args(Staff | Masking | Relief | Logging | AboutHolders))
"""The types of events that belong in the audit trail: commands."""


def audited(record: Record) -> list[bytes]:
    """Return the rows that a record adds to the audit trail, as JSON: commands, rule changes, starts, alert changes.

    A recurrence of an alert is not audited.
    """
    rows = _of_input(record.input)
    for transition in record.transitions:
        rows += _of_transition(transition)
    return [ENCODE.encode(row) for row in rows]


def _of_input(given: Input) -> list[object]:
    match given:
        case Arrival(events=events):
            return [event for event in events if type(event) in AUDITED]
        case RulesChanged(received_at=at, who=who, diff=diff, rule_set=rule_set):
            size = len(msgspec.json.encode(rule_set))
            return [{"at": at, "who": who, "what": "rules", "diff": diff, "bytes": size}]
        case RosterChanged(received_at=at, who=who, diff=diff):
            return [{"at": at, "who": who, "what": "roster", "diff": diff}]
        case Notice():
            return [given]
        case _:
            return []


def _of_transition(transition: Transition) -> list[object]:
    match transition:
        case AlertChanged(at=at, change=change, alert=alert) if change != "recurred":
            step = {"at": at, "who": transition.who, "what": change, "note": transition.note}
            if change == "closed" and alert.disposition:
                step["disposition"] = alert.disposition
            if change == "handed_over":
                step["to"] = alert.owner
            return [step | {"alert": alert.id, "rule": alert.rule, "key": alert.key}]
        case PageOrdered(at=at, id=page, person=person, kind=kind, reason=reason):
            alerts = [*(row.id for row in transition.alerts), *transition.more]
            row = {"at": at, "what": "page", "page": page, "person": person, "kind": kind}
            return [row | {"reason": reason, "alerts": alerts}]
        case StaffRefused() | OverrideChanged():
            return [transition]
        case _:
            return []
