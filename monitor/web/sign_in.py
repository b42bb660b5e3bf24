"""``/login`` and ``/logout``: how somebody becomes a viewer, and stops being one."""

from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from monitor.accounts import Session
from monitor.errors import SignInRefused
from monitor.texts import Language, best
from monitor.web.context import LANGUAGE_COOKIE, LANGUAGES, Console
from monitor.web.forms import fields_of
from monitor.web.session import SessionCookie, address_of
from monitor.web.viewer import ConsoleRequest

Visit = Request[Any, Any, Any]
"""A request of somebody who has not signed in."""
Answer = Response[str] | Redirect
DEVICE_COOKIE = "vm-device"
YEAR = 365 * 24 * 3600


def sign_in_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the routes."""

    @get("/login", opt={"right": "open"}, sync_to_thread=False)
    def ask(request: Visit) -> Answer:
        """Ask for name and password, in a language that can be chosen here."""
        session = console.accounts.session(request.cookies.get(console.cookie.name, ""))
        if session is not None and not session.needs_pin(console.accounts.now()):
            return Redirect(_onward(request.query_params.get("next", "")), status_code=303)
        return _ask(console, request)

    @post("/login", opt={"right": "open"}, status_code=200)
    async def sign_in(request: Visit) -> Answer:
        """Begin a session, and go where the person wanted to go."""
        fields = dict(await fields_of(request))
        try:
            token, session = await console.accounts.sign_in(
                fields.get("name", ""),
                fields.get("password", ""),
                address_of(request),
                device_of(request),
                known=request.cookies.get(DEVICE_COOKIE, ""),
            )
        except SignInRefused as error:
            return _ask(console, request, fields=fields, refused=error)
        return signed_in(console, fields, token, session)

    @post("/logout", opt={"right": "signed in"}, status_code=303)
    async def sign_out(request: ConsoleRequest) -> Redirect:
        """End the session, and the streams of its pages."""
        if request.auth is not None:
            console.accounts.sign_out(request.auth.id)
            console.live.end_session(request.auth.id)
        return Redirect("/login", status_code=303, cookies=[console.cookie.cleared()])

    return [ask, sign_in, sign_out]


def _ask(
    console: Console,
    request: Visit,
    *,
    fields: dict[str, str] | None = None,
    refused: SignInRefused | None = None,
) -> Answer:
    language = language_of(console, request)
    wait = 0 if refused is None else int(refused.retry_after.total_seconds())
    return console.page(
        request,
        "login.html",
        status=200 if refused is None else 401,
        language=language,
        languages=LANGUAGES,
        name=(fields or {}).get("name", ""),
        onward=_onward((fields or {}).get("next", request.query_params.get("next", ""))),
        is_refused=refused is not None,
        wait=language.duration(wait) if wait else "",
    )


def signed_in(console: Console, fields: dict[str, str], token: str, session: Session) -> Redirect:
    """Return the way on for a browser whose session has begun."""
    seconds = int((session.ends_at - console.accounts.now()).total_seconds())
    cookies = [
        console.cookie.holding(token, seconds),
        kept_cookie(console.cookie, DEVICE_COOKIE, console.accounts.remember_device(session)),
    ]
    if fields.get("lang") in LANGUAGES:
        cookies.append(kept_cookie(console.cookie, LANGUAGE_COOKIE, fields["lang"]))
    return Redirect(_onward(fields.get("next", "")), status_code=303, cookies=cookies)


def kept_cookie(cookie: SessionCookie, name: str, value: str) -> Cookie:
    """Return a cookie that a browser keeps after the session: a preference, or that its device is known."""
    return Cookie(
        key=name,
        value=value,
        max_age=YEAR,
        path="/",
        secure=cookie.is_secure,
        httponly=True,
        samesite="lax",
    )


def _onward(address: str) -> str:
    """Return where to go after signing in: a page of ours, and never another site's."""
    parts = urlsplit(address)
    is_ours = address.startswith("/") and not address.startswith(("//", "/\\"))
    if not is_ours or parts.scheme or parts.netloc or parts.path in {"/login", "/logout"}:
        return "/"
    return address


def language_of(console: Console, request: Visit) -> Language:
    """Return the language that was chosen on the page, else the browser's."""
    chosen = request.query_params.get("lang", "")
    return best([chosen]) if chosen in LANGUAGES else console.language(request)


def device_of(request: Visit) -> str:
    """Return what a browser says that it is; the accounts keep the beginning of it."""
    return request.headers.get("user-agent", "")
