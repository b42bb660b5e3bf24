"""A shift is handed over: the entry keeps how things stand, and its receiver confirms it."""

from datetime import datetime, timedelta
from typing import assert_never

from msgspec.structs import replace

from monitor.core.alerts.masks import site_of
from monitor.core.effects import Effects
from monitor.core.events.commands import LogConfirmed, LogHandedOver
from monitor.core.phrase import Phrase, phrase
from monitor.core.rules.model import SEVERITIES
from monitor.core.state.shift_log import HandOverState
from monitor.core.state.state import State
from monitor.core.transitions import (
    HandOver,
    LogEntry,
    LogEntryConfirmed,
    LogEntryWritten,
    StaffRefused,
)
from monitor.core.utc import utc

SHIFT = timedelta(hours=12)
"""How long the coming shift is, if the sender does not say when it ends; judgement."""
MOST_ALERTS = 200
"""Open alerts that an entry keeps; the others are counted."""
MOST_REASONS = 3
"""Reasons that it keeps of each zone."""
MOST_OPEN = 100
"""Hand-overs that can be confirmed; the oldest are forgotten."""


def execute(state: State, command: LogHandedOver | LogConfirmed, effects: Effects) -> None:
    """Execute a command, or refuse it with the reason."""
    match command:
        case LogHandedOver():
            _hand_over(state, command, effects)
        case LogConfirmed():
            _confirm(state, command, effects)
        case _:
            assert_never(command)


def _hand_over(state: State, command: LogHandedOver, effects: Effects) -> None:
    """Write the entry."""
    now, log = state.time.now, state.shift_log
    until = now + SHIFT if command.until is None else utc(command.until)
    if reason := _objection(state, command, until):
        effects.emit(StaffRefused(at=now, who=command.who, act="log", alert="", reason=reason))
        return
    log.entries += 1
    entry = LogEntry(
        id=str(log.entries),
        written_at=now,
        happened_at=now,
        who=command.who,
        text=command.text,
        site=command.site,
        hand_over=picture(state, command.to, command.site, until),
    )
    if len(log.hand_overs) >= MOST_OPEN:
        del log.hand_overs[next(iter(log.hand_overs))]
    log.hand_overs[entry.id] = HandOverState(command.who, command.to)
    effects.emit(LogEntryWritten(at=now, entry=entry))


def _confirm(state: State, command: LogConfirmed, effects: Effects) -> None:
    """Confirm a hand-over."""
    now, entry = state.time.now, command.entry
    if reason := _objection_to_confirmation(state, command):
        refused = StaffRefused(at=now, who=command.who, act="confirm", alert=entry, reason=reason)
        effects.emit(refused)
        return
    state.shift_log.hand_overs[entry].confirmed_by = command.who
    effects.emit(LogEntryConfirmed(at=now, entry=entry, who=command.who))


def picture(state: State, to: str, site: str, until: datetime) -> HandOver:
    """Return how things stand at a site, or everywhere.

    Args:
        state: what the core remembers.
        to: who takes over.
        site: empty: everywhere.
        until: when the coming shift ends.

    """
    alerts = sorted(
        (row for row in state.alerts.open.values() if site in {"", row.site}),
        key=lambda row: (
            not row.silent,
            SEVERITIES.index(row.severity),
            row.happened_at,
            row.id,
        ),
    )
    more: dict[str, int] = {}
    for row in alerts[MOST_ALERTS:]:
        if not row.silent:
            more[row.site] = more.get(row.site, 0) + 1
    return HandOver(
        to=to,
        until=until,
        alerts=tuple(alerts[:MOST_ALERTS]),
        more=more,
        masks=tuple(
            mask
            for mask in sorted(state.alerts.masks.values(), key=lambda row: (row.until, row.id))
            if mask.until <= until and site in {"", site_of(mask, state.rule_set.venue)}
        ),
        zones=tuple(
            replace(row, reasons=row.reasons[:MOST_REASONS])
            for _, row in sorted(state.readiness.statuses.items())
            if row.zone and row.state in {"no_go", "unknown"} and site in {"", row.site}
        ),
    )


def _objection(state: State, command: LogHandedOver, until: datetime) -> Phrase | None:
    if command.site and all(row.id != command.site for row in state.rule_set.venue.sites):
        return phrase("mask-place-unknown", place=command.site)
    if command.to == command.who:
        return phrase("log-own-hand-over")
    return phrase("log-hand-over-ends") if until <= state.time.now else None


def _objection_to_confirmation(state: State, command: LogConfirmed) -> Phrase | None:
    log, known = state.shift_log, state.shift_log.hand_overs.get(command.entry)
    if known is None:
        return phrase("log-no-hand-over")
    if command.entry in log.struck:
        return phrase("log-struck", person=log.struck[command.entry])
    if known.confirmed_by:
        return phrase("log-confirmed", person=known.confirmed_by)
    if known.who == command.who:
        return phrase("log-own-hand-over")
    if known.to and known.to != command.who:
        return phrase("log-hand-over-for", person=known.to)
    return None
