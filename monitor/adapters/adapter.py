"""What an adapter is: a vendor's message in, events out, or the reason why not."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from monitor.core.events import Event
from monitor.core.events.access import Access
from monitor.core.events.door import Door

AtPoint = Access | Door
"""Events that name an access point."""
Fields = dict[str, Any]
"""Fields of an event on its way to being made."""
Meaning = tuple[type[AtPoint], Mapping[str, Any]]
"""What a vendor's word means: an event type, and the fields that the word decides."""


class Adapter(Protocol):
    """Knows the messages of one vendor."""

    @property
    def format(self) -> str:
        """Its name in ``config.toml``, e.g. ``uhppoted``."""

    def translate(
        self, topic: str, payload: bytes, received_at: datetime, *, retained: bool
    ) -> tuple[Event, ...] | str:
        """Return the events that a message tells, or the reason of a refusal; never raise.

        The reason names what was found and what to change. ``at`` of an event is ``received_at``
        itself where the message carries no time of its own.
        """
