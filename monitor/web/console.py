"""The web console: all its routes, and what stands before each of them."""

from collections.abc import Sequence
from functools import partial

import structlog
from litestar import Litestar, Router, get
from litestar.config.compression import CompressionConfig
from litestar.datastructures import MutableScopeHeaders
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.middleware import DefineMiddleware
from litestar.response import Redirect
from litestar.types import Message, Scope

from monitor.accounts import Accounts
from monitor.accounts.silent_pages import paged_silently
from monitor.web.account import account_routes
from monitor.web.alert import alert_route
from monitor.web.api import api_router
from monitor.web.assets import assets_route
from monitor.web.board import board_routes
from monitor.web.calendar import calendar_routes
from monitor.web.channels import channel_routes
from monitor.web.commands_route import command_routes
from monitor.web.context import Console
from monitor.web.device import device_part
from monitor.web.error_responses import error_responses
from monitor.web.explain_route import explain_route
from monitor.web.form.routes import form_routes
from monitor.web.guard import SameOrigin, guard, without_right
from monitor.web.hand_over import hand_over_routes
from monitor.web.identity_provider import IdentityProvider
from monitor.web.identity_sign_in import identity_sign_in_routes
from monitor.web.inspection_board import inspections_part
from monitor.web.inspections import inspections_routes
from monitor.web.invitation import invitation_routes
from monitor.web.invitation_form import invite_routes
from monitor.web.live import LiveStream
from monitor.web.live_route import live_route
from monitor.web.log import log_routes, new_entries
from monitor.web.log_file import export_routes
from monitor.web.mask_form import mask_form_routes
from monitor.web.masks import mask_routes, masks_part
from monitor.web.muster import muster_part
from monitor.web.on_call import on_call_routes
from monitor.web.on_call_changes import OnCallChanges
from monitor.web.pairing import pairing_routes
from monitor.web.plan import plan_part
from monitor.web.point import point_part
from monitor.web.point_passages import PointPassages
from monitor.web.readiness import readiness_routes
from monitor.web.readiness_board import part as readiness_part
from monitor.web.rehearsal import rehearsal_route
from monitor.web.session import Identification, SessionCookie
from monitor.web.sign_in import sign_in_routes
from monitor.web.sign_in_link import sign_in_link_routes
from monitor.web.sites import ReadSites, sites_routes
from monitor.web.source import Source
from monitor.web.take_shift import shift_routes
from monitor.web.venue import venue_routes
from monitor.web.viewer import ConsoleRequest, Viewer
from monitor.web.wall import WALL, wall_part, wall_routes
from monitor.web.zone import zone_part

log = structlog.get_logger()

LARGEST_REQUEST = 64 * 1024
"""Bytes of a request's body."""
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    # Not `no-referrer`: over plain HTTP the origin of a form would be missing, too.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}
"""What every response has that does not say otherwise."""


def open_console(  # noqa: PLR0913 - what its pages show
    source: Source,
    accounts: Accounts,
    *,
    is_secure: bool,
    grafana_url: str = "",
    provider: IdentityProvider | None = None,
    sites: ReadSites | None = None,
) -> Console:
    """Return the console of a running monitor.

    Args:
        source: the monitor.
        accounts: who may use it.
        is_secure: whether browsers reach it by HTTPS.
        grafana_url: Grafana's address; empty: there is none.
        provider: where people can sign in as well; ``None``: nowhere else.
        sites: reads the board of all sites; ``None``: there is this one.

    """

    def renew(token: str, viewer: Viewer) -> Viewer | None:
        session = accounts.session(token)
        account = None if session is None else session.account
        if account is None and viewer.is_wall:
            account = accounts.tokens.account(token, None)
        if account is None:
            return None
        at = accounts.now()
        return Viewer(
            account=account,
            session=session,
            language=viewer.language,
            at=at,
            is_wall=viewer.is_wall,
            paged=frozenset() if session is None else paged_silently(account, source.state, at),
        )

    passages = PointPassages(source)
    live = LiveStream(
        source,
        renew,
        {
            "log": partial(new_entries, source),
            "plan": partial(plan_part, source),
            "muster": partial(muster_part, source),
            "readiness": partial(readiness_part, source),
            "inspections": partial(inspections_part, source),
            "zone": partial(zone_part, source),
            "point": partial(point_part, source),
            "passages": passages.part,
            "device": partial(device_part, source),
            "masks": partial(masks_part, source),
            "oncall": OnCallChanges(source).part,
            WALL: partial(wall_part, source),
        },
    )
    cookie = SessionCookie(is_secure=is_secure)
    return Console(source, accounts, live, passages, cookie, grafana_url, provider, sites)


def console_routes(console: Console) -> list[HTTPRouteHandler | Router]:
    """Return all routes of the console."""

    @get("/", opt={"right": "signed in"}, sync_to_thread=False)
    def first_screen(request: ConsoleRequest) -> Redirect:
        """Lead to what the viewer's role looks at first."""
        return Redirect(_first_screen(request.user), status_code=303)

    return [
        first_screen,
        *sign_in_routes(console),
        *identity_sign_in_routes(console),
        *invitation_routes(console),
        *sign_in_link_routes(console),
        *account_routes(console),
        *invite_routes(console),
        *sites_routes(console),
        *board_routes(console),
        alert_route(console),
        explain_route(console),
        *command_routes(console),
        *on_call_routes(console),
        *channel_routes(console),
        *calendar_routes(console),
        *shift_routes(console),
        rehearsal_route(console),
        *log_routes(console),
        *hand_over_routes(console),
        *export_routes(console),
        *mask_routes(console),
        *mask_form_routes(console),
        *venue_routes(console),
        *readiness_routes(console),
        *inspections_routes(console),
        *wall_routes(console),
        *pairing_routes(console),
        live_route(console),
        *form_routes(),
        assets_route(),
        api_router(console),
    ]


def application(
    console: Console, further: Sequence[HTTPRouteHandler], public_url: str = ""
) -> Litestar:
    """Return the application: the console, and routes that have no part in sessions.

    Args:
        console: the console.
        further: other routes; each names its right, too.
        public_url: the address under which browsers reach it.

    Raises:
        LookupError: a route names no right: everybody could call it, or nobody.

    """
    made = Litestar(
        [*console_routes(console), *further],
        guards=[SameOrigin(public_url), guard],
        middleware=[
            DefineMiddleware(
                Identification,
                accounts=console.accounts,
                cookie=console.cookie,
                language=console.language,
                now=console.accounts.now,
                state=console.source.state,
            )
        ],
        exception_handlers=error_responses(console),
        after_exception=[_log_defect],
        before_send=[_Headers(is_secure=console.cookie.is_secure)],
        compression_config=CompressionConfig(
            backend="gzip", exclude=["^/live", "^/static/", "^/m/f/"]
        ),
        openapi_config=None,
        logging_config=None,
        request_max_body_size=LARGEST_REQUEST,
    )
    if bad := sorted(without_right(made)):
        raise LookupError(f"routes without a right: {'; '.join(bad)}")
    return made


async def _log_defect(error: Exception, scope: Scope) -> None:
    """Log what is no answer to a request but a mistake of ours."""
    if not isinstance(error, HTTPException):
        log.error("request_failed", path=scope["path"], exc_info=error)


class _Headers:
    """Adds the headers that every response has."""

    def __init__(self, *, is_secure: bool) -> None:
        self._headers = dict(HEADERS)
        if is_secure:
            self._headers["strict-transport-security"] = "max-age=31536000"

    async def __call__(self, message: Message, _: Scope) -> None:
        if message["type"] == "http.response.start":
            headers = MutableScopeHeaders.from_message(message)
            for name, value in self._headers.items():
                headers.setdefault(name, value)


def _first_screen(viewer: Viewer) -> str:
    """Return the address of what a viewer looks at first."""
    if not viewer.has("view"):
        return "/me"
    roles = {grant.role for grant in viewer.account.grants if grant.is_valid(viewer.at)}
    if "supervisor" in roles and "officer" not in roles:
        return "/readiness"
    return "/board?mine=1" if roles == {"on_call"} else "/board"
