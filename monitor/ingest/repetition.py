"""Tells messages that the monitor has taken in already from new ones."""

from collections.abc import Sequence
from enum import Enum

from msgspec import Struct

from monitor.core.decode import decode, has_moved
from monitor.core.identity import content_of, identity, identity_in_version_4, is_same_sender
from monitor.core.ids import digest
from monitor.core.inputs import Arrival, Rejected
from monitor.journal import Journal
from monitor.mqtt import Message


class Received(Struct, frozen=True, gc=False):
    """A message as decoded."""

    message: Message
    input: Arrival | Rejected


class Novelty(Enum):
    """What the journal knows of a message."""

    NEW = "new"
    AGAIN = "again"
    """It is in the journal already."""
    ID_REUSED = "id reused"
    """It is new, but its sender has used its id for another event."""


def was_taken_in(message: Message, journal: Journal) -> bool:
    """Return whether a message that is refused on its topic today was taken in there by an older version.

    The broker may send it again after the upgrade: it is a duplicate then, and no refusal.
    """
    if not has_moved(message.topic):
        return False
    given = decode(message.topic, message.payload, message.received_at, recorded=True)
    if isinstance(given, Rejected):
        return False
    keys = identity(given, message.topic, message.payload), identity_in_version_4(given)
    found = (journal.message(key) for key in keys if key is not None)
    content = content_of(given)
    return any(isinstance(first, Arrival) and content_of(first) == content for first in found)


class Repetitions:
    """Recognises the repetitions in one batch of messages.

    Args:
        journal: knows the messages of earlier batches.
        batch: the messages.

    Raises:
        JournalError: the journal can't be read.

    """

    def __init__(self, journal: Journal, batch: Sequence[Received]) -> None:
        self._journal = journal
        self._has_version_4 = journal.has_version_4
        keys = [identity(row.input, row.message.topic, row.message.payload) for row in batch]
        self._keys = iter(keys)
        earlier = map(identity_in_version_4, (row.input for row in batch))
        in_version_4 = filter(None, earlier) if self._has_version_4 else ()
        self._seen = journal.seen([*dict.fromkeys((*keys, *in_version_4))])
        self._batch: dict[bytes, Arrival | Rejected] = {}

    def recognise(self, received: Received) -> tuple[Novelty, bytes]:
        """Return whether the next message of the batch is new, and its identity."""
        key, given = next(self._keys), received.input
        if key not in self._seen and key not in self._batch and not self._has_version_4:
            return Novelty.NEW, key
        first = self._first(key, given)
        if first is None:
            return Novelty.NEW, key
        match first, given:
            case Arrival(), Arrival(events=(event,)) if event.id:
                content = content_of(given)
                if content_of(first) == content:
                    return Novelty.AGAIN, key
            case _:
                return Novelty.AGAIN, key
        other = key[:4] + digest(key + content, size=12)
        if other in self._batch or self._journal.seen([other]):
            return Novelty.AGAIN, other
        return Novelty.ID_REUSED, other

    def remember(self, key: bytes, given: Arrival | Rejected) -> None:
        """Remember a message of this batch that was taken in."""
        self._batch[key] = given

    def _first(self, key: bytes, given: Arrival | Rejected) -> Arrival | Rejected | None:
        """Return the message that was taken in first with an identity; ``None`` if there is none."""
        if key in self._batch:
            return self._batch[key]
        if key in self._seen:
            return self._message(key)
        if not self._has_version_4:
            return None
        earlier = identity_in_version_4(given)
        if earlier not in self._seen:
            return None
        # Version 4 took events of several senders for one.
        first = self._message(earlier)
        match first, given:
            case Arrival(), Arrival() if is_same_sender(first, given):
                return first
            case _:
                return None

    def _message(self, key: bytes) -> Arrival | Rejected | None:
        found = self._journal.message(key)
        return found if isinstance(found, Arrival | Rejected) else None
