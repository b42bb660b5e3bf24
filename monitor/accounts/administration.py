"""What is done to accounts, each act in one transaction with its entry in the audit."""

from collections.abc import Sequence

from monitor.accounts.account import Account, Grant
from monitor.accounts.audit import Actor
from monitor.accounts.context import Context
from monitor.accounts.password import objection_to_password, objection_to_pin
from monitor.core.events.vocabulary import AccountAct
from monitor.errors import AccountRefused
from monitor.texts import plain


class Administration:
    """Changes accounts. An act on an account that doesn't exist raises `AccountRefused`."""

    def __init__(self, context: Context) -> None:
        self._in = context

    def add(self, account: Account, by: Actor) -> None:
        """Add an account; the link of a first start ends."""
        with self._in.db.transaction():
            self._in.directory.add(account)
            self._in.links.end(None)
            self._note("added", account.name, by, in_words(account.grants))

    def disable(self, name: str, by: Actor) -> None:
        """Disable an account, and end its sessions and its link."""
        with self._in.db.transaction():
            self._in.directory.get(name)
            self._in.directory.set_disabled(name, is_disabled=True)
            self._in.sessions.end_all(name)
            self._in.links.end(name)
            self._note("disabled", name, by)

    def enable(self, name: str, by: Actor) -> None:
        """Enable an account again."""
        with self._in.db.transaction():
            self._in.directory.get(name)
            self._in.directory.set_disabled(name, is_disabled=False)
            self._note("enabled", name, by)

    def set_grants(self, name: str, grants: Sequence[Grant], by: Actor) -> None:
        """Replace the grants of an account; its sessions have them at once."""
        with self._in.db.transaction():
            self._in.directory.get(name)
            self._in.directory.set_grants(name, grants)
            self._note("grants_set", name, by, in_words(grants))

    def set_profile(  # noqa: PLR0913 - who an account is
        self,
        name: str,
        by: Actor,
        *,
        person: str | None,
        full_name: str | None,
        language: str | None,
        os_user: str | None,
    ) -> None:
        """Change who an account is; ``None`` leaves a part as it is."""
        with self._in.db.transaction():
            found = self._in.directory.get(name)
            person = found.person if person is None else person
            full_name = found.full_name if full_name is None else full_name
            language = found.language if language is None else language
            os_user = found.os_user if os_user is None else os_user
            self._in.directory.set_profile(name, person, full_name, language, os_user)
            linked = f"os_user={os_user}" if os_user != found.os_user else ""
            self._note("profile_set", name, by, " ".join(filter(None, [person, linked])))

    async def set_password(self, name: str, password: str, by: Actor) -> None:
        """Set a password; what was begun with the old one ends, except for the session in which its owner does so."""
        kept = await self.accepted(password, name)
        with self._in.db.transaction():
            self._in.directory.get(name)
            self.put_password(name, kept, except_for=by.session if by.name == name else "")
            self._note("password_set", name, by)

    async def set_pin(self, name: str, pin: str, by: Actor) -> None:
        """Set a PIN."""
        if (objection := objection_to_pin(pin)) is not None:
            raise AccountRefused(plain(objection))
        kept = await self._in.passwords.hash(pin)
        with self._in.db.transaction():
            self._in.directory.get(name)
            self._in.directory.keep_pin(name, kept)
            self._note("pin_set", name, by)

    def reset(self, name: str, by: Actor) -> str:
        """Take password and PIN from an account, end its sessions, and return a link to set a new password."""
        with self._in.db.transaction():
            self._in.directory.get_enabled(name)
            self.put_password(name, "")
            self._in.directory.keep_pin(name, "")
            self._note("reset", name, by)
            return self._in.links.make(name)

    def end_session(self, session_id: str, by: Actor) -> None:
        """End a session; one that has ended already is no mistake."""
        with self._in.db.transaction():
            if (name := self._in.sessions.end(session_id)) is not None:
                self._note("session_ended", name, by, session_id)

    async def accepted(self, password: str, name: str) -> str:
        """Return what to keep of a password.

        Raises:
            AccountRefused: it is not accepted.

        """
        if (objection := objection_to_password(password, name)) is not None:
            raise AccountRefused(plain(objection))
        return await self._in.passwords.hash(password)

    def put_password(self, name: str, kept: str, *, except_for: str = "") -> None:
        """Keep a password, and end what was begun with the one before, except for one session."""
        self._in.directory.keep_password(name, kept)
        self._in.sessions.end_all(name, except_for=except_for)
        self._in.sessions.forget_devices(name)
        self._in.links.end(name)

    def _note(self, act: AccountAct, name: str, by: Actor, detail: str = "") -> None:
        self._in.audit.add(self._in.now(), act, name, by, detail)


def in_words(grants: Sequence[Grant]) -> str:
    """Return grants in short: ``officer@hall supervisor!``, where the second counts only while on call."""
    return " ".join(
        (f"{row.role}@{row.site}" if row.site else row.role) + "!" * row.while_on_call
        for row in grants
    )
