"""Phones: pairs one with a person for thirty days of sending forms, and gives it the key with which it signs them."""

from base64 import b64encode
from datetime import datetime, timedelta

from litestar import Response, delete, post
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from monitor.accounts import Actor
from monitor.core.events.vocabulary import Name
from monitor.web.api.callers import readable
from monitor.web.api.form import Label, read
from monitor.web.api.problem import Refused
from monitor.web.context import Console
from monitor.web.viewer import ConsoleRequest

PAIRED = timedelta(days=30)
"""How long a phone sends forms without its owner signing in; judgement: a congress with its preparation."""


class SigningKeyAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A phone's request for a key."""

    device: Name
    """What the phone calls itself."""
    pin: Label


class SigningKeyGiven(Struct, frozen=True, kw_only=True):
    """A new key, which the phone keeps encrypted by the PIN."""

    id: str
    key: str
    """32 bytes in base64."""
    ends_at: datetime


class Paired(Struct, frozen=True, kw_only=True):
    """That a phone sends forms for an account."""

    account: str
    ends_at: datetime


def phone_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the routes."""

    @post("/signing-keys", opt={"right": "inspect"}, status_code=201)
    async def make_signing_key(request: ConsoleRequest) -> SigningKeyGiven:
        """Give a phone the key with which its owner signs."""
        asked = readable(read(await request.body(), SigningKeyAsked), console.source, request.user)
        session, language = request.auth, request.user.language
        if session is None:
            raise NotAuthorizedException
        if not session.account.has_pin:
            raise Refused("refused", language.gettext("Set a PIN in “My account” first."))
        if not await console.accounts.check_pin(session, asked.pin):
            raise Refused("wrong-pin", language.gettext("The PIN is wrong."))
        key = console.accounts.signing_keys.make(session.account.name, asked.device)
        return SigningKeyGiven(id=key.id, key=b64encode(key.secret).decode(), ends_at=key.ends_at)

    @post("/phone", opt={"right": "inspect"}, status_code=201, sync_to_thread=False)
    def pair(request: ConsoleRequest) -> Response[Paired]:
        """Let this phone send forms for whoever has signed in."""
        session, accounts = request.auth, console.accounts
        if session is None:
            raise NotAuthorizedException
        name, ends_at = session.account.name, accounts.now() + PAIRED
        token = accounts.tokens.make(
            name, ["inspect"], site="", ends_at=ends_at, label="phone", by=Actor(name)
        )
        cookie = console.cookie.of_phone(token, int(PAIRED.total_seconds()))
        return Response(Paired(account=name, ends_at=ends_at), cookies=[cookie])

    @delete(
        "/phone",
        opt={"right": "inspect", "serves_phones": True},
        status_code=204,
        sync_to_thread=False,
    )
    def unpair(request: ConsoleRequest) -> Response[None]:
        """Let this phone send nothing any more."""
        token = request.cookies.get(console.cookie.phone, "")
        account = console.accounts.tokens.account(token, None)
        if account is not None:
            own = token.split("_")[1]
            console.accounts.tokens.revoke(own, Actor(account.name))
        return Response(None, cookies=[console.cookie.of_phone("", 0)])

    return [make_signing_key, pair, unpair]
