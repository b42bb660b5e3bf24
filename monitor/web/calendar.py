"""The address of one's own shifts, made at ``/me/calendar`` and read at ``/oncall/calendar/{token}.ics``."""

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from monitor.accounts import Actor
from monitor.web.alert import when
from monitor.web.context import Console
from monitor.web.forms import ask_pin, fields_of
from monitor.web.guard import TOKEN_IN_REQUEST
from monitor.web.shift_calendar import shift_calendar
from monitor.web.template import HtmlResponse
from monitor.web.viewer import ConsoleRequest

SUFFIX = ".ics"
"""Some calendars subscribe only to what looks like a file."""


def calendar_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the routes."""

    @get("/oncall/calendar/{token:str}", opt=TOKEN_IN_REQUEST, sync_to_thread=False)
    def read(token: FromPath[str]) -> Response[bytes]:
        """Return the shifts of whoever has the token."""
        account = console.accounts.calendars.account(token.removesuffix(SUFFIX))
        if account is None:
            raise NotFoundException
        language = console.source.writer.language(account.who)
        content = shift_calendar(console.source, account.who, language)
        return Response(content, media_type="text/calendar")

    @get("/me/calendar", opt={"right": "signed in"}, sync_to_thread=False)
    def show(request: ConsoleRequest) -> HtmlResponse:
        """Show whether there is an address."""
        return _page(console, request)

    @post("/me/calendar", opt={"right": "signed in"}, status_code=200)
    async def make(request: ConsoleRequest) -> Response[str] | Redirect:
        """Make an address, and show it this once; the one before ends."""
        if (asked := await ask_pin(console, request, await fields_of(request))) is not None:
            return asked
        if request.auth is None:
            return Redirect("/me/calendar", status_code=303)
        token = console.accounts.calendars.make(request.user.account.name, Actor.of(request.auth))
        base = str(request.base_url).rstrip("/")
        return _page(console, request, f"{base}/oncall/calendar/{token}{SUFFIX}")

    @post("/me/calendar/revoke", opt={"right": "signed in"}, status_code=200)
    async def revoke(request: ConsoleRequest) -> Response[str] | Redirect:
        """End the address: what reads it finds nothing any more."""
        if (asked := await ask_pin(console, request, await fields_of(request))) is not None:
            return asked
        if request.auth is not None:
            account = request.user.account
            console.accounts.calendars.revoke(account.name, Actor.of(request.auth))
        return Redirect("/me/calendar", status_code=303)

    return [read, show, make, revoke]


def _page(console: Console, request: ConsoleRequest, address: str = "") -> HtmlResponse:
    viewer, source, language = request.user, console.source, request.user.language
    found = console.accounts.calendars.of(viewer.account.name)
    return console.page(
        request,
        "calendar.html",
        address=address,
        made_at="" if found is None else when(source, found.made_at, language),
        read_at="" if found is None else when(source, found.read_at, language),
        is_known=viewer.who in source.people(),
    )
