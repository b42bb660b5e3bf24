"""What a channel is: it takes a text, and says whether it has arrived."""

from datetime import timedelta
from typing import Protocol

from msgspec import Struct

from monitor.journal.outbox import Result
from monitor.texts import Text


class Outcome(Struct, frozen=True, kw_only=True):
    """How it went to hand a text to a channel."""

    result: Result
    reason: str = ""
    """Why it did not arrive; no address and no secret is in it."""
    retry_after: timedelta = timedelta(0)
    """The service asked to be left in peace for so long."""


UNSURE = frozenset({502, 504})
"""HTTP statuses of a gateway that doesn't know what became of the message behind it."""
DELIVERED = Outcome(result="delivered")


class Channel(Protocol):
    """One way to reach somebody."""

    async def send(self, text: Text) -> Outcome:
        """Hand a text over; a failure is an outcome, not an exception. The caller limits the time."""
        ...

    async def reach(self) -> str:
        """Tell why the service can't be reached; empty if it can, or if only a message would show it."""
        ...

    async def close(self) -> None:
        """Let go of what is open."""
        ...
