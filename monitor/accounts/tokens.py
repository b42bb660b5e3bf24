"""API tokens ``vmt_<id>_<secret>``: what a program may do in the name of an account."""

from collections.abc import Collection, Sequence
from datetime import datetime
from hmac import compare_digest

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from monitor.accounts.account import Account, Grant
from monitor.accounts.audit import Actor
from monitor.accounts.context import Context
from monitor.accounts.database import read_time, stored
from monitor.accounts.rights import Right
from monitor.accounts.secret import new_id, new_token, token_digest
from monitor.errors import AccountRefused

PREFIX = "vmt"
"""Tells people, and programs that look for leaked secrets, what it is."""
_COLUMNS = "id, account, label, rights, site, ends_at, used_at, used_from"
_RIGHTS = msgspec.json.Decoder(frozenset[Right])


class ApiToken(Struct, frozen=True, kw_only=True):
    """What is known of a token; the token itself was shown once and is kept nowhere."""

    id: str
    account: str
    label: str
    """What it is for."""
    rights: frozenset[Right]
    """The most that it allows; its account may have less."""
    site: str
    """Where; empty: everywhere that its account may."""
    ends_at: datetime
    used_at: datetime | None
    """When it was last used."""
    used_from: str
    """The address from which it was last used."""


class Tokens:
    """The tokens in the accounts' file."""

    def __init__(self, context: Context) -> None:
        self._in = context

    def make(  # noqa: PLR0913 - what a token is
        self,
        name: str,
        rights: Collection[Right],
        site: str,
        ends_at: datetime,
        *,
        label: str,
        by: Actor,
    ) -> str:
        """Return a new token, which is kept nowhere.

        Raises:
            AccountRefused: there is no such account, it would have ended, or would allow nothing.

        """
        now = self._in.now()
        if ends_at <= now:
            raise AccountRefused("the token would end in the past")
        if not rights:
            raise AccountRefused("the token would allow nothing")
        own, secret = new_id(), new_token()
        with self._in.db.transaction():
            self._in.directory.get(name)
            self._in.db.change(
                "INSERT INTO api_token (id, secret, account, label, rights, site, ends_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                own,
                token_digest(secret),
                name,
                label,
                msgspec.json.encode(sorted(rights)),
                site,
                stored(ends_at),
            )
            self._in.audit.add(now, "token_made", name, by, own)
        return f"{PREFIX}_{own}_{secret}"

    def account(self, token: str, address: str | None) -> Account | None:
        """Return the account of a token with what the token leaves of its grants; ``None`` if it isn't valid.

        Without an address, no use is noted: nobody has asked for anything.
        """
        prefix, _, rest = token.partition("_")
        own, _, secret = rest.partition("_")
        row = self._in.db.row(f"SELECT secret, {_COLUMNS} FROM api_token WHERE id = ?", own)  # noqa: S608
        if prefix != PREFIX or row is None or not compare_digest(row[0], token_digest(secret)):
            return None
        found, now = _token(row[1:]), self._in.now()
        account = self._in.directory.get(found.account)
        if account.is_disabled or now >= found.ends_at:
            return None
        if address is not None:
            self._note_use(found, address, now)
        return left_by(found, account)

    def all(self) -> Sequence[ApiToken]:
        """Return all tokens, those that have ended, too."""
        rows = self._in.db.rows(f"SELECT {_COLUMNS} FROM api_token ORDER BY account, label, id")  # noqa: S608
        return [_token(row) for row in rows]

    def revoke(self, own: str, by: Actor) -> None:
        """Revoke a token.

        Raises:
            AccountRefused: there is none with this id.

        """
        with self._in.db.transaction():
            row = self._in.db.row("DELETE FROM api_token WHERE id = ? RETURNING account", own)
            if row is None:
                raise AccountRefused(f"there is no token “{own}”")
            self._in.audit.add(self._in.now(), "token_revoked", str(row[0]), by, own)

    def _note_use(self, token: ApiToken, address: str, now: datetime) -> None:
        """Write when it was used, to the minute: reading an API must not write each time."""
        minute = now.replace(second=0, microsecond=0)
        if token.used_at != minute or token.used_from != address:
            self._in.db.change(
                "UPDATE api_token SET used_at = ?, used_from = ? WHERE id = ?",
                stored(minute),
                address,
                token.id,
            )


def left_by(token: ApiToken, account: Account) -> Account:
    """Return an account with what a token leaves of its grants."""
    narrowed = (_narrow(grant, token) for grant in account.grants)
    return replace(account, grants=tuple(grant for grant in narrowed if grant is not None))


def _narrow(grant: Grant, token: ApiToken) -> Grant | None:
    """Return what a token leaves of a grant; ``None`` for nothing."""
    if token.site and grant.site and grant.site != token.site:
        return None
    only = token.rights if grant.only is None else token.rights & grant.only
    return replace(grant, site=grant.site or token.site, only=only)


def _token(row: tuple[str, str, str, bytes, str, str, str, str]) -> ApiToken:
    own, account, label, rights, site, ends_at, used_at, used_from = row
    return ApiToken(
        id=own,
        account=account,
        label=label,
        rights=_RIGHTS.decode(rights),
        site=site,
        ends_at=read_time(ends_at),
        used_at=read_time(used_at) if used_at else None,
        used_from=used_from,
    )
