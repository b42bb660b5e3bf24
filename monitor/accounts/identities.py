"""Signing in with an identity provider: an identity has one account, found by issuer and subject and nothing else."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from monitor.accounts.account import Account, Grant
from monitor.accounts.administration import in_words
from monitor.accounts.audit import Actor
from monitor.accounts.authorization_requests import AuthorizationRequest, AuthorizationRequests
from monitor.accounts.context import Context
from monitor.accounts.lock_out import LockOut
from monitor.accounts.secret import new_id
from monitor.accounts.session import Session
from monitor.accounts.sign_in import canonical
from monitor.core.events.vocabulary import AccountAct
from monitor.errors import IdentityRefused, SignInRefused

_ENCODE = msgspec.json.Encoder()
_DECODE = msgspec.json.Decoder(tuple[Grant, ...])
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
_LONGEST_WISH = 40
_LONGEST_FULL_NAME = 200
_DIGITS = 6


class Identity(Struct, frozen=True, kw_only=True):
    """Whom a provider vouches for, as of one sign-in."""

    issuer: str
    subject: str
    """Names the person at the issuer, for ever (OpenID Connect Core, 2: ``sub``)."""
    wish: str = ""
    """The name that the person has there; it may be anybody's, and is only a part of the account's."""
    full_name: str = ""
    grants: tuple[Grant, ...] = ()
    """What the groups give."""


class Identities:
    """The identities in the accounts' file."""

    def __init__(self, context: Context) -> None:
        self._in = context
        self._requests = AuthorizationRequests(context.db, context.now)
        self._lock_out = LockOut()

    def begin(self, address: str, onward: str, language: str) -> AuthorizationRequest:
        """Begin a sign-in, which counts as failed until it succeeds; of many, people are informed.

        Raises:
            SignInRefused: too many from this address have not succeeded; it says how long to wait.

        """
        now = self._in.now()
        request = self._requests.make(onward, language)
        if wait := self._lock_out.begin(request.state, address, now):
            raise SignInRefused(wait)
        with self._in.db.transaction():
            self._requests.keep(request)
            if self._lock_out.is_burst(request.state, address, now):
                self._in.audit.add_failures(now, "", address)
        return request

    def take(self, state: str, browser: str) -> AuthorizationRequest:
        """Return the request with which a browser comes back, once.

        Raises:
            IdentityRefused: it is not its own, was used, or has ended.

        """
        return self._requests.take(state, browser)

    def sign_in(
        self, identity: Identity, request: AuthorizationRequest, address: str, device: str
    ) -> tuple[str, Session]:
        """Begin a session of the account of an identity, which from now on has what its groups give.

        Args:
            identity: whom the provider vouches for.
            request: with which the browser came back.
            address: where the browser is.
            device: what the device says that it is.

        Raises:
            IdentityRefused: nothing gives it a right, or its account is disabled.

        """
        with self._in.db.transaction():
            account = self._renewed(identity)
            begun = None
            if account is not None and account.grants and not account.is_disabled:
                begun = self._in.sessions.begin(account.name, device)
        # The grants that were taken away stay so: hence no exception within the transaction.
        if begun is None:
            whose = "no group gives it a grant" if account is None else f"account {account.name}"
            raise IdentityRefused(f"may not sign in: {whose}", may_retry=False)
        self._lock_out.succeed(request.state, address)
        return begun

    def _renewed(self, identity: Identity) -> Account | None:
        """Return the account of an identity with its grants of today; ``None`` if there is none to be."""
        row = self._in.db.row(
            "SELECT account, grants FROM identity WHERE issuer = ? AND subject = ?",
            identity.issuer,
            identity.subject,
        )
        if row is None:
            return self._added(identity)
        name, before = str(row[0]), _DECODE.decode(row[1])
        found = self._in.directory.get(name)
        # What people gave it here stays.
        own = tuple(grant for grant in found.grants if grant not in before)
        grants = own + tuple(grant for grant in identity.grants if grant not in own)
        if grants != found.grants:
            self._in.directory.set_grants(name, grants)
            self._note("grants_set", name, identity, grants)
        self._in.db.change(
            "UPDATE identity SET grants = ? WHERE account = ?",
            _ENCODE.encode(identity.grants),
            name,
        )
        return self._in.directory.get(name)

    def _added(self, identity: Identity) -> Account | None:
        """Return a new account; ``None`` if no group gives a grant, or nobody has set the monitor up yet."""
        if not identity.grants or self._in.directory.is_empty():
            return None
        name = self._free_name(identity.wish)
        full_name = identity.full_name[:_LONGEST_FULL_NAME]
        self._in.directory.add(Account(name=name, full_name=full_name, grants=identity.grants))
        self._in.db.change(
            "INSERT INTO identity (issuer, subject, account, grants) VALUES (?, ?, ?, ?)",
            identity.issuer,
            identity.subject,
            name,
            _ENCODE.encode(identity.grants),
        )
        self._note("added", name, identity, identity.grants)
        return self._in.directory.get(name)

    def _free_name(self, wish: str) -> str:
        """Return a name that nobody can have chosen: it is neither a local account's nor a person's in the roster."""
        base = _NOT_IN_NAMES.sub("-", canonical(wish))[:_LONGEST_WISH].strip("-") or "account"
        while self._in.directory.find(name := f"{base}-{new_id()[:_DIGITS]}") is not None:
            pass
        return name

    def _note(
        self, act: AccountAct, name: str, identity: Identity, grants: Sequence[Grant]
    ) -> None:
        by = Actor(f"provider@{urlsplit(identity.issuer).hostname}")
        self._in.audit.add(self._in.now(), act, name, by, in_words(grants))
