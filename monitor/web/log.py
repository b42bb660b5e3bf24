"""``/log``: the shift log, its entries one by one, and the forms to write and to strike them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from monitor.accounts import Right
from monitor.core.transitions import LogEntry
from monitor.journal.shift_log import LogRow
from monitor.web.alert import when
from monitor.web.context import Console
from monitor.web.forms import ask_pin, fields_of
from monitor.web.guard import require
from monitor.web.hand_over_board import picture_of
from monitor.web.log_forms import (
    LogForm,
    may_confirm,
    objection_to_strike,
    read_form,
    strike,
    write,
)
from monitor.web.log_page import line_of, read_page
from monitor.web.log_query import LogQuery, read_query
from monitor.web.source import Source
from monitor.web.template import HtmlResponse, render
from monitor.web.viewer import ConsoleRequest, Viewer

PAGE = 100
"""Lines of one page."""
MOST_NEW = 20
"""New entries that a page counts."""
Answer = Response[str] | Redirect
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = 18
"""Of a number in what a page follows, at most."""


class SiteChoice(Struct, frozen=True, kw_only=True):
    """A site that a form offers, with its zones."""

    id: str
    name: str
    zones: Sequence[tuple[str, str]]
    """Id and name of each."""


def log_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the routes."""

    @get("/log", opt={"right": "view"})
    async def show(request: ConsoleRequest) -> HtmlResponse:
        """Show a page of the log; its filter is in the address."""
        return await _show(console, request, read_query(request.query_params))

    @post("/log", opt={"right": "log"}, status_code=200)
    async def add(request: ConsoleRequest) -> Answer:
        """Write an entry."""
        fields = await fields_of(request)
        form = read_form(dict(fields), console.source)
        require(request.user, "log", form.site)
        if (asked := await ask_pin(console, request, fields)) is not None:
            return asked
        done = await write(form, request.user, console.source)
        if done.refused:
            return await _show(console, request, LogQuery(), refused=done.refused, form=form)
        return Redirect(f"/log#entry-{done.entry}", status_code=303)

    @get("/log/{entry:str}", opt={"right": "view"}, sync_to_thread=False)
    def show_entry(request: ConsoleRequest, entry: FromPath[str]) -> HtmlResponse:
        """Show one entry; one that the viewer may not know of looks like an unknown one."""
        return entry_page(console, request, *find_entry(console.source, request.user, entry))

    @post("/log/{entry:str}/strike", opt={"right": "log"}, status_code=200)
    async def strike_entry(request: ConsoleRequest, entry: FromPath[str]) -> Answer:
        """Strike an entry."""
        row, found = find_entry(console.source, request.user, entry)
        require(request.user, "log", found.site)
        fields = await fields_of(request)
        if (asked := await ask_pin(console, request, fields)) is not None:
            return asked
        form = read_form(dict(fields), console.source)
        done = await strike(found, form, request.user, console.source)
        if done.refused:
            return entry_page(console, request, row, found, refused=done.refused, form=form)
        return Redirect(f"/log/{found.id}", status_code=303)

    return [show, add, show_entry, strike_entry]


async def _show(
    console: Console,
    request: ConsoleRequest,
    query: LogQuery,
    *,
    refused: str = "",
    form: LogForm | None = None,
) -> HtmlResponse:
    viewer, source = request.user, console.source
    seq, now = source.journal.seq, source.now()
    page = await read_page(viewer, source, query, PAGE)
    return console.page(
        request,
        "log.html",
        status=409 if refused else 200,
        page=page,
        query=query,
        more="" if page.ends is None else query.address(before=page.ends),
        export=query.address() if viewer.has("export") else None,
        follows="" if query.before else f"log/{query.site}:{seq}.{_microseconds(now)}",
        sites=choices(viewer, source, "view"),
        places=choices(viewer, source, "log"),
        may_write=viewer.has("log"),
        form=form or LogForm(),
        refused=refused,
        key=uuid4().hex,
    )


def new_entries(source: Source, viewer: Viewer, follows: str) -> str:
    """Return the link to the entries that a page lacks, as HTML; empty if it lacks none.

    An entry that has been struck since, or confirmed as a hand-over, counts as one.

    Args:
        source: has the journal.
        viewer: who reads the page.
        follows: the site of the page, the last input that it shows, and when that was, in microseconds since 1970:
            ``hall:1234.1767225600000000``.

    """
    site, _, place = follows.rpartition(":")
    seq, _, microseconds = place.partition(".")
    if not all(part.isdecimal() and len(part) < _DIGITS for part in (seq, microseconds)):
        return ""
    wanted, log = (
        LogQuery(site=site, kind="people").filter(viewer, source),
        source.journal.shift_log,
    )
    last, at = int(seq), _EPOCH + timedelta(microseconds=int(microseconds))
    n = sum(row.seq <= last for row in log.marked_since(wanted, at))
    if log.last_entry_seq() > last:
        n += sum(row.seq > last for row in log.rows(wanted, limit=MOST_NEW))
    if not n:
        return ""
    return render("log_new.html", viewer.language, n=min(n, MOST_NEW), is_more=n >= MOST_NEW)


def _microseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def entry_page(  # noqa: PLR0913 - what it shows
    console: Console,
    request: ConsoleRequest,
    row: LogRow,
    entry: LogEntry,
    *,
    refused: str = "",
    form: LogForm | None = None,
) -> HtmlResponse:
    """Return the page of one entry.

    Args:
        console: has what surrounds it.
        request: what is answered.
        row: the entry, with what became of it.
        entry: the same, as it was written.
        refused: why an act was refused.
        form: what the person had filled in then.

    """
    viewer, source = request.user, console.source
    return console.page(
        request,
        "log_entry.html",
        status=409 if refused else 200,
        line=line_of(row, viewer, source),
        entry=entry,
        happened=when(source, entry.happened_at, viewer.language),
        written=when(source, entry.written_at, viewer.language),
        may_strike=row.strike is None and objection_to_strike(entry, viewer, source) is None,
        may_confirm=may_confirm(row, viewer),
        confirmed=_confirmed(row, viewer, source),
        picture=None
        if entry.hand_over is None
        else picture_of(entry.who, entry.hand_over, viewer, source),
        form=form or LogForm(),
        refused=refused,
        key=uuid4().hex,
    )


def _confirmed(row: LogRow, viewer: Viewer, source: Source) -> str:
    """Return by whom and when a hand-over was confirmed; empty: by nobody."""
    if row.confirmation is None:
        return ""
    language = viewer.language
    return language.gettext("{name}, {when}").format(
        name=language.inset(source.writer.name(row.confirmation.who)),
        when=when(source, row.confirmation.at, language),
    )


def find_entry(source: Source, viewer: Viewer, own: str) -> tuple[LogRow, LogEntry]:
    """Return an entry that a viewer may see.

    Raises:
        NotFoundException: there is none, or none of which they may know.
        RightMissing: it is of a site that they may not see.

    """
    row = source.journal.shift_log.entry(own, viewer.sites["silent"])
    if row is None or not isinstance(row.what, LogEntry):
        raise NotFoundException
    require(viewer, "view", row.what.site)
    return row, row.what


def choices(viewer: Viewer, source: Source, right: Right) -> Sequence[SiteChoice]:
    """Return the sites at which a viewer has a right, with their zones."""
    venue = source.rule_set.venue
    return [
        SiteChoice(
            id=site.id,
            name=site.name,
            zones=[(zone.id, zone.name) for zone in venue.zones if zone.site == site.id],
        )
        for site in venue.sites
        if viewer.may(right, site.id)
    ]
