"""The lines of the shift log, as a viewer reads them, page by page."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import assert_never
from zoneinfo import ZoneInfo

from msgspec import Struct

from monitor.accounts import Right
from monitor.core.alert import Alert
from monitor.core.transitions import AlertChanged, LogEntry, LogNoted, MaskChanged, OverrideChanged
from monitor.journal.shift_log import Automatic, LogRow
from monitor.texts import Language
from monitor.texts.changes import change_in_words
from monitor.texts.log_lines import line_in_words
from monitor.web.board_alert import MARKS
from monitor.web.log_query import LogQuery
from monitor.web.source import Source
from monitor.web.viewer import Viewer

UTC_ZONE = ZoneInfo("UTC")
"""Where no venue gives a time zone."""
SLICE = 100
"""Lines that are read before other work gets its turn: about 10 ms."""
MOST_SEARCHED = 2_000
"""Lines that one page looks through for a text; a link goes on from there."""


class LogLine(Struct, frozen=True, kw_only=True):
    """One line of the shift log."""

    row: LogRow
    day: str
    """On which it was written."""
    happened_at: datetime
    happened: str
    written: str
    """Empty: within the minute in which it happened."""
    who: str
    """Empty: nobody, it happened by itself."""
    what: str
    note: str = ""
    place: str = ""
    alert: Alert | None = None
    """The alert that it is about, if the viewer may see it."""
    title: str = ""
    """Of the alert."""
    mark: tuple[str, str] = ("", "")
    """Shape and code of the alert."""
    struck: str = ""
    """When and by whom; empty: it is not struck."""
    reason: str = ""
    """Why it was struck."""

    @property
    def entry(self) -> LogEntry | None:
        """What a person wrote; ``None``: it happened by itself."""
        return self.row.what if isinstance(self.row.what, LogEntry) else None


class LogPage(Struct, frozen=True, kw_only=True):
    """One page of the shift log."""

    lines: Sequence[LogLine]
    ends: tuple[int, int] | None
    """The row from which the next page goes on; ``None``: nothing follows."""
    was_searched: int
    """Rows that were looked through."""

    @property
    def days(self) -> Sequence[tuple[str, Sequence[LogLine]]]:
        """The lines of each day."""
        found = groupby(self.lines, key=lambda line: line.day)
        return [(day, list(lines)) for day, lines in found]


async def read_page(
    viewer: Viewer, source: Source, query: LogQuery, limit: int, right: Right = "view"
) -> LogPage:
    """Return one page: its cost depends on the page, and not on how long the log is.

    Args:
        viewer: who reads it.
        source: has the journal.
        query: what is wanted.
        limit: the most lines.
        right: the right that they need at the sites of which they are.

    """
    wanted = query.filter(viewer, source, right)
    lines: list[LogLine] = []
    before, searched = query.before, 0
    while searched < MOST_SEARCHED:
        rows = source.journal.shift_log.rows(wanted, before=before, limit=SLICE)
        for row in rows:
            before = row.seq, row.n
            searched += 1
            line = line_of(row, viewer, source)
            if query.matches(line.what, line.note, line.who, line.place, line.title, line.reason):
                lines.append(line)
            if len(lines) == limit:
                return LogPage(lines=lines, ends=before, was_searched=searched)
        if len(rows) < SLICE:
            return LogPage(lines=lines, ends=None, was_searched=searched)
        await asyncio.sleep(0)
    return LogPage(lines=lines, ends=before, was_searched=searched)


def line_of(row: LogRow, viewer: Viewer, source: Source) -> LogLine:
    """Return a row as a viewer reads it."""
    match row.what:
        case LogEntry() as entry:
            return _line_of_entry(row, entry, viewer, source)
        case AlertChanged() | MaskChanged() | OverrideChanged() | LogNoted() as automatic:
            return _line_by_itself(row, automatic, viewer, source)
        case _:
            assert_never(row.what)


def _line_of_entry(row: LogRow, entry: LogEntry, viewer: Viewer, source: Source) -> LogLine:
    language, writer = viewer.language, source.writer
    alert = _visible_alert(entry.alert, viewer, source)
    struck = ""
    if row.strike is not None:
        struck = language.gettext("struck {when} by {name}").format(
            when=moment(row.strike.at, source, language, beside=entry.written_at),
            name=language.inset(writer.name(row.strike.who)),
        )
    is_at_once = abs((entry.written_at - entry.happened_at).total_seconds()) < 60  # noqa: PLR2004 - as people read it
    return LogLine(
        row=row,
        day=day(entry.written_at, source, language),
        happened_at=entry.happened_at,
        happened=moment(entry.happened_at, source, language, beside=entry.written_at),
        written="" if is_at_once else moment(entry.written_at, source, language),
        who=writer.name(entry.who),
        what=entry.text,
        place=place(entry.site, entry.zone, source, language),
        alert=alert,
        title="" if alert is None else writer.title(alert, language),
        mark=("", "") if alert is None else MARKS[alert.severity],
        struck=struck,
        reason="" if row.strike is None else row.strike.reason,
    )


def _line_by_itself(row: LogRow, what: Automatic, viewer: Viewer, source: Source) -> LogLine:
    language, writer = viewer.language, source.writer
    happened_at, site, zone = what.at, "", ""
    alert: Alert | None = None
    match what:
        case AlertChanged(alert=Alert() as changed):
            words, alert = change_in_words(what, writer.name, language), changed
            site, zone = changed.site, changed.zone
        case MaskChanged(site=site, mask=mask):
            words, zone = line_in_words(what, writer.names, language), mask.zone
        case OverrideChanged():
            words = line_in_words(what, writer.names, language)
        case LogNoted(happened_at=happened_at, site=site, zone=zone):
            words = line_in_words(what, writer.names, language)
        case _:
            assert_never(what)
    return LogLine(
        row=row,
        day=day(what.at, source, language),
        happened_at=happened_at,
        happened=moment(happened_at, source, language, beside=what.at),
        written="",
        who="",
        what=words,
        note=writer.reason(what.note, language) if what.note else "",
        place=place(site, zone, source, language),
        alert=alert,
        title="" if alert is None else writer.title(alert, language),
        mark=("", "") if alert is None else MARKS[alert.severity],
    )


def _visible_alert(own: str, viewer: Viewer, source: Source) -> Alert | None:
    if not own:
        return None
    alert = source.state.alerts.open.get(own) or source.journal.alert(own)
    return alert if alert is not None and viewer.sees(alert) else None


def place(site: str, zone: str, source: Source, language: Language) -> str:
    """Return the names of zone and site; empty for none."""
    names = source.writer.names
    rows = (("zone", zone), ("site", site))
    return language.list_of(names.of(field, own) for field, own in rows if own)


def moment(
    at: datetime, source: Source, language: Language, *, beside: datetime | None = None
) -> str:
    """Return a time of day to the second, with its date if it is on another day than what stands beside it."""
    timezone = source.writer.names.timezone or UTC_ZONE
    local = at.astimezone(timezone)
    if beside is not None and local.date() != beside.astimezone(timezone).date():
        return language.date_time(at, timezone)
    return language.inset(f"{local:%H:%M:%S}")


def day(at: datetime, source: Source, language: Language) -> str:
    """Return the date in the congress's time zone."""
    return language.full_date(at, source.writer.names.timezone or UTC_ZONE)
