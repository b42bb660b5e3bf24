"""The accounts of the people and programs that use the monitor: all that pages, commands and wiring ask for."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from argon2 import PasswordHasher

from monitor.accounts.account import Account, Grant
from monitor.accounts.administration import Administration
from monitor.accounts.audit import Actor, Audit
from monitor.accounts.calendars import Calendars
from monitor.accounts.context import Context
from monitor.accounts.database import Database
from monitor.accounts.directory import Directory
from monitor.accounts.identities import Identities
from monitor.accounts.invitation import Invitation
from monitor.accounts.links import Links
from monitor.accounts.password import Passwords
from monitor.accounts.session import Session
from monitor.accounts.sessions import Sessions
from monitor.accounts.sign_in import SignIn, canonical
from monitor.accounts.signing_keys import SigningKeys
from monitor.accounts.tokens import Tokens
from monitor.errors import SignInRefused


def accounts_path(journal: Path) -> Path:
    """Return the accounts' file of a monitor, beside its journal."""
    return journal.with_name("accounts.db")


class Accounts:
    """The open accounts' file.

    Every method raises `AccountsUnusable` when the file can't be read or written, and whatever names an account raises
    `AccountRefused` when there is none of this name. The running monitor and commands may have it open together.

    Args:
        path: the file; it is created if there is none.
        now: the present time. Sessions and links end by it, so it is real time, even where the monitor's runs faster.
        hasher: argon2id; the library's default follows RFC 9106.
        is_on_call: returns whether a person of the roster is on call now.

    """

    def __init__(
        self,
        path: Path,
        now: Callable[[], datetime],
        hasher: PasswordHasher | None = None,
        is_on_call: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self.now = now
        self._db = db = Database(path)
        self._directory = directory = Directory(db, is_on_call)
        self._sessions = sessions = Sessions(db, directory, now)
        links = Links(db, now)
        self.audit = audit = Audit(db)
        passwords = Passwords(hasher or PasswordHasher())
        context = Context(db, directory, sessions, links, audit, passwords, now)
        self._sign_in = SignIn(context)
        self._administration = Administration(context)
        self.invitation = Invitation(context, self._administration)
        self.tokens = Tokens(context)
        self.calendars = Calendars(context)
        self.signing_keys = SigningKeys(db, now)
        self.identities = Identities(context)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.close()

    # Sessions ---------------------------------------------------------------------------------------------------------

    async def sign_in(
        self, name: str, password: str, address: str, device: str, *, known: str = ""
    ) -> tuple[str, Session]:
        """Begin a session.

        Args:
            name: of the account.
            password: of the account.
            address: where the request comes from.
            device: what the device says that it is.
            known: the token of `remember_device`, if the device has one: strangers' tries don't delay it.

        Returns:
            The token, for the device alone, and the session.

        Raises:
            SignInRefused: for whatever reason.

        """
        return await self._sign_in.sign_in(name, password, address, device, known=known)

    def remember_device(self, session: Session) -> str:
        """Return a token by which the session's device is known at the next sign-in of the same account."""
        return self._sessions.remember_device(session.account.name)

    def session(self, token: str) -> Session | None:
        """Return the session of a token, with its account as it is now; ``None`` if it has ended."""
        return self._sessions.find(token)

    def touch(self, session: Session) -> None:
        """Take note, to the minute, that a person has done something; what a page asks for by itself is nothing."""
        self._sessions.touch(session.id)

    def sign_out(self, session_id: str) -> None:
        """End one's own session."""
        self._sessions.end(session_id)

    def sessions(self, name: str) -> Sequence[Session]:
        """Return the sessions of an account, the latest first."""
        return self._sessions.of(name)

    def end_session(self, session_id: str, by: Actor) -> None:
        """End anyone's session; one that has ended already is no mistake."""
        self._administration.end_session(session_id, by)

    async def check_pin(self, session: Session, pin: str) -> bool:
        """Return whether it is the PIN of the session's account: the session goes on as if there had been input.

        The fifth wrong one in a row ends the session.
        """
        return await self._sign_in.check_pin(session, pin)

    async def sign(self, account: Account, pin: str, address: str) -> None:
        """Go on only if it is the PIN of an account, whose owner signs in somebody else's session.

        Raises:
            SignInRefused: it is not, the account is disabled, or the next try has to wait.

        """
        if account.is_disabled:
            raise SignInRefused
        await self._sign_in.sign(account.name, pin, address)

    # Accounts ---------------------------------------------------------------------------------------------------------

    def find(self, name: str) -> Account | None:
        """Return an account; ``None`` if there is none of this name."""
        return self._directory.find(canonical(name))

    def of_os_user(self, os_user: str) -> Account | None:
        """Return the account as which a user of the operating system acts; ``None`` if there is none."""
        return self._directory.of_os_user(os_user)

    def of_person(self, who: str) -> Sequence[Account]:
        """Return the accounts whose acts are recorded under a name: a person's of the roster, or its own."""
        return self._directory.of_person(who)

    def is_empty(self) -> bool:
        """Return whether there is no account yet."""
        return self._directory.is_empty()

    def list(self) -> Sequence[Account]:
        """Return all accounts, by name."""
        return self._directory.all()

    def add(self, account: Account, by: Actor) -> None:
        """Add an account, which can sign in once it has a password: by `link` or `set_password`.

        Raises:
            AccountRefused: the name is taken, or can't be one.

        """
        self._administration.add(account, by)

    def disable(self, name: str, by: Actor) -> None:
        """Disable an account: its sessions end, and its tokens are not accepted while it is disabled."""
        self._administration.disable(name, by)

    def enable(self, name: str, by: Actor) -> None:
        """Enable an account again."""
        self._administration.enable(name, by)

    def set_grants(self, name: str, grants: Sequence[Grant], by: Actor) -> None:
        """Replace the grants of an account; its sessions have them at once."""
        self._administration.set_grants(name, grants, by)

    def set_profile(  # noqa: PLR0913 - who an account is
        self,
        name: str,
        by: Actor,
        *,
        person: str | None = None,
        full_name: str | None = None,
        language: str | None = None,
        os_user: str | None = None,
    ) -> None:
        """Change who an account is; what is not given stays as it is."""
        self._administration.set_profile(
            name, by, person=person, full_name=full_name, language=language, os_user=os_user
        )

    async def set_password(self, name: str, password: str, by: Actor | None = None) -> None:
        """Set a password; other sessions of the account end, and no device of it is known any more.

        Args:
            name: of the account.
            password: the new one.
            by: who does it; by default its owner.

        Raises:
            AccountRefused: the password is not accepted; `objection_to_password` says so in any language.

        """
        await self._administration.set_password(name, password, by or Actor(name))

    async def set_pin(self, name: str, pin: str, by: Actor | None = None) -> None:
        """Set a PIN.

        Raises:
            AccountRefused: the PIN is not accepted; `objection_to_pin` says so in any language.

        """
        await self._administration.set_pin(name, pin, by or Actor(name))

    # One-time links ---------------------------------------------------------------------------------------------------

    def link(self, name: str, by: Actor) -> str:
        """Return the token of a link with which the owner of an account sets its password, once."""
        return self.invitation.make(name, by)

    def reset(self, name: str, by: Actor) -> str:
        """Take password and PIN from an account, end its sessions, and return a link as `link` does."""
        self.signing_keys.end(name)
        return self._administration.reset(name, by)
