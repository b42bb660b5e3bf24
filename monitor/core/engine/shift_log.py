"""The shift log: people write entries and strike them; nothing in it ever changes or disappears."""

from datetime import timedelta

from monitor.core.alert import Alert
from monitor.core.effects import Effects
from monitor.core.events.commands import LogStruck, LogWritten
from monitor.core.phrase import Phrase, phrase
from monitor.core.state.state import State
from monitor.core.transitions import LogEntry, LogEntryStruck, LogEntryWritten, StaffRefused
from monitor.core.utc import utc

AHEAD = timedelta(minutes=1)
"""How far a person's clock may be ahead of ours; judgement."""
MOST_STRUCK = 1_000
"""Strikes that are remembered."""


def write(state: State, command: LogWritten, effects: Effects) -> None:
    """Write an entry, or refuse it with the reason."""
    now, log = state.time.now, state.shift_log
    happened_at = now if command.happened_at is None else utc(command.happened_at)
    if reason := _objection_to_entry(state, command):
        effects.emit(StaffRefused(at=now, who=command.who, act="log", alert="", reason=reason))
        return
    log.entries += 1
    alert = state.alerts.open.get(command.alert)
    site, zone = _place(state, command, alert)
    entry = LogEntry(
        id=str(log.entries),
        written_at=now,
        happened_at=min(happened_at, now),
        who=command.who,
        text=command.text,
        site=site,
        zone=zone,
        alert=command.alert,
        silent=alert is not None and alert.silent,
    )
    effects.emit(LogEntryWritten(at=now, entry=entry))


def strike(state: State, command: LogStruck, effects: Effects) -> None:
    """Strike an entry, or refuse to with the reason."""
    now, struck = state.time.now, state.shift_log.struck
    if reason := _objection_to_strike(state, command):
        refused = StaffRefused(
            at=now, who=command.who, act="strike", alert=command.entry, reason=reason
        )
        effects.emit(refused)
        return
    if len(struck) >= MOST_STRUCK:
        del struck[next(iter(struck))]
    struck[command.entry] = command.who
    effects.emit(
        LogEntryStruck(at=now, entry=command.entry, who=command.who, reason=command.reason)
    )


def _place(state: State, command: LogWritten, alert: Alert | None) -> tuple[str, str]:
    """Return the site and the zone of an entry: as given, or those of its zone or of its open alert."""
    zone = command.zone or ("" if alert is None or command.site else alert.zone)
    found = next((row.site for row in state.rule_set.venue.zones if row.id == zone), "")
    return command.site or found or ("" if alert is None else alert.site), zone


def _objection_to_entry(state: State, command: LogWritten) -> Phrase | None:
    venue = state.rule_set.venue
    if not command.text.strip():
        return phrase("log-empty")
    if command.happened_at is not None and command.happened_at - state.time.now > AHEAD:
        return phrase("log-future")
    if command.zone and all(row.id != command.zone for row in venue.zones):
        return phrase("mask-place-unknown", place=command.zone)
    if command.site and all(row.id != command.site for row in venue.sites):
        return phrase("mask-place-unknown", place=command.site)
    return None


def _objection_to_strike(state: State, command: LogStruck) -> Phrase | None:
    log, entry = state.shift_log, command.entry
    is_number = entry.isascii() and entry.isdecimal() and not entry.startswith("0")
    if not is_number or len(entry) > len(str(log.entries)) or int(entry) > log.entries:
        return phrase("log-unknown")
    if entry in log.struck:
        return phrase("log-struck", person=log.struck[entry])
    return None if command.reason.strip() else phrase("log-needs-reason")
