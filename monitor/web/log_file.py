"""The shift log to take along: as a table for spreadsheets (CSV), and as pages to print."""

import asyncio
import csv
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from io import StringIO

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream
from msgspec.structs import replace

from monitor.texts import Language
from monitor.texts.language import FIRST_STRONG_ISOLATE, POP_ISOLATE
from monitor.web.alert import when
from monitor.web.context import Console
from monitor.web.guard import require
from monitor.web.log_page import LogLine, read_page
from monitor.web.log_query import LogQuery, local_time, read_query
from monitor.web.source import Source
from monitor.web.template import HtmlResponse
from monitor.web.viewer import ConsoleRequest, Viewer

SLICE = 100
"""Lines that are read at once."""
MOST_EXPORTED = 20_000
MOST_PRINTED = 1_000
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings that a spreadsheet takes for a formula (OWASP, CSV injection)."""
WITHOUT_ISOLATES = dict.fromkeys(map(ord, (FIRST_STRONG_ISOLATE, POP_ISOLATE)))
"""They keep the order of words on a page; in a cell they would hide how it begins."""


def export_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the routes; both take the filter of the page of the log."""

    @get("/log/export", opt={"right": "export"}, sync_to_thread=False)
    def export(request: ConsoleRequest) -> Stream:
        """Return the log as CSV."""
        query = _query(request)
        name = f"log-{console.source.now():%Y%m%dT%H%MZ}.csv"
        return Stream(
            _csv(request.user, console.source, query),
            media_type="text/csv",
            headers={"content-disposition": f'attachment; filename="{name}"'},
        )

    @get("/log/print", opt={"right": "export"})
    async def show(request: ConsoleRequest) -> HtmlResponse:
        """Return the log for printing."""
        viewer, source, query = request.user, console.source, _query(request)
        page = await read_page(viewer, source, query, MOST_PRINTED, "export")
        since = local_time(query.since, source)
        return console.page(
            request,
            "log_print.html",
            page=page,
            query=query,
            since=when(source, since, viewer.language),
            site=source.writer.names.of("site", query.site) if query.site else "",
            at=when(source, source.now(), viewer.language),
            address=f"{request.base_url}log?{query.address()}".rstrip("?"),
        )

    return [export, show]


def _query(request: ConsoleRequest) -> LogQuery:
    query = read_query(request.query_params)
    if query.site:
        require(request.user, "export", query.site)
    return query


async def _csv(viewer: Viewer, source: Source, query: LogQuery) -> AsyncIterator[str]:
    language = viewer.language
    # Spreadsheets take a file for UTF-8 by this mark alone.
    yield "\ufeff" + _line_of_csv(_heads(language))
    lines = 0
    while lines < MOST_EXPORTED:
        page = await read_page(viewer, source, query, SLICE, "export")
        lines += len(page.lines)
        yield "".join(_line_of_csv(_cells(line, source)) for line in page.lines)
        if page.ends is None:
            return
        query = replace(query, before=page.ends)
        await asyncio.sleep(0)
    yield _line_of_csv(
        [language.gettext("There is more than this. Choose a site or a later start.")]
    )


def _heads(language: Language) -> Sequence[str]:
    return [
        language.gettext("Number"),
        language.gettext("Happened"),
        language.gettext("Written"),
        language.gettext("Who"),
        language.gettext("What"),
        language.gettext("Note"),
        language.gettext("Where"),
        language.gettext("Alert"),
        language.gettext("Struck"),
        language.gettext("Struck by"),
        language.gettext("Reason"),
    ]


def _cells(line: LogLine, source: Source) -> Sequence[str]:
    row, entry, strike = line.row, line.entry, line.row.strike

    def local(at: datetime) -> str:
        return at.astimezone(source.writer.names.timezone).isoformat(timespec="seconds")

    return [
        "" if entry is None else entry.id,
        local(line.happened_at),
        local(row.at),
        line.who,
        line.what,
        line.note,
        line.place,
        line.title,
        "" if strike is None else local(strike.at),
        "" if strike is None else source.writer.name(strike.who),
        line.reason,
    ]


def _line_of_csv(cells: Sequence[str]) -> str:
    out = StringIO()
    plain = [cell.translate(WITHOUT_ISOLATES) for cell in cells]
    csv.writer(out).writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in plain])
    return out.getvalue()
