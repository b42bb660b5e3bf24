"""The interface of an adapter: a vendor's message in, events or a reason for refusing it out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from monitor.core.events import ReceivedEvent
from monitor.core.events.access import Access
from monitor.core.events.door import Door
from monitor.core.phrase import Phrase

AtPoint = Access | Door
"""Events that name an access point."""
Fields = dict[str, Any]
"""The fields of an event that is being made."""
Meaning = tuple[type[AtPoint], Mapping[str, Any]]
"""The meaning of a vendor's word: an event type, and the fields that the word decides."""


class Adapter(Protocol):
    """A translator of one vendor's messages."""

    @property
    def format(self) -> str:
        """Its name in ``config.toml``, e.g. ``uhppoted``."""

    def translate(
        self, topic: str, payload: bytes, received_at: datetime, *, retained: bool
    ) -> tuple[ReceivedEvent, ...] | Phrase:
        """Return the events of a message, or the reason for refusing it; never raise.

        The reason names what was found and what to change. Where the message carries no time, ``at`` of its events
        is the very object ``received_at``.
        """
