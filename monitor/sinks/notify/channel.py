"""The interface of a channel: it sends a text and reports the outcome."""

from datetime import timedelta
from typing import Protocol

from msgspec import Struct

from monitor.core.phrase import Phrase
from monitor.journal.outbox import AttemptResult
from monitor.texts import Text


class Outcome(Struct, frozen=True, kw_only=True):
    """The outcome of sending a text."""

    result: AttemptResult
    reason: Phrase | str = ""
    """Why it was not delivered, without addresses and secrets."""
    retry_after: timedelta = timedelta(0)
    """How long the service asks us to wait."""


UNSURE = frozenset({502, 504})
"""HTTP statuses of a gateway that does not know whether the service behind it has the message."""
DELIVERED = Outcome(result="delivered")


class PageChannel(Protocol):
    """One way to reach a person."""

    async def send(self, text: Text) -> Outcome:
        """Send a text; a failure is an outcome, not an exception. The caller sets the timeout."""
        ...

    async def reach(self) -> Phrase | str:
        """Return why the service cannot be reached; empty if it can, or if only sending a message would show."""
        ...

    async def close(self) -> None:
        """Close open connections."""
        ...
