"""The cookie of a session, and the middleware that reads it: who asks, from a cookie or from an API token."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.types import ASGIApp
from msgspec import Struct

from monitor.accounts import Account, Accounts
from monitor.accounts.silent_pages import paged_silently
from monitor.core.state.state import State
from monitor.errors import AccountsUnusable
from monitor.texts import Language
from monitor.web.guard import IDENTIFIED, OPEN, RIGHT
from monitor.web.viewer import Viewer

Connection = ASGIConnection[Any, Any, Any, Any]


class SessionCookie(Struct, frozen=True, kw_only=True):
    """The cookie that holds the token of a session."""

    is_secure: bool
    """Whether browsers reach the console by HTTPS."""

    @property
    def name(self) -> str:
        """Its name; the prefix binds it to this host and to HTTPS (RFC 6265bis)."""
        return "__Host-vm" if self.is_secure else "vm"

    @property
    def wall(self) -> str:
        """The name of the cookie that holds the token of a paired wall, which no other page takes."""
        return f"{self.name}-wall"

    @property
    def phone(self) -> str:
        """The name of the cookie that holds the token of a paired phone, which only sends forms."""
        return f"{self.name}-phone"

    def of_phone(self, token: str, seconds: int) -> Cookie:
        """Return the cookie for a paired phone; without a token, the one that removes it."""
        kept = self.holding(token, seconds)
        kept.key = self.phone
        return kept

    @property
    def provider(self) -> str:
        """The name of the cookie by which a browser is recognised that comes back from the identity provider."""
        return f"{self.name}-provider"

    def holding(self, token: str, seconds: int) -> Cookie:
        """Return the cookie for a new session."""
        return Cookie(
            key=self.name,
            value=token,
            max_age=seconds,
            path="/",
            secure=self.is_secure,
            httponly=True,
            # Not strict: a link from a message or a dashboard should find the person signed in.
            samesite="lax",
        )

    def cleared(self) -> Cookie:
        """Return the cookie that removes it from the browser."""
        return self.holding("", 0)


class Identification(AbstractAuthenticationMiddleware):
    """Finds the viewer of each request; nobody is refused here: `guard` does that.

    Args:
        app: what is called next.
        accounts: knows sessions and API tokens.
        cookie: holds the token of a session.
        language: returns the language of an account, or of whoever has none.
        now: returns the time.
        state: knows who was notified of what.

    """

    def __init__(  # noqa: PLR0913, PLR0917 - who may be there, and what they may see
        self,
        app: ASGIApp,
        accounts: Accounts,
        cookie: SessionCookie,
        language: Callable[[Connection, Account | None], Language],
        now: Callable[[], datetime],
        state: State,
    ) -> None:
        super().__init__(app)
        self._accounts = accounts
        self._cookie = cookie
        self._language = language
        self._now = now
        self._state = state

    async def authenticate_request(self, connection: Connection) -> AuthenticationResult:
        """Return the viewer and the session; ``None`` for whoever has not signed in."""
        opt = connection.route_handler.opt
        if opt.get(RIGHT) != OPEN:
            return self._identify(connection)
        if opt.get(IDENTIFIED):
            # What is open stays so while the accounts can't be read.
            with suppress(AccountsUnusable):
                return self._identify(connection)
        return AuthenticationResult(user=None, auth=None)

    def _identify(self, connection: Connection) -> AuthenticationResult:
        """Return the viewer and the session.

        Raises:
            AccountsUnusable: the accounts can't be read.

        """
        session = account = None
        kind, _, token = connection.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            account = self._accounts.tokens.account(token.strip(), address_of(connection))
        elif token := connection.cookies.get(self._cookie.name, ""):
            session = self._accounts.session(token)
            account = None if session is None else session.account
        is_phone = False
        if account is None and connection.route_handler.opt.get("serves_phones"):
            token = connection.cookies.get(self._cookie.phone, "")
            account = self._accounts.tokens.account(token, address_of(connection))
            is_phone = account is not None
        is_wall = bool(connection.route_handler.opt.get("is_wall"))
        if account is None and connection.route_handler.opt.get("serves_walls", is_wall):
            is_wall = True
            token = connection.cookies.get(self._cookie.wall, "")
            account = self._accounts.tokens.account(token, address_of(connection))
        if account is None:
            return AuthenticationResult(user=None, auth=None)
        at = self._now()
        viewer = Viewer(
            account=account,
            session=session,
            language=self._language(connection, account),
            at=at,
            is_wall=is_wall,
            is_phone=is_phone,
            # Nobody's page is a program's: a token sees what its rights name.
            paged=frozenset() if session is None else paged_silently(account, self._state, at),
        )
        return AuthenticationResult(user=viewer, auth=session)


def address_of(connection: Connection) -> str:
    """Return the network address of whoever asks."""
    return connection.client.host if connection.client else ""
