"""The pages of refused requests: sign in, what right is missing and who has it, not found, or what was wrong."""

from typing import Any, cast

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, NotAuthorizedException, NotFoundException
from litestar.response import Redirect
from litestar.types import ExceptionHandlersMap

from monitor.accounts import RIGHTS, ROLES, Right
from monitor.errors import AccountsUnusable, Unanswered
from monitor.texts import Language
from monitor.texts.roles import role_in_words
from monitor.web.api.problem import PREFIX, no_such_route
from monitor.web.context import Console, is_fragment, login_address, viewer_of
from monitor.web.guard import RightMissing
from monitor.web.session import address_of
from monitor.web.source import Refusal
from monitor.web.template import html, render
from monitor.web.viewer import Viewer

log = structlog.get_logger()

MOST_NAMED = 5
"""People who are named as those to ask."""
AnyRequest = Request[Any, Any, Any]


def error_responses(console: Console) -> ExceptionHandlersMap:
    """Return what answers each exception of a page."""

    def sign_in(request: AnyRequest, _: NotAuthorizedException) -> Response[Any]:
        if is_fragment(request):
            return Response("", status_code=401, headers={"hx-redirect": login_address(request)})
        if request.method == "GET" and _wants_html(request):
            return Redirect(login_address(request), status_code=303)
        return _page(console, request, 401, "signed_out.html", login=login_address(request))

    def right_missing(request: AnyRequest, error: RightMissing) -> Response[Any]:
        viewer = viewer_of(request)
        language = console.language(request) if viewer is None else viewer.language
        site = console.source.writer.names.of("site", error.site) if error.site else ""
        right = error.right
        console.source.refused(
            Refusal(
                account="" if viewer is None else viewer.account.name,
                address=address_of(request),
                route=f"{request.method} {request.scope.get('path_template', '')}",
                right=right or "",
            )
        )
        return _page(
            console,
            request,
            403,
            "forbidden.html",
            right="" if right is None else language.right(right),
            site=site,
            roles=[] if right is None else _roles(right, language),
            people=[]
            if right is None or viewer is None
            else _people(console, right, error.site, viewer),
        )

    def not_found(request: AnyRequest, _: NotFoundException) -> Response[Any]:
        return _page(console, request, 404, "not_found.html")

    def accounts_unusable(request: AnyRequest, error: AccountsUnusable) -> Response[Any]:
        log.error("accounts_unusable", reason=str(error))
        return _page(console, request, 503, "unavailable.html")

    def unanswered(request: AnyRequest, error: Unanswered) -> Response[Any]:
        log.warning("act_unanswered", reason=str(error))
        return _page(console, request, 503, "unanswered.html")

    def other(request: AnyRequest, error: HTTPException) -> Response[Any]:
        return _page(console, request, error.status_code, "wrong.html")

    return cast(
        "ExceptionHandlersMap",
        {
            NotAuthorizedException: sign_in,
            RightMissing: right_missing,
            NotFoundException: not_found,
            AccountsUnusable: accounts_unusable,
            Unanswered: unanswered,
            HTTPException: other,
        },
    )


def _page(
    console: Console,
    request: AnyRequest,
    status: int,
    name: str,
    **values: Any,  # noqa: ANN401 - as above
) -> Response[Any]:
    """Return a page; for a script the sentences alone, and for a program a status without a body."""
    if is_fragment(request):
        viewer = viewer_of(request)
        language = console.language(request) if viewer is None else viewer.language
        return html(render(f"part_{name}", language, **values), status=status)
    if request.url.path.startswith(f"{PREFIX}/"):
        return no_such_route(status, console.language(request))
    if not _wants_html(request):
        return Response({"status": status}, status_code=status)
    return console.page(request, name, status=status, **values)


def _wants_html(request: AnyRequest) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _roles(right: Right, language: Language) -> list[str]:
    return [role_in_words(role, language) for role in ROLES if right in RIGHTS[role]]


def _people(console: Console, right: Right, site: str, viewer: Viewer) -> list[str]:
    """Return some who have the right there; without a place, anywhere."""
    having = [
        row.full_name or row.name
        for row in console.accounts.list()
        if (row.may(right, site, viewer.at) if site else row.sites(right, viewer.at) != frozenset())
    ]
    return having[:MOST_NAMED]
