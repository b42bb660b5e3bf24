"""``/login`` and ``/logout``: how somebody becomes a viewer, and stops being one."""

from datetime import timedelta
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

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
Trouble = Literal["wrong", "unfinished", "no access", "unavailable"]
"""Why nobody was signed in: name or password, or what came of the identity provider."""
DEVICE_COOKIE = "vm-device"
YEAR = 365 * 24 * 3600


def sign_in_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the routes."""

    @get("/login", opt={"right": "open"}, sync_to_thread=False)
    def ask(request: Visit) -> Answer:
        """Ask for name and password, in a language that can be chosen here."""
        session = console.accounts.session(request.cookies.get(console.cookie.name, ""))
        if session is not None and not session.needs_pin(console.accounts.now()):
            return Redirect(onward_of(request.query_params.get("next", "")), status_code=303)
        return ask_to_sign_in(console, request)

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
            return ask_to_sign_in(
                console,
                request,
                status=401,
                fields=fields,
                trouble="wrong",
                wait=error.retry_after,
            )
        return signed_in(console, fields, token, session)

    @post("/logout", opt={"right": "signed in"}, status_code=303)
    async def sign_out(request: ConsoleRequest) -> Redirect:
        """End the session, and the streams of its pages."""
        if request.auth is not None:
            console.accounts.sign_out(request.auth.id)
            console.live.end_session(request.auth.id)
        return Redirect("/login", status_code=303, cookies=[console.cookie.cleared()])

    return [ask, sign_in, sign_out]


def ask_to_sign_in(  # noqa: PLR0913 - what a sign-in that failed leaves on the page
    console: Console,
    request: Visit,
    *,
    status: int = 200,
    fields: dict[str, str] | None = None,
    trouble: Trouble | None = None,
    wait: timedelta = timedelta(0),
) -> Answer:
    """Return the page with the form.

    Args:
        console: the console.
        request: what is answered.
        status: of HTTP.
        fields: what was typed before.
        trouble: why nobody was signed in.
        wait: until when the next try has to wait.

    """
    language = language_of(console, request)
    seconds = int(wait.total_seconds())
    onward = onward_of((fields or {}).get("next", request.query_params.get("next", "")))
    chosen = request.query_params.get("lang", "")
    return console.page(
        request,
        "login.html",
        status=status,
        language=language,
        languages=LANGUAGES,
        form="/login",
        name=(fields or {}).get("name", ""),
        onward=onward,
        trouble=trouble,
        is_over=not trouble and bool(request.cookies.get(console.cookie.name)),
        wait=language.duration(seconds) if seconds else "",
        provider=""
        if console.provider is None
        else f"/login/provider?{urlencode({'next': onward, 'lang': chosen})}",
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
    return Redirect(onward_of(fields.get("next", "")), status_code=303, cookies=cookies)


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


def onward_of(address: str) -> str:
    """Return where to go after signing in: a page of ours, and never another site's."""
    parts = urlsplit(address)
    is_ours = address.startswith("/") and not address.startswith(("//", "/\\"))
    is_sign_in = parts.path in {"/login", "/logout"} or parts.path.startswith("/login/")
    if not is_ours or parts.scheme or parts.netloc or is_sign_in:
        return "/"
    return address


def language_of(console: Console, request: Visit) -> Language:
    """Return the language that was chosen on the page, else the browser's."""
    chosen = request.query_params.get("lang", "")
    return best([chosen]) if chosen in LANGUAGES else console.language(request)


def device_of(request: Visit) -> str:
    """Return what a browser says that it is; the accounts keep the beginning of it."""
    return request.headers.get("user-agent", "")
