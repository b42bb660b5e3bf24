"""One-time links: the first one makes the first account, any other sets the password of an account."""

from collections.abc import Callable
from datetime import datetime, timedelta

from monitor.accounts.database import Database, stored
from monitor.accounts.secret import new_token, token_digest
from monitor.errors import LinkInvalid

FIRST = timedelta(minutes=30)
"""How long the link of a first start can be used."""
LATER = timedelta(hours=24)
"""How long any other can be used; judgement: a colleague invited in the evening opens it in the morning."""


class Links:
    """The links in the accounts' file, of which there is one for each account at most."""

    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db = db
        self._now = now

    def make(self, name: str | None) -> str:
        """Return the token of a new link for an account, or for the first one; an earlier one ends."""
        token, lasts = new_token(), FIRST if name is None else LATER
        self.end(name)
        self._db.change(
            "INSERT INTO link (token, account, ends_at) VALUES (?, ?, ?)",
            token_digest(token),
            name,
            stored(self._now() + lasts),
        )
        return token

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

    def end(self, name: str | None) -> None:
        """End the link of an account, or the first one."""
        self._db.change("DELETE FROM link WHERE account IS ?", name)
