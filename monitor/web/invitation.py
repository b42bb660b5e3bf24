"""``/first/{token}``: the one-time link with which somebody makes the first account, or sets a password."""

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from monitor.accounts.directory import NAME
from monitor.accounts.password import objection_to_password
from monitor.accounts.sign_in import canonical
from monitor.errors import AccountRefused, LinkInvalid
from monitor.texts import Language
from monitor.web.context import LANGUAGES, Console
from monitor.web.forms import fields_of
from monitor.web.sign_in import Answer, Visit, device_of, language_of, signed_in


class Entered(Struct, frozen=True, kw_only=True):
    """What a person has typed, and why it was refused."""

    name: str = ""
    full_name: str = ""
    refused: str = ""


def invitation_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the routes."""

    @get("/first/{token:str}", opt={"right": "open"}, sync_to_thread=False)
    def ask(request: Visit, token: FromPath[str]) -> Answer:
        """Ask for a password, and for the name of the first account. Opening the link uses nothing up."""
        return _ask(console, request, token, Entered())

    @post("/first/{token:str}", opt={"right": "open"}, status_code=200)
    async def finish(request: Visit, token: FromPath[str]) -> Answer:
        """Set the password, and begin a session."""
        fields = dict(await fields_of(request))
        name, full_name = fields.get("name", ""), fields.get("full_name", "")
        refused = _objection(console, token, fields, language_of(console, request))
        if not refused:
            try:
                own, session = await console.accounts.invitation.open(
                    token, name, full_name, fields.get("password", ""), device_of(request)
                )
            except LinkInvalid:
                pass
            except AccountRefused as error:
                refused = str(error)
            else:
                return signed_in(console, fields, own, session)
        entered = Entered(name=name, full_name=full_name, refused=refused)
        return _ask(console, request, token, entered)

    return [ask, finish]


def _objection(console: Console, token: str, fields: dict[str, str], language: Language) -> str:
    """Return why a password or a name is not accepted; empty if both are."""
    password = fields.get("password", "")
    if password != fields.get("again"):
        return language.gettext("The two passwords differ.")
    try:
        own = console.accounts.invitation.account(token)
    except LinkInvalid:
        return ""
    name = own or canonical(fields.get("name", ""))
    if not NAME.fullmatch(name):
        return language.gettext(
            "A name to sign in with has up to 64 of the characters a-z 0-9 . _ -"
        )
    objection = objection_to_password(password, name)
    return "" if objection is None else console.source.writer.reason(objection, language)


def _ask(console: Console, request: Visit, token: str, entered: Entered) -> Answer:
    language = language_of(console, request)
    try:
        own = console.accounts.invitation.account(token)
    except LinkInvalid:
        return console.page(request, "link_invalid.html", status=410, language=language)
    return console.page(
        request,
        "first.html",
        status=400 if entered.refused else 200,
        language=language,
        languages=LANGUAGES,
        own=own or "",
        entered=entered,
    )
