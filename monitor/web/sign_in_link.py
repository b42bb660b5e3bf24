"""``/join/{token}``: the one-time link that signs a device in without a password."""

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from monitor.errors import LinkInvalid
from monitor.web.context import LANGUAGES, Console
from monitor.web.forms import fields_of
from monitor.web.sign_in import Answer, Visit, device_of, language_of, signed_in


def sign_in_link_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the routes."""

    @get("/join/{token:str}", opt={"right": "open"}, sync_to_thread=False)
    def ask(request: Visit, token: FromPath[str]) -> Answer:
        """Ask whether to go on. Opening the link uses nothing up: messengers open links to preview them."""
        language = language_of(console, request)
        try:
            name = console.accounts.invitation.sign_in_account(token)
        except LinkInvalid:
            return _invalid(console, request)
        account = console.accounts.find(name)
        return console.page(
            request,
            "sign_in_link.html",
            language=language,
            languages=LANGUAGES,
            name=name if account is None else account.full_name or name,
        )

    @post("/join/{token:str}", opt={"right": "open"}, status_code=200)
    async def go_on(request: Visit, token: FromPath[str]) -> Answer:
        """Begin a session."""
        fields = dict(await fields_of(request))
        try:
            own, session = console.accounts.invitation.sign_in(token, device_of(request))
        except LinkInvalid:
            return _invalid(console, request)
        return signed_in(console, fields, own, session)

    return [ask, go_on]


def _invalid(console: Console, request: Visit) -> Answer:
    language = language_of(console, request)
    return console.page(request, "link_invalid.html", status=410, language=language)
