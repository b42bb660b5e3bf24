"""What people do in the process of their console: events under a key, the same whenever an act is sent again."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from monitor.core.decode import checked
from monitor.core.events import ReceivedEvent
from monitor.core.identity import act_of, identity_of_key
from monitor.core.inputs import Arrival
from monitor.core.phrase import Phrase
from monitor.core.transitions import Transition
from monitor.errors import EventInvalid
from monitor.journal import Journal
from monitor.texts import plain


class Act(NamedTuple):
    """An act as an input, and what the journal knows of it."""

    given: Arrival
    identity: bytes
    is_reused: bool
    """The key was used for something else; the act is another one all the same."""
    before: list[Transition] | None
    """What followed when it was done before; ``None``: it is new."""


def read_act(
    events: Sequence[ReceivedEvent], source: str, key: str, now: datetime, journal: Journal
) -> Act:
    """Return an act that a person sends; its events belong together, such as a form and the work that it orders.

    Args:
        events: the first gets the key as its id, and each other one the key with its place.
        source: where from and by whom, such as ``console/n.tran``; no topic.
        key: the same whenever the same act is sent again.
        now: the present time.
        journal: knows what was done before.

    Raises:
        EventInvalid: one of the events may not be sent.
        JournalError: the journal can't be read.

    """
    read = tuple(
        _sendable(replace(event, id=f"{key}.{n}" if n else key)) for n, event in enumerate(events)
    )
    own, is_reused = identity_of_key(source, key), False
    first, content = journal.message(own), _acts_of(read)
    if isinstance(first, Arrival) and _acts_of(first.events) != content:
        own, is_reused = identity_of_key(source, f"{key} {content.decode()}"), True
    given = Arrival(received_at=now, source=source, events=read)
    return Act(given, own, is_reused, journal.transitions_of(own))


def _sendable(event: ReceivedEvent) -> ReceivedEvent:
    """Return an event as it will be read again.

    Raises:
        EventInvalid: it is not one that may be sent.

    """
    read = checked(event)
    if isinstance(read, Phrase):
        raise EventInvalid(read, plain(read))
    return read


def _acts_of(events: Sequence[ReceivedEvent]) -> bytes:
    return b"\n".join(map(act_of, events))
