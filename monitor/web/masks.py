"""``/masks``: the masks in force, what each hides now, and how one is ended."""

from collections.abc import Iterator

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
from monitor.web.source import Source
from monitor.web.template import HtmlResponse, render
from monitor.web.viewer import ConsoleRequest, Viewer

MOST_LISTED = 200
"""Alerts that are listed as hidden; the others are counted."""


class MaskRow(Struct, frozen=True, kw_only=True):
    """A mask in force, as a viewer is shown it."""

    id: str
    key: str
    """Of the form that ends it."""
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
        refused = await record(event, given.get("key", ""), viewer, source)
        if refused:
            return _page(console, request, refused=refused)
        return Redirect("/masks", status_code=303)

    return [show, end]


def _page(console: Console, request: ConsoleRequest, *, refused: str = "") -> HtmlResponse:
    return console.page(
        request,
        "masks.html",
        status=409 if refused else 200,
        part=masks_part(console.source, request.user),
        may_mask=request.user.has("mask"),
        refused=refused,
    )


def masks_part(source: Source, viewer: Viewer, _: str = "") -> str:
    """Return the masks at a viewer's sites, as HTML."""
    return render("masks_part.html", viewer.language, masks=list(_rows(source, viewer)))


def _rows(source: Source, viewer: Viewer) -> Iterator[MaskRow]:
    """Yield the masks at a viewer's sites; the first to end comes first."""
    language = viewer.language
    state, writer = source.state, source.writer
    for mask in sorted(state.alerts.masks.values(), key=lambda row: (row.until, row.id)):
        site = site_of(mask, source.rule_set)
        if not viewer.may("view", site):
            continue
        hidden = _hidden(mask, source, viewer)
        yield MaskRow(
            id=mask.id,
            # The part is the same for everybody who reads it, and a mask that was set again is another one.
            key=f"{mask.id}.{mask.since.timestamp()}",
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


def _hidden(mask: Mask, source: Source, viewer: Viewer) -> list[Alert]:
    opened = source.state.alerts.open.values()
    return [alert for alert in opened if is_hidden(alert, mask) and viewer.sees(alert)]
