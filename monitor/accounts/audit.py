"""What was done to accounts, kept until the running monitor has it in the journal."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from msgspec import Struct

from monitor.accounts.database import Database
from monitor.accounts.secret import new_id
from monitor.accounts.session import Session
from monitor.core.events.monitor_accounts import (
    MonitorAccountChanged,
    MonitorSignInsFailed,
    NoticedOfAccounts,
)
from monitor.core.events.vocabulary import AccountAct

_ENCODE = msgspec.json.Encoder()
_DECODE: msgspec.json.Decoder[NoticedOfAccounts] = msgspec.json.Decoder(NoticedOfAccounts)


class Actor(Struct, frozen=True):
    """Who acts on an account."""

    name: str
    """An account, or ``user@machine`` at the command line."""
    session: str = ""
    """The id of the session; empty: at the command line."""

    @classmethod
    def of(cls, session: Session) -> "Actor":
        """Return the actor who uses a session."""
        return cls(session.account.name, session.id)


class AuditEntry(NamedTuple):
    """One entry that is not in the journal yet."""

    number: int
    event: NoticedOfAccounts
    """Its ``id`` is the same however often it is read, so that it can be taken in once."""


class Audit:
    """The entries in the accounts' file. They are added in the transaction of what they tell."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, at: datetime, act: AccountAct, account: str, by: Actor, detail: str = "") -> None:
        """Add what someone did to an account."""
        self._add(
            MonitorAccountChanged(
                at=at,
                id=new_id(),
                act=act,
                account=account,
                by=by.name,
                session=by.session,
                detail=detail,
                done_at=at,
            )
        )

    def add_failures(self, at: datetime, account: str, address: str) -> None:
        """Add that many wrong passwords were given; for a name that is no account, without the name.

        People type their password where their name belongs.
        """
        self._add(
            MonitorSignInsFailed(
                at=at,
                id=new_id(),
                subject=account or address or "unknown",
                account=account,
                address=address,
                done_at=at,
            )
        )

    def waiting(self, most: int = 100) -> Sequence[AuditEntry]:
        """Return the oldest entries."""
        rows = self._db.rows("SELECT id, body FROM audit ORDER BY id LIMIT ?", most)
        return [AuditEntry(number, _DECODE.decode(body)) for number, body in rows]

    def forget(self, number: int) -> None:
        """Forget an entry, and those before it: they are in the journal."""
        self._db.change("DELETE FROM audit WHERE id <= ?", number)

    def _add(self, event: NoticedOfAccounts) -> None:
        self._db.change(
            "INSERT INTO audit (key, body) VALUES (?, ?)", event.id, _ENCODE.encode(event)
        )
