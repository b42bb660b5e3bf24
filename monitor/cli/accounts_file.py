"""The accounts' file as commands use it, beside a running monitor or without one."""

import getpass
import socket
from datetime import UTC, datetime

from monitor.accounts import ROLES, Account, Accounts, Actor, Role, accounts_path
from monitor.config import Config
from monitor.errors import ConfigError
from monitor.toml.words import no_such


def open_accounts(config: Config) -> Accounts:
    """Return the accounts of a deployment."""
    return Accounts(accounts_path(config.journal.path), lambda: datetime.now(UTC))


def actor() -> Actor:
    """Return who uses the command line: whoever may write the file may do everything to it."""
    return Actor(f"{getpass.getuser()}@{socket.gethostname()}")


def account_of(accounts: Accounts, name: str) -> Account:
    """Return an account.

    Raises:
        ConfigError: there is none of this name; the message has the nearest.

    """
    if (account := accounts.find(name)) is not None:
        return account
    raise ConfigError([no_such("account", name, [row.name for row in accounts.list()])])


def role_of(word: str) -> Role:
    """Return a role.

    Raises:
        ConfigError: there is none of this name; the message has the nearest.

    """
    for role in ROLES:
        if role == word:
            return role
    raise ConfigError([no_such("role", word, ROLES)])
