"""``/log/handover``: one officer hands the shift over to the next, who confirms it in a session of their own."""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from monitor.core.engine.shift_hand_over import SHIFT, picture
from monitor.web.alert import when
from monitor.web.context import Console
from monitor.web.forms import ask_pin, fields_of
from monitor.web.guard import require
from monitor.web.hand_over_board import picture_of
from monitor.web.hand_over_signatures import Pins, both_signed, confirm_at_once
from monitor.web.log import Answer, choices, entry_page, find_entry
from monitor.web.log_forms import LogForm, confirm, hand_over, may_confirm, read_form
from monitor.web.log_query import local_time
from monitor.web.source import Source
from monitor.web.template import HtmlResponse
from monitor.web.viewer import ConsoleRequest, Viewer

MOST_WAITING = 10
"""Hand-overs to be confirmed that a page lists."""


def hand_over_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the routes."""

    @get("/log/handover", opt={"right": "log"}, sync_to_thread=False)
    def show(request: ConsoleRequest) -> HtmlResponse:
        """Show what would be handed over, and what waits to be confirmed."""
        query = request.query_params
        site = query.get("site", "")
        require(request.user, "log", site)
        return _show(console, request, LogForm(site=site, until=query.get("until", "")))

    @post("/log/handover", opt={"right": "log"}, status_code=200)
    async def give(request: ConsoleRequest) -> Answer:
        """Hand the shift over: from now on the entry keeps how things stand."""
        fields = await fields_of(request)
        form = read_form(dict(fields), console.source)
        require(request.user, "log", form.site)
        pins = Pins(*(dict(fields).get(name, "").strip() for name in Pins._fields))
        signed = await both_signed(console, request, form, pins) if any(pins) else None
        if isinstance(signed, str):
            return _show(console, request, form, refused=signed)
        plain = [row for row in fields if row[0] not in Pins._fields]
        if (asked := await ask_pin(console, request, plain)) is not None:
            return asked
        done = await hand_over(form, request.user, console.source)
        entry, refused = done.entry, done.refused
        if not refused and signed is not None:
            done = await confirm_at_once(entry, form, signed, console.source)
            refused = done.refused
        if refused:
            return _show(console, request, form, refused=refused)
        return Redirect(f"/log/{entry}", status_code=303)

    @post("/log/{entry:str}/confirm", opt={"right": "log"}, status_code=200)
    async def take(request: ConsoleRequest, entry: FromPath[str]) -> Answer:
        """Confirm a hand-over: the sender has the shift."""
        row, found = find_entry(console.source, request.user, entry)
        require(request.user, "log", found.site)
        fields = await fields_of(request)
        if (asked := await ask_pin(console, request, fields)) is not None:
            return asked
        form = read_form(dict(fields), console.source)
        done = await confirm(found, form, request.user, console.source)
        if done.refused:
            return entry_page(console, request, row, found, refused=done.refused)
        return Redirect(f"/log/{found.id}", status_code=303)

    return [show, give, take]


def _show(
    console: Console, request: ConsoleRequest, form: LogForm, *, refused: str = ""
) -> HtmlResponse:
    viewer, source = request.user, console.source
    until = local_time(form.until, source) or source.now() + SHIFT
    present = picture(source.state, form.to, form.site, until)
    return console.page(
        request,
        "log_handover.html",
        status=409 if refused else 200,
        form=form,
        until=_as_in_form(until, source),
        at=when(source, source.now(), viewer.language),
        picture=picture_of(viewer.who, present, viewer, source),
        sites=choices(viewer, source, "log"),
        people=_receivers(console, viewer, form.site),
        waiting=_waiting(viewer, source),
        refused=refused,
        key=uuid4().hex,
    )


def _as_in_form(at: datetime, source: Source) -> str:
    return f"{at.astimezone(source.writer.names.timezone):%Y-%m-%dT%H:%M}"


def _receivers(console: Console, viewer: Viewer, site: str) -> Sequence[tuple[str, str]]:
    """Return who can take over: all who may write into the log of the site and could confirm."""
    rows = [row for row in console.accounts.list() if row.who != viewer.who]
    able = [
        row
        for row in rows
        if (row.may("log", site, viewer.at) if site else row.sites("log", viewer.at) != frozenset())
    ]
    named = [(row.who, row.full_name or console.source.writer.name(row.who)) for row in able]
    return sorted(named, key=lambda row: row[1])


def _waiting(viewer: Viewer, source: Source) -> Sequence[tuple[str, str, str]]:
    """Return id, giver and time of the hand-overs that the viewer is to confirm, the latest first."""
    language, found = viewer.language, list[tuple[str, str, str]]()
    for own in reversed(source.state.shift_log.hand_overs):
        row = source.journal.shift_log.entry(own, viewer.sites["silent"])
        if row is not None and may_confirm(row, viewer):
            giver = source.writer.name(source.state.shift_log.hand_overs[own].who)
            found.append((own, giver, when(source, row.at, language)))
        if len(found) == MOST_WAITING:
            break
    return found
