"""Accounts in a file of their own, on a clock that the test sets, with passwords that are quick to compute."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import assert_never

from argon2 import PasswordHasher

from monitor.accounts import Account, Accounts, Actor, Grant, Session
from monitor.core.events.monitor_accounts import (
    MonitorAccountChanged,
    MonitorActsRefused,
    MonitorEmergencyAct,
    MonitorSignInsFailed,
    NoticedOfAccounts,
)
from monitor.errors import SignInRefused
from tests.support.pipeline import ManualClock

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "correct horse battery staple"
ADMIN = Actor("admin")
LAPTOP, ADDRESS = "Firefox on Debian", "192.0.2.7"


class AccountsHarness:
    """An accounts' file with its clock.

    Args:
        folder: where the file is.
        hasher: what computes passwords.

    """

    def __init__(self, folder: Path, hasher: PasswordHasher = QUICK) -> None:
        self.path = folder / "accounts.db"
        self.clock = ManualClock()
        self.accounts = Accounts(self.path, self.clock.now, hasher)

    def advance(self, **units: float) -> None:
        """Let time pass."""
        self.clock.time += timedelta(**units)

    async def add(
        self, name: str, *grants: Grant, person: str = "", password: str = PASSWORD
    ) -> Account:
        """Add an account with a password."""
        self.accounts.add(Account(name=name, person=person, grants=grants), ADMIN)
        await self.accounts.set_password(name, password, ADMIN)
        account = self.accounts.find(name)
        assert account is not None
        return account

    async def sign_in(
        self, name: str, password: str = PASSWORD, address: str = ADDRESS, known: str = ""
    ) -> tuple[str, Session]:
        """Sign in at the laptop."""
        return await self.accounts.sign_in(name, password, address, LAPTOP, known=known)

    async def refused(self, name: str, address: str = ADDRESS, known: str = "") -> timedelta:
        """Give a wrong password; return how long the next try has to wait."""
        try:
            await self.sign_in(name, "wrong", address, known)
        except SignInRefused as error:
            return error.retry_after
        raise AssertionError(f"{name} was signed in with a wrong password")

    def acts(self) -> Sequence[tuple[str, str, str]]:
        """Return what the audit has: act, account, and by whom; of wrong passwords, where from."""
        return [_told(event) for _, event in self.accounts.audit.waiting()]


def _told(event: NoticedOfAccounts) -> tuple[str, str, str]:
    match event:
        case MonitorAccountChanged():
            return event.act, event.account, event.by
        case MonitorActsRefused():
            return event.right, event.account, event.route
        case MonitorEmergencyAct():
            return event.act, event.user, event.who
        case MonitorSignInsFailed():
            return "sign_ins_failed", event.account, event.address
        case _:
            assert_never(event)
