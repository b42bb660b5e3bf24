"""``/me``: one's own account: what it may do, language and look, PIN, password, and sessions to end."""

from uuid import uuid4

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from monitor.accounts import Actor, objection_to_pin
from monitor.texts.roles import role_in_words
from monitor.web.alert import when
from monitor.web.context import LANGUAGE_COOKIE, LANGUAGES, THEME_COOKIE, Console
from monitor.web.forms import ask_pin, fields_of
from monitor.web.sign_in import kept_cookie
from monitor.web.template import HtmlResponse
from monitor.web.viewer import ConsoleRequest

Answer = Response[str] | Redirect


def account_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the routes."""

    @get("/me", opt={"right": "signed in"}, sync_to_thread=False)
    def show(request: ConsoleRequest) -> HtmlResponse:
        """Show the account."""
        return _show(console, request)

    @post("/me/looks", opt={"right": "signed in"}, status_code=303)
    async def choose(request: ConsoleRequest) -> Redirect:
        """Keep language and theme in this browser."""
        fields = dict(await fields_of(request))
        chosen = {
            LANGUAGE_COOKIE: fields.get("lang", "") if fields.get("lang") in LANGUAGES else "en",
            THEME_COOKIE: "light" if fields.get("theme") == "light" else "dark",
        }
        cookies = [kept_cookie(console.cookie, name, value) for name, value in chosen.items()]
        return Redirect("/me?saved=looks", status_code=303, cookies=cookies)

    @post("/me/pin", opt={"right": "signed in"}, status_code=200)
    async def set_pin(request: ConsoleRequest) -> Answer:
        """Set the PIN by which an unattended session goes on."""
        fields = await fields_of(request)
        if request.auth is None:
            return Redirect("/me", status_code=303)
        if (asked := await ask_pin(console, request, fields)) is not None:
            return asked
        pin, actor = dict(fields).get("new_pin", ""), Actor.of(request.auth)
        if (objection := objection_to_pin(pin)) is not None:
            refused = console.source.writer.reason(objection, request.user.language)
            return _show(console, request, refused=refused)
        await console.accounts.set_pin(actor.name, pin, actor)
        return Redirect("/me?saved=pin", status_code=303)

    @post("/me/sessions/{own:str}/end", opt={"right": "signed in"}, status_code=303)
    async def end(request: ConsoleRequest, own: FromPath[str]) -> Redirect:
        """End another session of the same account."""
        account = request.user.account
        if request.auth is not None and any(
            row.id == own for row in console.accounts.sessions(account.name)
        ):
            console.accounts.end_session(own, Actor.of(request.auth))
            console.live.end_session(own)
        return Redirect("/me", status_code=303)

    return [show, choose, set_pin, end]


def _show(console: Console, request: ConsoleRequest, refused: str = "") -> HtmlResponse:
    viewer, source = request.user, console.source
    names, language = source.writer.names, viewer.language
    return console.page(
        request,
        "me.html",
        status=400 if refused else 200,
        refused=refused,
        saved="" if refused else request.query_params.get("saved", ""),
        grants=[
            (
                role_in_words(row.role, language),
                names.of("site", row.site) if row.site else language.gettext("every site"),
            )
            for row in viewer.account.grants
        ],
        languages=LANGUAGES,
        sessions=[
            (row.id, row.device, when(source, row.last_input_at, language))
            for row in console.accounts.sessions(viewer.account.name)
        ],
        key=uuid4().hex,
    )
