"""The accounts by name, as they are kept."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from monitor.accounts.account import Account, Grant
from monitor.accounts.database import Database
from monitor.errors import AccountRefused

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}[a-z0-9]|[a-z0-9]")
_COLUMNS = (
    "name, person, full_name, language, os_user, is_disabled, password <> '', pin <> '', grants"
)
_ENCODE = msgspec.json.Encoder()
_DECODE = msgspec.json.Decoder(tuple[Grant, ...])


class Kept(NamedTuple):
    """What is kept of an account's secrets."""

    password: str
    pin: str


_NOTHING = Kept("", "")


class Directory:
    """The accounts in the file."""

    def __init__(self, db: Database, is_on_call: Callable[[str], bool]) -> None:
        self._db = db
        self._is_on_call = is_on_call

    def is_empty(self) -> bool:
        """Return whether there is no account at all."""
        return self._db.row("SELECT 1 FROM account LIMIT 1") is None

    def find(self, name: str) -> Account | None:
        """Return an account; ``None`` if there is none of this name."""
        row = self._db.row(f"SELECT {_COLUMNS} FROM account WHERE name = ?", name)  # noqa: S608
        return None if row is None else self._account(row)

    def get(self, name: str) -> Account:
        """Return an account.

        Raises:
            AccountRefused: there is none of this name.

        """
        if (account := self.find(name)) is not None:
            return account
        raise AccountRefused(f"there is no account “{name}”")

    def of_os_user(self, os_user: str) -> Account | None:
        """Return the account of a user of the operating system; ``None`` if there is none."""
        row = self._db.row(
            f"SELECT {_COLUMNS} FROM account WHERE os_user = ? AND os_user <> ''",  # noqa: S608
            os_user,
        )
        return None if row is None else self._account(row)

    def of_person(self, who: str) -> Sequence[Account]:
        """Return the accounts whose acts are recorded under a name, by name."""
        rows = self._db.rows(
            f"SELECT {_COLUMNS} FROM account"  # noqa: S608
            " WHERE person = ? OR (person = '' AND name = ?) ORDER BY name",
            who,
            who,
        )
        return [self._account(row) for row in rows]

    def get_enabled(self, name: str) -> Account:
        """Return an account that may sign in.

        Raises:
            AccountRefused: there is none of this name, or it is disabled.

        """
        account = self.get(name)
        if account.is_disabled:
            raise AccountRefused(f"the account “{name}” is disabled; enable it first")
        return account

    def all(self) -> Sequence[Account]:
        """Return all accounts, by name."""
        rows = self._db.rows(f"SELECT {_COLUMNS} FROM account ORDER BY name")  # noqa: S608
        return [self._account(row) for row in rows]

    def add(self, account: Account) -> None:
        """Add an account without a password.

        Raises:
            AccountRefused: the name is taken, or can't be one.

        """
        if not NAME.fullmatch(account.name):
            raise AccountRefused(
                f"“{account.name}” can't be a name to sign in with: write up to 64 of a-z 0-9 . _ -"
            )
        if self.find(account.name) is not None:
            raise AccountRefused(f"there is an account “{account.name}” already")
        self._check_os_user(account.os_user, account.name)
        self._db.change(
            "INSERT INTO account (name, person, full_name, language, os_user, grants)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            account.name,
            account.person,
            account.full_name,
            account.language,
            account.os_user,
            _ENCODE.encode(account.grants),
        )

    def set_grants(self, name: str, grants: Sequence[Grant]) -> None:
        """Replace the grants of an account."""
        self._db.change(
            "UPDATE account SET grants = ? WHERE name = ?", _ENCODE.encode(grants), name
        )

    def set_disabled(self, name: str, *, is_disabled: bool) -> None:
        """Disable an account, or enable it again."""
        self._db.change("UPDATE account SET is_disabled = ? WHERE name = ?", is_disabled, name)

    def set_profile(
        self, name: str, person: str, full_name: str, language: str, os_user: str
    ) -> None:
        """Change who an account is.

        Raises:
            AccountRefused: the user of the operating system has another account.

        """
        self._check_os_user(os_user, name)
        self._db.change(
            "UPDATE account SET person = ?, full_name = ?, language = ?, os_user = ? WHERE name = ?",
            person,
            full_name,
            language,
            os_user,
            name,
        )

    def _check_os_user(self, os_user: str, name: str) -> None:
        other = self.of_os_user(os_user)
        if other is not None and other.name != name:
            raise AccountRefused(
                f"the operating system's user “{os_user}” already has the account “{other.name}”"
            )

    def kept(self, name: str) -> Kept:
        """Return what is kept of the secrets of an account that may sign in; of any other, nothing."""
        row = self._db.row(
            "SELECT password, pin FROM account WHERE name = ? AND NOT is_disabled", name
        )
        return _NOTHING if row is None else Kept(*row)

    def keep_password(self, name: str, kept: str) -> None:
        """Keep a password; empty: nobody can sign in with one."""
        self._db.change("UPDATE account SET password = ? WHERE name = ?", kept, name)

    def keep_pin(self, name: str, kept: str) -> None:
        """Keep a PIN; empty: none."""
        self._db.change("UPDATE account SET pin = ? WHERE name = ?", kept, name)

    def _account(self, row: tuple[str, str, str, str, str, int, int, int, bytes]) -> Account:
        name, person, full_name, language, os_user, is_disabled, has_password, has_pin, grants = row
        decoded = _DECODE.decode(grants)
        # The plan is asked only for those to whom it matters: pages are many, and shifts are, too.
        asks = person != "" and any(grant.while_on_call for grant in decoded)
        return Account(
            name=name,
            person=person,
            full_name=full_name,
            language=language,
            os_user=os_user,
            is_disabled=bool(is_disabled),
            has_password=bool(has_password),
            has_pin=bool(has_pin),
            grants=decoded,
            is_on_call=asks and self._is_on_call(person),
        )
