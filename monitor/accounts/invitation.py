"""What one-time links do: make the first account, set the password of an account, or begin a session of it."""

from monitor.accounts.account import Account, Grant
from monitor.accounts.administration import Administration, in_words
from monitor.accounts.audit import Actor
from monitor.accounts.context import Context
from monitor.accounts.session import Session
from monitor.accounts.sign_in import canonical
from monitor.errors import LinkInvalid

FIRST_GRANTS = (Grant(role="admin"), Grant(role="supervisor"))
"""Of the first account, which sets up the others and has to see that all works."""


class Invitation:
    """Makes links and opens them."""

    def __init__(self, context: Context, administration: Administration) -> None:
        self._in = context
        self._administration = administration

    def first(self) -> str | None:
        """Return the token of a link that makes the first account; ``None`` if there is any account."""
        with self._in.db.transaction():
            return self._in.links.make(None) if self._in.directory.is_empty() else None

    def make(self, name: str, by: Actor) -> str:
        """Return the token of a link that sets the password of an account.

        Raises:
            AccountRefused: there is no such account, or it is disabled.

        """
        with self._in.db.transaction():
            self._in.directory.get_enabled(name)
            self._in.audit.add(self._in.now(), "link_made", name, by)
            return self._in.links.make(name)

    def account(self, token: str) -> str | None:
        """Return whose password a link sets; ``None``: it makes the first account.

        Raises:
            LinkInvalid: it was used, has ended, or never was one.

        """
        return self._in.links.account(token)

    async def open(
        self, token: str, name: str, full_name: str, password: str, device: str = ""
    ) -> tuple[str, Session]:
        """Use a link up: set the password of its account, or make the first account, and begin a session.

        Args:
            token: of the link.
            name: to sign in with; it counts for the first account only.
            full_name: what others see; empty: as it is.
            password: the new one.
            device: what the device says that it is.

        Raises:
            LinkInvalid: it was used, has ended, or never was one.
            AccountRefused: name or password is not accepted; the link can still be used.

        """
        name = self._in.links.account(token) or canonical(name)
        kept = await self._administration.accepted(password, name)
        with self._in.db.transaction():
            # Another may have used the link while the password was being computed.
            if self._in.links.use(token) is None:
                self._add_first(name, full_name)
            elif full_name:
                found = self._in.directory.get(name)
                self._in.directory.set_profile(
                    name, found.person, full_name, found.language, found.os_user
                )
            self._administration.put_password(name, kept)
            begun = self._in.sessions.begin(name, device)
            self._in.audit.add(self._in.now(), "password_set", name, Actor(name, begun[1].id))
        return begun

    def make_sign_in(self, name: str, by: Actor) -> str:
        """Return the token of a link that begins a session of an account.

        Raises:
            AccountRefused: there is no such account, or it is disabled.

        """
        with self._in.db.transaction():
            self._in.directory.get_enabled(name)
            self._in.audit.add(self._in.now(), "link_made", name, by)
            return self._in.links.make_sign_in(name)

    def sign_in_account(self, token: str) -> str:
        """Return whose session a link begins.

        Raises:
            LinkInvalid: it was used, has ended, or is for something else.

        """
        return self._in.links.sign_in_account(token)

    def sign_in(self, token: str, device: str = "") -> tuple[str, Session]:
        """Use a link up that signs in, and begin a session of its account.

        Raises:
            LinkInvalid: it was used, has ended, or is for something else, or its account is disabled.

        """
        with self._in.db.transaction():
            name = self._in.links.use_sign_in(token)
            if self._in.directory.get(name).is_disabled:
                raise LinkInvalid
            return self._in.sessions.begin(name, device)

    def _add_first(self, name: str, full_name: str) -> None:
        if not self._in.directory.is_empty():
            raise LinkInvalid
        self._in.directory.add(Account(name=name, full_name=full_name, grants=FIRST_GRANTS))
        self._in.audit.add(self._in.now(), "added", name, Actor(name), in_words(FIRST_GRANTS))
