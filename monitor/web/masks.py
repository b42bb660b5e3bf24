"""``/masks``: the masks in force, what each hides now, and how one is ended."""

from collections.abc import Iterator
from uuid import uuid4

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from monitor.core.alert import Alert
from monitor.core.alerts.masks import is_hidden
from monitor.core.events.commands import StaffUnmask
from monitor.core.transitions import Mask
from monitor.web.alert import RelatedRow, related_row, when
from monitor.web.commands import record
from monitor.web.context import Console
from monitor.web.forms import ask_pin, fields_of
from monitor.web.guard import require
from monitor.web.mask_place import place_of, rule_of, site_of
from monitor.web.template import HtmlResponse
from monitor.web.viewer import ConsoleRequest, Viewer

MOST_LISTED = 200
"""Alerts that are listed as hidden; the others are counted."""


class MaskRow(Struct, frozen=True, kw_only=True):
    """A mask in force, as a viewer is shown it."""

    id: str
    rule: str
    place: str
    kind: str
    reason: str
    owner: str
    since: str
    until: str
    hidden: list[RelatedRow]
    """The alerts that it hides now."""
    more: int
    """How many it hides besides."""
    may_end: bool


def mask_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the routes of the list."""

    @get("/masks", opt={"right": "view"}, sync_to_thread=False)
    def show(request: ConsoleRequest) -> HtmlResponse:
        """Show the masks at the viewer's sites."""
        return _page(console, request)

    @post("/masks/{mask:str}/end", opt={"right": "mask"}, status_code=200)
    async def end(request: ConsoleRequest, mask: FromPath[str]) -> Response[str] | Redirect:
        """End a mask before its time."""
        viewer, source = request.user, console.source
        found = source.state.alerts.masks.get(mask)
        if found is None:
            raise NotFoundException
        require(viewer, "mask", site_of(found, source.rule_set))
        fields = await fields_of(request)
        if (asked := await ask_pin(console, request, fields)) is not None:
            return asked
        given = dict(fields)
        note = given.get("note", "").strip()
        event = StaffUnmask(at=source.now(), who=viewer.who, mask=mask, note=note)
        refused = record(event, given.get("key", ""), viewer, source)
        if refused:
            return _page(console, request, refused=refused)
        return Redirect("/masks", status_code=303)

    return [show, end]


def _page(console: Console, request: ConsoleRequest, *, refused: str = "") -> HtmlResponse:
    return console.page(
        request,
        "masks.html",
        status=409 if refused else 200,
        masks=list(_rows(console, request.user)),
        may_mask=request.user.has("mask"),
        refused=refused,
        key=uuid4().hex,
    )


def _rows(console: Console, viewer: Viewer) -> Iterator[MaskRow]:
    """Yield the masks at a viewer's sites; the first to end comes first."""
    source, language = console.source, viewer.language
    state, writer = source.state, source.writer
    for mask in sorted(state.alerts.masks.values(), key=lambda row: (row.until, row.id)):
        site = site_of(mask, source.rule_set)
        if not viewer.may("view", site):
            continue
        hidden = _hidden(mask, console, viewer)
        yield MaskRow(
            id=mask.id,
            rule=rule_of(mask, source.rule_set, language),
            place=place_of(mask, writer.names),
            kind=language.word(mask.kind),
            reason=mask.reason,
            owner=writer.name(mask.owner),
            since=when(source, mask.since, language),
            until=when(source, mask.until, language),
            hidden=[related_row(alert, source, language) for alert in hidden[:MOST_LISTED]],
            more=max(0, len(hidden) - MOST_LISTED),
            may_end=viewer.may("mask", site),
        )


def _hidden(mask: Mask, console: Console, viewer: Viewer) -> list[Alert]:
    opened = console.source.state.alerts.open.values()
    return [alert for alert in opened if is_hidden(alert, mask) and viewer.sees(alert)]
