"""The shift log, newest first: what people wrote, among the changes of alerts."""

import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from monitor.core.transitions import AlertChanged, LogEntry, LogEntryStruck
from monitor.journal.database import as_journal_errors
from monitor.journal.record import microseconds


class LogRow(NamedTuple):
    """An entry of a person, or a change of an alert."""

    seq: int
    """The number of the input from which it followed."""
    n: int
    """Its place among the transitions of that input."""
    what: LogEntry | AlertChanged
    strike: LogEntryStruck | None = None
    """Who struck the entry and why; ``None``: it is not struck, or a change of an alert."""


class LogFilter(NamedTuple):
    """The rows that a reader wants."""

    site: str = ""
    """Only what belongs to this site."""
    alert: str = ""
    """Only what is about this alert: its history."""
    since: datetime | None = None
    """Only what was written since then."""
    entries_only: bool = False
    """Without the changes of alerts."""
    silent_too: bool = False
    """With what is about silent alerts, for those who may see them."""


class ShiftLog:
    """The shift log of a journal.

    All methods raise:
        JournalError: the journal cannot be read.

    """

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self._db = db
        self._path = path

    def rows(
        self,
        wanted: LogFilter = LogFilter(),  # noqa: B008 - immutable
        *,
        before: tuple[int, int] | None = None,
        limit: int = 100,
    ) -> list[LogRow]:
        """Return rows, newest first by when they were written; no changes of alerts that retention has removed.

        Args:
            wanted: which rows.
            before: ``seq`` and ``n`` of the last row of the page before.
            limit: the most rows.

        """
        found: list[LogRow] = []
        while len(found) < limit:
            rows = self._page(wanted, before, limit)
            found += [row for row in rows if wanted.silent_too or not self._is_silent(row)]
            if len(rows) < limit:
                break
            before = rows[-1].seq, rows[-1].n
        return found[:limit]

    def entry(self, own: str) -> LogRow | None:
        """Return an entry by its id; ``None`` if there is none."""
        query = "SELECT seq, n, body, strike FROM log_entry WHERE id = ?"
        with as_journal_errors(self._path):
            row = self._db.execute(query, (own,)).fetchone()
            return None if row is None else _row(*row)

    def written(self, own: str) -> LogEntry | None:
        """Return an entry as it was written, by its id; ``None`` if there is none."""
        row = self.entry(own)
        return row.what if row is not None and isinstance(row.what, LogEntry) else None

    def raised_in(self, alert: str) -> int | None:
        """Return the number of the input that raised an alert; ``None`` if retention has removed its changes."""
        query = "SELECT min(seq) FROM alert_change WHERE alert = ?"
        with as_journal_errors(self._path):
            (seq,) = self._db.execute(query, (alert,)).fetchone()
        return None if seq is None else int(seq)

    def _page(self, wanted: LogFilter, before: tuple[int, int] | None, limit: int) -> list[LogRow]:
        where, values = ["true"], dict[str, Any](limit=limit)
        if wanted.site:
            where.append("site = :site")
            values["site"] = wanted.site
        if wanted.alert:
            where.append("alert = :alert")
            values["alert"] = wanted.alert
        if wanted.since is not None:
            where.append("at >= :since")
            values["since"] = microseconds(wanted.since)
        if before is not None:
            where.append("(seq, n) < (:seq, :n)")
            values["seq"], values["n"] = before
        end = f"WHERE {' AND '.join(where)} ORDER BY seq DESC, n DESC LIMIT :limit"
        parts = [f"SELECT seq, n, body, strike FROM log_entry {end}"]  # noqa: S608 - constants
        if not wanted.entries_only:
            body = "SELECT body FROM transition AS t WHERE t.seq = c.seq AND t.n = c.n"
            parts.append(f"SELECT seq, n, ({body}), NULL FROM alert_change AS c {end}")  # noqa: S608 - constants
        both = " UNION ALL ".join(f"SELECT * FROM ({part})" for part in parts)  # noqa: S608 - constants
        query = f"{both} ORDER BY 1 DESC, 2 DESC LIMIT :limit"
        with as_journal_errors(self._path):
            return [_row(*row) for row in self._db.execute(query, values)]

    def _is_silent(self, row: LogRow) -> bool:
        match row.what:
            case AlertChanged(alert=alert):
                return alert.silent
            case LogEntry(silent=silent, alert=name):
                return silent or (bool(name) and self._is_silent_alert(name))

    def _is_silent_alert(self, name: str) -> bool:
        """Return whether an alert is silent that was closed before something was written about it."""
        query = "SELECT json_extract(CAST(body AS TEXT), '$.silent') FROM alert WHERE id = ?"
        with as_journal_errors(self._path):
            row = self._db.execute(query, (name,)).fetchone()
        return row is not None and bool(row[0])


def _row(seq: int, n: int, body: bytes, strike: bytes | None) -> LogRow:
    struck = None if strike is None else msgspec.json.decode(strike, type=LogEntryStruck)
    return LogRow(seq, n, _read(body), struck)


def _read(body: bytes) -> LogEntry | AlertChanged:
    """Return what a body holds: an entry has no type, a transition has one."""
    if body.startswith(b'{"type":'):
        return msgspec.json.decode(body, type=AlertChanged)
    return msgspec.json.decode(body, type=LogEntry)
