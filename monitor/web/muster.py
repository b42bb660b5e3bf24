"""``/muster/{site}``: who was inside when a fire alarm or a drill began, and who has not reported yet, by last zone."""

from collections.abc import Mapping
from typing import Literal, assert_never, get_args
from uuid import uuid4

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from monitor.core.events.muster import AboutHolders, StaffAccountFor, StaffAddToMuster, StaffMuster
from monitor.core.venue.model import Site
from monitor.web.commands import record
from monitor.web.context import Console, is_fragment
from monitor.web.forms import ask_pin, fields_of
from monitor.web.guard import require
from monitor.web.muster_list import MOST_MISSING, MOST_PRINTED, muster_list
from monitor.web.source import Source
from monitor.web.template import HtmlResponse, html, render
from monitor.web.viewer import ConsoleRequest, Viewer

Answer = Response[str] | Redirect
Act = Literal["account", "add", "drill"]


def muster_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the routes."""

    @get("/muster", opt={"right": "lookup"}, sync_to_thread=False)
    def first(request: ConsoleRequest) -> Redirect:
        """Go to the first site of the viewer where people are missing, or else to their first one."""
        source, viewer = console.source, request.user
        sites = _sites(viewer, source)
        if not sites:
            raise NotFoundException
        mustering = (row for row in sites if missing(source, viewer, row.id) is not None)
        return Redirect(f"/muster/{next(mustering, sites[0]).id}", status_code=303)

    @get("/muster/{site:str}", opt={"right": "lookup"}, sync_to_thread=False)
    def show(request: ConsoleRequest, site: FromPath[str]) -> HtmlResponse:
        """Show the list of a site."""
        found = _site(console, request, site)
        return _page(console, request, found, is_whole=request.query_params.get("all") == "1")

    return [first, show, *(_route(console, act) for act in get_args(Act))]


def _route(console: Console, act: Act) -> HTTPRouteHandler:
    @post(f"/muster/{{site:str}}/{act}", opt={"right": "lookup"}, status_code=200)
    async def do(request: ConsoleRequest, site: FromPath[str]) -> Answer:
        """Tick somebody off, add somebody, or begin or end a drill; or say why not."""
        found = _site(console, request, site)
        fields = await fields_of(request)
        if (asked := await ask_pin(console, request, fields)) is not None:
            return asked
        given, viewer, source = dict(fields), request.user, console.source
        event = _event(act, site, given, viewer.who, source)
        refused = await record(event, given.get("key", ""), viewer, source)
        if is_fragment(request):
            part = muster_part(source, viewer, site, refused=refused)
            return html(part, status=409 if refused else 200)
        if refused:
            return _page(console, request, found, refused=refused)
        return Redirect(f"/muster/{site}", status_code=303)

    return do


def _event(act: Act, site: str, given: Mapping[str, str], who: str, source: Source) -> AboutHolders:
    now = source.now()
    match act:
        case "account":
            holder, undo = given.get("holder", ""), given.get("undo") == "1"
            return StaffAccountFor(at=now, who=who, site=site, holder=holder, undo=undo)
        case "add":
            name, zone = given.get("name", ""), given.get("zone", "")
            return StaffAddToMuster(at=now, who=who, site=site, name=name, zone=zone)
        case "drill":
            return StaffMuster(at=now, who=who, site=site, active=given.get("active") == "1")
        case unreachable:
            assert_never(unreachable)


def muster_part(
    source: Source, viewer: Viewer, site: str, *, refused: str = "", is_whole: bool = False
) -> str:
    """Return the list of a site as HTML.

    Args:
        source: the running monitor.
        viewer: who reads it.
        site: the site.
        refused: why an act was refused.
        is_whole: whether all the missing are listed, and not only as many as can follow the live stream.

    """
    if not viewer.may("lookup", site) or all(row.id != site for row in source.rule_set.venue.sites):
        return ""
    return render(
        "muster_part.html",
        viewer.language,
        site=site,
        list=muster_list(source, site, viewer.language, MOST_PRINTED if is_whole else MOST_MISSING),
        refused=refused,
    )


def missing(source: Source, viewer: Viewer, site: str) -> int | None:
    """Return how many have not reported in a muster that is on; ``None``: there is none, or it is not for them."""
    roll = source.state.people.rolls.get(site)
    if roll is None or roll.over_at is not None or not viewer.may("lookup", site):
        return None
    return sum(entry.reported is None for entry in roll.entries.values())


def _sites(viewer: Viewer, source: Source) -> list[Site]:
    return [row for row in source.rule_set.venue.sites if viewer.may("lookup", row.id)]


def _site(console: Console, request: ConsoleRequest, site: str) -> Site:
    found = next((row for row in console.source.rule_set.venue.sites if row.id == site), None)
    if found is None:
        raise NotFoundException
    require(request.user, "lookup", site)
    return found


def _page(
    console: Console,
    request: ConsoleRequest,
    site: Site,
    *,
    refused: str = "",
    is_whole: bool = False,
) -> HtmlResponse:
    source, viewer = console.source, request.user
    return console.page(
        request,
        "muster.html",
        status=409 if refused else 200,
        site=site,
        sites=_sites(viewer, source),
        is_whole=is_whole,
        has_list=site.id in source.state.people.rolls,
        zones=[row for row in source.rule_set.venue.zones if row.site == site.id],
        key=uuid4().hex,
        part=muster_part(source, viewer, site.id, refused=refused, is_whole=is_whole),
    )
