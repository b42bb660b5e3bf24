"""Sign-ins at the identity provider that have begun: each comes back once, to the browser that began it."""

from collections.abc import Callable
from datetime import datetime, timedelta

from msgspec import Struct

from monitor.accounts.database import Database, stored
from monitor.accounts.secret import new_token, token_digest
from monitor.errors import IdentityRefused

LASTS = timedelta(minutes=10)
"""From the button to the return; judgement: a password, a second factor and a phone that is fetched from a bag."""
MOST = 1_000
"""Requests that wait at the same time; the oldest make room."""


class AuthorizationRequest(Struct, frozen=True, kw_only=True):
    """One request of authorization (RFC 6749), as the browser and the provider know it."""

    state: str
    """Comes back with the browser (RFC 6749, 10.12)."""
    browser: str
    """The token of the cookie that only the browser that began has."""
    nonce: str
    """Comes back in the ID token, so that no earlier one is accepted (OpenID Connect Core, 3.1.2.1)."""
    verifier: str
    """Redeems the code; the provider has had its digest (PKCE, RFC 7636)."""
    onward: str
    """The page to go on to."""
    language: str
    """The language that was chosen at the sign-in; empty: none."""


class AuthorizationRequests:
    """The requests in the accounts' file."""

    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db = db
        self._now = now

    def make(self, onward: str, language: str) -> AuthorizationRequest:
        """Return a new request, which nobody can guess."""
        return AuthorizationRequest(
            state=new_token(),
            browser=new_token(),
            nonce=new_token(),
            verifier=new_token(),
            onward=onward,
            language=language,
        )

    def keep(self, request: AuthorizationRequest) -> None:
        """Keep a request until its browser comes back; those that have ended are forgotten."""
        now = self._now()
        self._db.change("DELETE FROM authorization_request WHERE ends_at <= ?", stored(now))
        self._db.change(
            "DELETE FROM authorization_request WHERE state NOT IN"
            " (SELECT state FROM authorization_request ORDER BY ends_at DESC LIMIT ?)",
            MOST - 1,
        )
        self._db.change(
            "INSERT INTO authorization_request"
            " (state, browser, nonce, verifier, onward, language, ends_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            token_digest(request.state),
            token_digest(request.browser),
            request.nonce,
            request.verifier,
            request.onward,
            request.language,
            stored(now + LASTS),
        )

    def take(self, state: str, browser: str) -> AuthorizationRequest:
        """Return the request of a state, once, and only to the browser that began it.

        Raises:
            IdentityRefused: there is none: it was used, has ended, or is another browser's.

        """
        row = self._db.row(
            "DELETE FROM authorization_request WHERE state = ? AND browser = ? AND ends_at > ?"
            " RETURNING nonce, verifier, onward, language",
            token_digest(state),
            token_digest(browser),
            stored(self._now()),
        )
        if row is None:
            raise IdentityRefused(
                "the browser returned with a state that is not, or no longer, its own"
            )
        nonce, verifier, onward, language = row
        return AuthorizationRequest(
            state=state,
            browser=browser,
            nonce=nonce,
            verifier=verifier,
            onward=onward,
            language=language,
        )
