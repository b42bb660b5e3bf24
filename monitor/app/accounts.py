"""The accounts beside the journal: opened at the start, with a first link; their audit goes into the journal."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import structlog
from msgspec.structs import replace

from monitor.accounts import Accounts, accounts_path
from monitor.config import Config
from monitor.core.oncall.on_call import is_on_call
from monitor.errors import AccountsUnusable
from monitor.ingest.line import Line

LOOK_EVERY = 1.0
"""Seconds between two looks at what was done to accounts, also by commands."""

log = structlog.get_logger()


def open_accounts(config: Config, pipeline: Line, stack: AsyncExitStack) -> Accounts:
    """Open the accounts. They are of real time: no one's password or session is a part of a simulated day."""
    return stack.enter_context(
        Accounts(
            accounts_path(config.journal.path),
            lambda: datetime.now(UTC),
            is_on_call=lambda person: is_on_call(pipeline.engine.state, person),
        )
    )


class AuditRelay:
    """Moves what was done to accounts into the journal, where each act is an event, once.

    The line goes on without the accounts: if their file can't be read, the log says so until it can.
    """

    def __init__(self, accounts: Accounts, pipeline: Line, look_every: float = LOOK_EVERY) -> None:
        self._accounts = accounts
        self._pipeline = pipeline
        self._look_every = look_every
        self._trouble = ""

    async def run(self) -> None:
        """Move, until cancelled.

        Raises:
            JournalError: the journal can't be written.

        """
        while True:
            try:
                self.move()
            except AccountsUnusable as error:
                self._note(str(error))
            else:
                self._note("")
            await asyncio.sleep(self._look_every)

    def move(self) -> None:
        """Move what waits.

        Raises:
            AccountsUnusable: their file can't be read or written.
            JournalError: the journal can't be written.

        """
        for number, event in self._accounts.audit.waiting():
            dated = replace(event, at=self._pipeline.clock.now())
            if self._pipeline.notice_once(dated, "accounts"):
                self._accounts.audit.forget(number)

    def _note(self, trouble: str) -> None:
        if trouble and trouble != self._trouble:
            log.error("accounts_unusable", reason=trouble)
        self._trouble = trouble


def show_first_link(accounts: Accounts, base: str) -> None:
    """Log the link that makes the first account, if there is no account yet."""
    try:
        token = accounts.invitation.first()
    except AccountsUnusable as error:
        log.error("accounts_unusable", reason=str(error))  # noqa: TRY400 - the text says all
        return
    if token is not None:
        log.warning("no_account_yet", open_within_30_minutes=f"{base}/first/{token}")
