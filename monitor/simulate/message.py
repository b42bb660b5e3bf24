"""What is going to be sent: drafts of the day's messages, put in order, numbered and written out."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Literal

import msgspec

from monitor.core.decode import topic_of
from monitor.core.events import Event

Meant = Literal["news", "duplicate", "unreadable"]
"""What the monitor should make of a message: an input, the repetition of one, or a rejected input."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One message of the day."""

    at: datetime
    """When it is sent."""
    topic: str
    payload: bytes
    retain: bool = False
    incident: str = ""
    """The planted incident that it belongs to; empty for ordinary traffic."""
    id: str = ""
    """The event's own id; empty where it isn't one of our own events."""
    meant: Meant = "news"


@dataclass(frozen=True, slots=True)
class Raw:
    """A message that is not one of our own events."""

    topic: str
    payload: bytes
    meant: Meant


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that has no number yet."""

    at: datetime
    what: Event | Raw
    retain: bool = False
    incident: str = ""
    again: timedelta | None = None
    """So much later the same bytes are sent once more."""


def in_order(bursts: Iterable[tuple[datetime, Iterable[Draft]]]) -> Iterator[Draft]:
    """Sort drafts that come in bursts: each burst with a time that no later draft is before."""
    waiting: list[tuple[datetime, int, Draft]] = []
    n = 0
    for begin, burst in bursts:
        for draft in burst:
            heappush(waiting, (draft.at, n, draft))
            n += 1
        while waiting and waiting[0][0] < begin:
            yield heappop(waiting)[2]
    while waiting:
        yield heappop(waiting)[2]


def planned(
    drafts: Iterable[Draft], site_of: Callable[[Event], str], seed: int
) -> Iterator[Planned]:
    """Number the drafts, which come in order of sending, and write them out."""
    waiting: list[tuple[datetime, int, Planned]] = []
    for n, draft in enumerate(drafts):
        while waiting and waiting[0][0] <= draft.at:
            yield heappop(waiting)[2]
        message = _written(draft, site_of, f"sim-{seed}-{n}")
        yield message
        if draft.again is not None:
            again = replace(message, at=draft.at + draft.again, meant="duplicate")
            heappush(waiting, (again.at, n, again))
    while waiting:
        yield heappop(waiting)[2]


def _written(draft: Draft, site_of: Callable[[Event], str], name: str) -> Planned:
    match draft.what:
        case Raw(topic, payload, meant):
            return Planned(draft.at, topic, payload, draft.retain, draft.incident, meant=meant)
        case event:
            said = msgspec.structs.replace(event, id=name)
            topic = topic_of(said, site_of(said))
            payload = _WRITE.encode(said)
            return Planned(draft.at, topic, payload, draft.retain, draft.incident, name)


_WRITE = msgspec.json.Encoder()
