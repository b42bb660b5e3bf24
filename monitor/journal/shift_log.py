"""The shift log, newest first: what people wrote, among what happened by itself."""

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from monitor.core.transitions import (
    AlertChanged,
    LogEntry,
    LogEntryConfirmed,
    LogEntryStruck,
    LogNoted,
    MaskChanged,
    OverrideChanged,
)
from monitor.journal.database_errors import as_journal_errors

MOST_MARKED = 500
"""Entries that are looked through for strikes and confirmations: more than a page shows."""
Automatic = AlertChanged | MaskChanged | OverrideChanged | LogNoted
"""What enters the log by itself; of alerts all changes but recurrences."""
_AUTOMATIC: msgspec.json.Decoder[Automatic] = msgspec.json.Decoder(Automatic)
_ENTRY = msgspec.json.Decoder(LogEntry)
_STRIKE = msgspec.json.Decoder(LogEntryStruck)
_CONFIRMATION = msgspec.json.Decoder(LogEntryConfirmed)


class LogRow(NamedTuple):
    """An entry of a person, or something that happened by itself."""

    seq: int
    """The number of the input from which it followed."""
    n: int
    """Its place among the transitions of that input."""
    what: LogEntry | Automatic
    strike: LogEntryStruck | None = None
    """Who struck the entry and why; ``None``: it is not struck, or no person's."""
    confirmation: LogEntryConfirmed | None = None
    """Who confirmed a hand-over; ``None``: nobody, or it is none."""

    @property
    def at(self) -> datetime:
        """When it was written."""
        return self.what.written_at if isinstance(self.what, LogEntry) else self.what.at


class LogFilter(NamedTuple):
    """The rows that a reader wants."""

    sites: frozenset[str] | None = None
    """Only what belongs to these sites, an empty name for what belongs to none; ``None``: all."""
    alert: str = ""
    """Only what is about this alert: its history."""
    since: datetime | None = None
    """Only what was written since then."""
    kind: Literal["", "people", "automatic"] = ""
    """Only what people wrote, or only what happened by itself."""
    silent_at: frozenset[str] | None = frozenset()
    """The sites of which also what is about silent alerts is wanted, for those who may see them; ``None``: all."""


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
        """Return rows, newest first by when they were written; nothing by itself that retention has removed.

        Args:
            wanted: which rows.
            before: ``seq`` and ``n`` of the last row of the page before.
            limit: the most rows.

        """
        found: list[LogRow] = []
        while len(found) < limit:
            rows = self._page(wanted, before, limit)
            for row in rows:
                # The rows are in the order of their times: what follows is older still.
                if wanted.since is not None and row.at < wanted.since:
                    return found[:limit]
                if not self._is_hidden(row, wanted.silent_at):
                    found.append(row)
            if len(rows) < limit:
                break
            before = rows[-1].seq, rows[-1].n
        return found[:limit]

    def entry(self, own: str, silent_at: frozenset[str] | None = frozenset()) -> LogRow | None:
        """Return an entry by its id; ``None`` if there is none, or it is about a silent alert of another site."""
        query = "SELECT seq, n, body, strike, confirmation FROM log_entry WHERE id = ?"
        with as_journal_errors(self._path):
            row = self._db.execute(query, (own,)).fetchone()
            found = None if row is None else _entry(*row)
        return None if found is None or self._is_hidden(found, silent_at) else found

    def last_entry_seq(self) -> int:
        """Return the number of the input by which the latest entry was written; 0 if there is none."""
        with as_journal_errors(self._path):
            (found,) = self._db.execute("SELECT coalesce(max(seq), 0) FROM log_entry").fetchone()
        return int(found)

    def marked_since(self, wanted: LogFilter, at: datetime) -> list[LogRow]:
        """Return those of the latest entries that were struck, or confirmed as a hand-over, after a time.

        Args:
            wanted: by site, and by whether they are about silent alerts.
            at: the time.

        """
        query = """
            SELECT seq, n, body, strike, confirmation
            FROM (SELECT * FROM log_entry ORDER BY seq DESC, n DESC LIMIT ?)
            WHERE strike IS NOT NULL OR confirmation IS NOT NULL
        """
        with as_journal_errors(self._path):
            found = [_entry(*row) for row in self._db.execute(query, (MOST_MARKED,)).fetchall()]
        return [
            row
            for row in found
            if any(mark is not None and mark.at > at for mark in (row.strike, row.confirmation))
            and isinstance(row.what, LogEntry)
            and (wanted.sites is None or row.what.site in wanted.sites)
            and not self._is_hidden(row, wanted.silent_at)
        ]

    def written(self, own: str) -> LogEntry | None:
        """Return an entry as it was written, by its id; ``None`` if there is none."""
        row = self.entry(own, None)
        return row.what if row is not None and isinstance(row.what, LogEntry) else None

    def raised_in(self, alert: str) -> int | None:
        """Return the number of the input that raised an alert; ``None`` if retention has removed its changes."""
        query = "SELECT min(seq) FROM log_change WHERE alert = ?"
        with as_journal_errors(self._path):
            (seq,) = self._db.execute(query, (alert,)).fetchone()
        return None if seq is None else int(seq)

    def _page(self, wanted: LogFilter, before: tuple[int, int] | None, limit: int) -> list[LogRow]:
        where, values = ["true"], dict[str, Any](limit=limit)
        if wanted.alert:
            where.append("alert = :alert")
            values["alert"] = wanted.alert
        if before is not None:
            where.append("(seq, n) < (:seq, :n)")
            values["seq"], values["n"] = before
        parts: list[str] = []
        for end in _ends(where, wanted.sites, values):
            if wanted.kind != "automatic":
                entry = f"SELECT 1, seq, n, body, strike, confirmation FROM log_entry {end}"  # noqa: S608 - constants
                parts.append(entry)
            if wanted.kind != "people":
                body = "SELECT body FROM transition AS t WHERE t.seq = c.seq AND t.n = c.n"
                parts.append(f"SELECT 0, seq, n, ({body}), NULL, NULL FROM log_change AS c {end}")  # noqa: S608 - constants
        if not parts:
            return []
        all_ = " UNION ALL ".join(f"SELECT * FROM ({part})" for part in parts)  # noqa: S608 - constants
        query = f"{all_} ORDER BY 2 DESC, 3 DESC LIMIT :limit"
        with as_journal_errors(self._path):
            return [
                _entry(*row) if is_entry else LogRow(row[0], row[1], _AUTOMATIC.decode(row[2]))
                for is_entry, *row in self._db.execute(query, values)
            ]

    def _is_hidden(self, row: LogRow, silent_at: frozenset[str] | None) -> bool:
        """Return whether it is about a silent alert, and not for this reader."""
        if silent_at is None or (site := self._silent_site(row)) is None:
            return False
        return site not in silent_at if site else not silent_at

    def _silent_site(self, row: LogRow) -> str | None:
        """Return the site of the silent alert that a row is about; ``None``: it is about no such alert."""
        match row.what:
            case AlertChanged(alert=alert):
                return alert.site if alert.silent else None
            case LogEntry(alert=name, silent=silent, site=site):
                known = self._silent_alert_site(name) if name else None
                return site if known is None and silent else known
            case _:
                return None

    def _silent_alert_site(self, name: str) -> str | None:
        """Return the site of a silent alert, which may have been closed before something was written about it."""
        query = """
            SELECT json_extract(CAST(body AS TEXT), '$.site') FROM alert
            WHERE id = ? AND json_extract(CAST(body AS TEXT), '$.silent')
        """
        with as_journal_errors(self._path):
            row = self._db.execute(query, (name,)).fetchone()
        return None if row is None else str(row[0])


def _ends(where: list[str], sites: frozenset[str] | None, values: dict[str, Any]) -> Iterator[str]:
    """Yield the end of a query for each site: each is read backwards along an index, however long the log is."""
    order = "ORDER BY seq DESC, n DESC LIMIT :limit"
    if sites is None:
        yield f"WHERE {' AND '.join(where)} {order}"
        return
    for number, site in enumerate(sorted(sites)):
        values[f"site{number}"] = site
        yield f"WHERE {' AND '.join((*where, f'site = :site{number}'))} {order}"


def _entry(
    seq: int, n: int, body: bytes, strike: bytes | None, confirmation: bytes | None
) -> LogRow:
    return LogRow(
        seq,
        n,
        _ENTRY.decode(body),
        None if strike is None else _STRIKE.decode(strike),
        None if confirmation is None else _CONFIRMATION.decode(confirmation),
    )
