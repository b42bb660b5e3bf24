"""Tables that follow from the transitions: the last values of alerts, zones, masks and readiness, and the shift log."""

import sqlite3

from monitor.core.alert import Change
from monitor.core.readiness.verdict import key
from monitor.core.transitions import (
    AlertChanged,
    LogEntryConfirmed,
    LogEntryStruck,
    LogEntryWritten,
    LogNoted,
    MaskChanged,
    OverrideChanged,
    ReadinessChanged,
    Transition,
    ZoneChanged,
)
from monitor.journal.record import ENCODE, microseconds


class LastValues:
    """The last values after some transitions, to be written over those before."""

    def __init__(self) -> None:
        self._alerts: dict[str, tuple[str, bool, int, bytes]] = {}
        self._zones: dict[str, tuple[str, int, bytes]] = {}
        self._readiness: dict[str, tuple[str, int, bytes]] = {}
        self._masks: dict[str, tuple[str, int, bytes] | None] = {}
        self._changes: list[tuple[int, int, int, str, str, str]] = []
        self._entries: list[tuple[str, int, int, int, str, str, str, bytes]] = []
        self._strikes: list[tuple[bytes, str]] = []
        self._confirmations: list[tuple[bytes, str]] = []

    def write(self, db: sqlite3.Connection) -> None:
        """Write the rows, inside a transaction of the caller."""
        db.executemany("INSERT OR REPLACE INTO alert VALUES (?, ?, ?, ?)", self._alerts.values())
        db.executemany("INSERT OR REPLACE INTO zone VALUES (?, ?, ?)", self._zones.values())
        db.executemany(
            "INSERT OR REPLACE INTO readiness VALUES (?, ?, ?)", self._readiness.values()
        )
        db.executemany("DELETE FROM mask WHERE id = ?", [(name,) for name in self._masks])
        db.executemany("INSERT INTO mask VALUES (?, ?, ?)", filter(None, self._masks.values()))
        db.executemany("INSERT OR REPLACE INTO log_change VALUES (?, ?, ?, ?, ?, ?)", self._changes)
        db.executemany(
            "INSERT OR IGNORE INTO log_entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)",
            self._entries,
        )
        # The first strike counts, and the first confirmation.
        db.executemany(
            "UPDATE log_entry SET strike = ? WHERE id = ? AND strike IS NULL", self._strikes
        )
        db.executemany(
            "UPDATE log_entry SET confirmation = ? WHERE id = ? AND confirmation IS NULL",
            self._confirmations,
        )

    def update(self, seq: int, n: int, transition: Transition) -> None:
        """Take over what a transition changes, the ``n``-th of this input."""
        self._update_log(seq, n, transition)
        match transition:
            case AlertChanged(alert=alert):
                self._alerts[alert.id] = (alert.id, alert.is_open, seq, ENCODE.encode(alert))
            case ZoneChanged(status=status):
                self._zones[status.zone] = (status.zone, seq, ENCODE.encode(status))
            case ReadinessChanged(site=site, zone=zone):
                name = key(site, zone)
                self._readiness[name] = (name, seq, ENCODE.encode(transition))
            case MaskChanged(mask=mask, ended=ended):
                self._masks[mask.id] = None if ended else (mask.id, seq, ENCODE.encode(mask))
            case _:
                pass

    def _update_log(self, seq: int, n: int, transition: Transition) -> None:
        match transition:
            case AlertChanged(at=at, alert=alert, change=change):
                if change is not Change.RECURRED:
                    place = (alert.site, alert.zone, alert.id)
                    self._changes.append((seq, n, microseconds(at), *place))
            case MaskChanged(at=at, mask=mask, site=site):
                self._changes.append((seq, n, microseconds(at), site, mask.zone, ""))
            case OverrideChanged(at=at):
                self._changes.append((seq, n, microseconds(at), "", "", ""))
            case LogNoted(at=at, site=site, zone=zone):
                self._changes.append((seq, n, microseconds(at), site, zone, ""))
            case LogEntryWritten(at=at, entry=entry):
                place = (entry.site, entry.zone, entry.alert)
                row_of = (entry.id, seq, n, microseconds(at), *place, ENCODE.encode(entry))
                self._entries.append(row_of)
            case LogEntryStruck(entry=name):
                self._strikes.append((ENCODE.encode(transition), name))
            case LogEntryConfirmed(entry=name):
                self._confirmations.append((ENCODE.encode(transition), name))
            case _:
                pass
