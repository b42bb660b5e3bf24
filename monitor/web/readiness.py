"""``/readiness``: may each site and zone open, why not, who must act; as a page to work with, and one to print."""

from collections.abc import Iterator
from datetime import timedelta

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from monitor.core.venue.model import Site, Zone
from monitor.web.context import Console, is_fragment
from monitor.web.forms import Fields, ask_pin, fields_of
from monitor.web.guard import require
from monitor.web.readiness_board import part, sites_of
from monitor.web.sign_off import RIGHTS, Act, execute
from monitor.web.template import HtmlResponse, html, render
from monitor.web.viewer import ConsoleRequest
from monitor.web.zone_status import READINESS_MARKS

OLD_AFTER = timedelta(minutes=5)
"""After so long what is printed may be old; judgement, as for all that the console prints."""
MOST_PRINTED = 10
"""Reasons that are printed, so that a site fits on one page of A4, one of each zone at least; the others are counted,
and zones beyond that are named.
"""
MOST_REASONS = 3
"""Reasons that are printed of one zone."""
Answer = Response[str] | Redirect


def readiness_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the routes."""

    @get("/readiness", opt={"right": "view"}, sync_to_thread=False)
    def show_all(request: ConsoleRequest) -> HtmlResponse:
        """Show the readiness of every site that the viewer may see."""
        return _page(console, request)

    @get("/readiness/{site:str}", opt={"right": "view"}, sync_to_thread=False)
    def show_one(request: ConsoleRequest, site: FromPath[str]) -> HtmlResponse:
        """Show the readiness of one site."""
        return _page(console, request, _site(console, request, site))

    @get("/readiness/{site:str}/print", opt={"right": "view"}, sync_to_thread=False)
    def show_printed(request: ConsoleRequest, site: FromPath[str]) -> HtmlResponse:
        """Show the readiness of one site on one page of A4."""
        return _printed(console, request, _site(console, request, site))

    return [show_all, show_one, show_printed, *(_act_route(console, act) for act in RIGHTS)]


def _act_route(console: Console, act: Act) -> HTTPRouteHandler:
    @post(
        f"/readiness/{{site:str}}/{{zone:str}}/{act}", opt={"right": RIGHTS[act]}, status_code=200
    )
    async def do(request: ConsoleRequest, site: FromPath[str], zone: FromPath[str]) -> Answer:
        """Do it, or say why it was refused."""
        found = _zone(console, _site(console, request, site), zone)
        require(request.user, RIGHTS[act], site)
        fields = await fields_of(request)
        if (asked := await ask_pin(console, request, fields)) is not None:
            return asked
        return await _act(console, request, found, act, fields)

    return do


async def _act(
    console: Console, request: ConsoleRequest, zone: Zone, act: Act, fields: Fields
) -> Answer:
    refused = await execute(act, dict(fields), zone, request.user, console.source)
    if not (refused or is_fragment(request)):
        return Redirect(f"/readiness/{zone.site}#zone-{zone.id}", status_code=303)
    result = render(
        "sign_off_result.html", request.user.language, act=act, zone=zone, refused=refused
    )
    status = 409 if refused else 200
    if is_fragment(request):
        return html(result, status=status)
    site = next(site for site in console.source.rule_set.venue.sites if site.id == zone.site)
    return _page(console, request, site, status=status, result=result)


def _site(console: Console, request: ConsoleRequest, own: str) -> Site:
    """Return a site that the viewer may see.

    Raises:
        NotFoundException: venue.toml has no such site.
        RightMissing: they may not see it.

    """
    site = next((row for row in console.source.rule_set.venue.sites if row.id == own), None)
    if site is None:
        raise NotFoundException
    require(request.user, "view", own)
    return site


def _zone(console: Console, site: Site, own: str) -> Zone:
    """Return a zone of a site.

    Raises:
        NotFoundException: the site has no such zone.

    """
    for zone in console.source.rule_set.venue.zones:
        if (zone.id, zone.site) == (own, site.id):
            return zone
    raise NotFoundException


def _page(
    console: Console,
    request: ConsoleRequest,
    site: Site | None = None,
    *,
    status: int = 200,
    result: str = "",
) -> HtmlResponse:
    only = "" if site is None else site.id
    return console.page(
        request,
        "readiness.html",
        status=status,
        site=site,
        sites=list(_visible(console, request)),
        part=part(console.source, request.user, only),
        follows=f"readiness/{only}" if only else "readiness",
        result=result,
    )


def _visible(console: Console, request: ConsoleRequest) -> Iterator[Site]:
    for site in console.source.rule_set.venue.sites:
        if request.user.may("view", site.id):
            yield site


def _printed(console: Console, request: ConsoleRequest, site: Site) -> HtmlResponse:
    source, language = console.source, request.user.language
    (shown,) = sites_of(source, request.user, site.id)
    names, now = source.writer.names, source.now()
    timezone = names.timezone
    waiting = [zone for zone in shown.zones if zone.state != "go"]
    return console.page(
        request,
        "readiness_print.html",
        site=shown,
        shapes=READINESS_MARKS,
        waiting=waiting[:MOST_PRINTED],
        further=waiting[MOST_PRINTED:],
        ready=[zone for zone in shown.zones if zone.state == "go"],
        most_reasons=min(MOST_REASONS, max(1, MOST_PRINTED // max(1, len(waiting)))),
        at="" if timezone is None else language.date_time(now, timezone),
        old_at="" if timezone is None else language.time(now + OLD_AFTER, timezone),
        timezone=timezone,
        address=f"{request.base_url}readiness/{site.id}",
        troubles=[source.writer.reason(row, language) for row in source.troubles()],
    )
