"""The secret addresses at which calendars on phones read the shifts of one person, one for each account at most."""

from datetime import datetime

from msgspec import Struct

from monitor.accounts.account import Account
from monitor.accounts.audit import Actor
from monitor.accounts.context import Context
from monitor.accounts.database import read_time, stored
from monitor.accounts.secret import new_token, token_digest


class CalendarAddress(Struct, frozen=True, kw_only=True):
    """What is known of an address; the address itself was shown once and is kept nowhere."""

    made_at: datetime
    read_at: datetime | None
    """When a calendar last read it, to the hour."""


class Calendars:
    """The addresses in the accounts' file."""

    def __init__(self, context: Context) -> None:
        self._in = context

    def make(self, name: str, by: Actor) -> str:
        """Return the token of a new address of an account; an earlier one ends.

        Raises:
            AccountRefused: there is no such account.

        """
        token, now = new_token(), self._in.now()
        with self._in.db.transaction():
            self._in.directory.get(name)
            self._in.db.change("DELETE FROM calendar WHERE account = ?", name)
            self._in.db.change(
                "INSERT INTO calendar (account, token, made_at) VALUES (?, ?, ?)",
                name,
                token_digest(token),
                stored(now),
            )
            self._in.audit.add(now, "calendar_made", name, by)
        return token

    def revoke(self, name: str, by: Actor) -> None:
        """End the address of an account; without one, nothing happens."""
        with self._in.db.transaction():
            if self._in.db.change("DELETE FROM calendar WHERE account = ?", name):
                self._in.audit.add(self._in.now(), "calendar_revoked", name, by)

    def of(self, name: str) -> CalendarAddress | None:
        """Return what is known of the address of an account; ``None`` if it has none."""
        row = self._in.db.row("SELECT made_at, read_at FROM calendar WHERE account = ?", name)
        if row is None:
            return None
        made_at, read_at = row
        return CalendarAddress(
            made_at=read_time(made_at), read_at=read_time(read_at) if read_at else None
        )

    def account(self, token: str) -> Account | None:
        """Return the account of an address, and note that it was read; ``None`` if it isn't valid."""
        digest = token_digest(token)
        row = self._in.db.row("SELECT account, read_at FROM calendar WHERE token = ?", digest)
        if row is None:
            return None
        name, read_at = row
        account = self._in.directory.get(name)
        if account.is_disabled:
            return None
        hour = stored(self._in.now().replace(minute=0, second=0, microsecond=0))
        if read_at != hour:
            self._in.db.change("UPDATE calendar SET read_at = ? WHERE token = ?", hour, digest)
        return account
