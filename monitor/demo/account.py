"""The account with which whoever watches a demonstration looks at its console."""

from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from monitor.accounts import Account, Accounts, Actor, Grant, accounts_path
from monitor.core.roster import Person
from monitor.errors import LinkInvalid
from monitor.simulate import DUTY_OFFICER, SAFETY_OFFICER

NAME = "demo"
DEMO = Actor("demo@demo")


class DemoAccount:
    """An officer and supervisor of every site, who signs in by a link; a link that was used is followed by another.

    Beside it are the accounts of the simulated day's safety officer, who signs zones off, and of its duty officer, who
    approves inspections; nobody signs in with them.

    Args:
        journal: the journal of the demonstration's monitor; the accounts are beside it.
        person: of the demonstration's roster, whose acts the account's are; ``None``: there is none.
        stack: closes the accounts.

    """

    def __init__(self, journal: Path, person: Person | None, stack: ExitStack) -> None:
        self._accounts = stack.enter_context(
            Accounts(accounts_path(journal), lambda: datetime.now(UTC))
        )
        self.full_name = NAME if person is None else person.name
        account = Account(
            name=NAME,
            person="" if person is None else person.id,
            full_name=self.full_name,
            grants=(Grant(role="officer"), Grant(role="supervisor")),
        )
        self._accounts.add(account, DEMO)
        for name in (SAFETY_OFFICER, DUTY_OFFICER):
            self._accounts.add(Account(name=name, grants=(Grant(role="supervisor"),)), DEMO)
        self._token = self._accounts.invitation.make_sign_in(NAME, DEMO)

    @property
    def path(self) -> str:
        """The path of a link that can be used."""
        try:
            self._accounts.invitation.sign_in_account(self._token)
        except LinkInvalid:
            self._token = self._accounts.invitation.make_sign_in(NAME, DEMO)
        return f"/join/{self._token}"
