"""``/board``: the open alerts that a viewer may see, gravest first, in groups."""

from typing import get_args
from urllib.parse import parse_qsl, urlencode
from uuid import uuid4

import msgspec
from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect
from msgspec import Struct

from monitor.core.alert import Alert
from monitor.core.events.vocabulary import Disposition
from monitor.core.rules.model import SEVERITIES
from monitor.web.board_alert import GROUPS, MARKS, BoardKey, Group, key_of, row
from monitor.web.board_filter import NAMES, BoardFilter, read_filter, tidy
from monitor.web.causes import Causes
from monitor.web.commands import proposed_end
from monitor.web.context import BOARD_COOKIE, Console
from monitor.web.counts import counters, kinds, mine, owned
from monitor.web.forms import fields_of
from monitor.web.sign_in import kept_cookie
from monitor.web.source import Source
from monitor.web.template import HtmlResponse
from monitor.web.viewer import ConsoleRequest, Viewer

PAGE = 200
"""Rows of one page."""


class BoardPage(Struct, frozen=True, kw_only=True):
    """The rows of one page of the board."""

    groups: dict[Group, list[str]]
    """Rows as HTML."""
    total: int
    """Of the alerts on all pages, with those that are folded under another one."""
    number: int
    """Of the page, from 1."""
    last: int
    """Number of the last page."""
    begins: str
    """The place of its first row in the order; empty: nothing comes before. A browser adds no row before it."""
    ends: str
    """The place of its last row; empty: nothing follows."""


def board_page(viewer: Viewer, console: Console, wanted: BoardFilter, number: int) -> BoardPage:
    """Return one page of the board, of which only the rows that it has are rendered."""
    source, language = console.source, viewer.language
    shown, folded = _rows(viewer, source, wanted, found := console.live.causes.now())
    last = max(1, -(-len(shown) // PAGE))
    number = min(max(1, number), last)
    rows = shown[(number - 1) * PAGE : number * PAGE]
    groups: dict[Group, list[str]] = {group: [] for group in GROUPS}
    for alert, key in rows:
        may_act = viewer.may("act", alert.site)
        html = row(
            alert,
            key,
            source,
            language,
            may_act=may_act,
            seq=source.journal.seq,
            following=found.following(alert, viewer),
        )
        groups[key.group].append(html)
    return BoardPage(
        groups=groups,
        total=len(shown) + folded,
        number=number,
        last=last,
        begins=rows[0][1].sort if rows and number > 1 else "",
        ends=rows[-1][1].sort if rows and number < last else "",
    )


def _rows(
    viewer: Viewer, source: Source, wanted: BoardFilter, found: Causes
) -> tuple[list[tuple[Alert, BoardKey]], int]:
    """Return the alerts that a viewer wants, in order, and how many others are folded under one of them."""
    language, is_searched, folded = viewer.language, bool(wanted.text), 0
    shown = []
    for alert in source.state.alerts.open.values():
        if not viewer.sees(alert):
            continue
        cause = found.cause(alert, viewer)
        key = key_of(alert, source, language, cause=cause, is_searched=is_searched)
        if not wanted.matches(key):
            continue
        if wanted.folds and alert.id in found.of:
            folded += 1
        else:
            shown.append((alert, key))
    return sorted(shown, key=lambda row: row[1].sort), folded


def board_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the routes of the board."""

    @get("/board", opt={"right": "view"}, sync_to_thread=False)
    def show(request: ConsoleRequest) -> HtmlResponse | Redirect:
        """Show the board; its filter is in the address, which leads to one's own filter if it has none."""
        viewer, query = request.user, request.query_params
        saved = tidy(dict(parse_qsl(request.cookies.get(BOARD_COOKIE, ""))))
        if saved and not query:
            return Redirect(f"/board?{urlencode(saved)}", status_code=303)
        wanted = read_filter(query, viewer.who)
        asked = query.get("page", "1")
        number = int(asked) if asked.isdecimal() and len(asked) < 6 else 1  # noqa: PLR2004 - digits
        alerts = console.source.state.alerts.open.values()
        found, own = kinds(alerts), mine(viewer, owned(alerts), console.source)
        venue = console.source.rule_set.venue
        return console.page(
            request,
            "board.html",
            page=board_page(viewer, console, wanted, number),
            wanted=wanted,
            filter=msgspec.json.encode(wanted).decode(),
            query={name: query.get(name, "") for name in NAMES},
            is_saved=bool(saved) and tidy(query) == saved,
            counters=counters(viewer, found, console.source, own=own),
            marks=MARKS,
            severities=SEVERITIES,
            sites=[site for site in venue.sites if viewer.may("view", site.id)],
            zones=[zone for zone in venue.zones if viewer.may("view", zone.site)],
            dispositions=get_args(Disposition),
            people=sorted(console.source.people().values(), key=lambda person: person.name),
            until=proposed_end(console.source),
            key=uuid4().hex,
        )

    @post("/board/filter", opt={"right": "view"}, status_code=303)
    async def save(request: ConsoleRequest) -> Redirect:
        """Keep a filter in this browser as what it shows first, or forget it."""
        fields = dict(await fields_of(request))
        kept = {} if fields.get("forget") else tidy(fields)
        cookie = kept_cookie(console.cookie, BOARD_COOKIE, urlencode(kept))
        address = f"/board?{urlencode(kept)}" if kept else "/board?all=1"
        return Redirect(address, status_code=303, cookies=[cookie])

    return [show, save]
