"""``/pair``: pairs the browser of a wall, which then needs no session: it keeps a token, and may only look."""

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from monitor.web.context import Console
from monitor.web.forms import fields_of
from monitor.web.session import address_of
from monitor.web.sign_in import Visit, kept_cookie, language_of
from monitor.web.template import HtmlResponse

Answer = Response[str] | Redirect


def pairing_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the routes."""

    @get("/pair", opt={"right": "open"}, sync_to_thread=False)
    def ask(request: Visit) -> HtmlResponse:
        """Ask for the token."""
        return _ask(console, request)

    @post("/pair", opt={"right": "open"}, status_code=303)
    async def pair(request: Visit) -> Answer:
        """Keep the token in this browser, if it is one."""
        token = dict(await fields_of(request)).get("token", "").strip()
        account = console.accounts.tokens.account(token, address_of(request))
        if account is None or account.sites("view", console.accounts.now()) == frozenset():
            return _ask(console, request, is_refused=True)
        kept = kept_cookie(console.cookie, console.cookie.wall, token)
        return Redirect("/wall", status_code=303, cookies=[kept])

    return [ask, pair]


def _ask(console: Console, request: Visit, *, is_refused: bool = False) -> HtmlResponse:
    return console.page(
        request,
        "pairing.html",
        status=401 if is_refused else 200,
        language=language_of(console, request),
        is_refused=is_refused,
    )
