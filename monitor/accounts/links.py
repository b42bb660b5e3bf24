"""One-time links: they make the first account, set the password of an account, or sign a device in."""

from collections.abc import Callable
from datetime import datetime, timedelta

from monitor.accounts.database import Database, stored
from monitor.accounts.secret import new_token, token_digest
from monitor.errors import LinkInvalid

FIRST = timedelta(minutes=30)
"""How long the link of a first start can be used."""
LATER = timedelta(hours=24)
"""How long a link for a password can be used; judgement: a colleague invited in the evening opens it in the morning."""
SIGN_IN = timedelta(minutes=30)
"""How long a link that signs in can be used; judgement: both screens are at hand."""


class Links:
    """The links in the accounts' file, of which there is one for each account at most."""

    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db = db
        self._now = now

    def make(self, name: str | None) -> str:
        """Return the token of a new link for an account, or for the first one; an earlier one ends."""
        token = new_token()
        self._put(token, name, FIRST if name is None else LATER)
        return token

    def make_sign_in(self, name: str) -> str:
        """Return the token of a new link that begins a session of an account; an earlier link of it ends."""
        token = new_token()
        self._put(_signing_in(token), name, SIGN_IN)
        return token

    def sign_in_account(self, token: str) -> str:
        """Return the account that a link signs in.

        Raises:
            LinkInvalid: it was used, has ended, or is for something else.

        """
        return self.account(_signing_in(token)) or ""

    def use_sign_in(self, token: str) -> str:
        """Use a link up that signs in; return its account.

        Raises:
            LinkInvalid: it was used, has ended, or is for something else.

        """
        return self.use(_signing_in(token)) or ""

    def account(self, token: str) -> str | None:
        """Return the account of a link, ``None`` for the first one.

        Raises:
            LinkInvalid: it was used, has ended, or never was one.

        """
        row = self._db.row(
            "SELECT account FROM link WHERE token = ? AND ends_at > ?",
            token_digest(token),
            stored(self._now()),
        )
        if row is None:
            raise LinkInvalid
        (name,) = row
        return None if name is None else str(name)

    def use(self, token: str) -> str | None:
        """Use a link up; return its account, ``None`` for the first one.

        Raises:
            LinkInvalid: it was used, has ended, or never was one.

        """
        name = self.account(token)
        self._db.change("DELETE FROM link WHERE token = ?", token_digest(token))
        return name

    def _put(self, token: str, name: str | None, lasts: timedelta) -> None:
        self.end(name)
        self._db.change(
            "INSERT INTO link (token, account, ends_at) VALUES (?, ?, ?)",
            token_digest(token),
            name,
            stored(self._now() + lasts),
        )

    def end(self, name: str | None) -> None:
        """End the link of an account, or the first one."""
        self._db.change("DELETE FROM link WHERE account IS ?", name)


def _signing_in(token: str) -> str:
    """Return what is stored of a token that signs in: it sets no password, and one that does so does not sign in."""
    return f"sign in: {token}"
