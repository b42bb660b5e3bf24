"""The day's messages: drafts, which are put in order, numbered and encoded."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Literal

import msgspec

from monitor.core.decode import topic_of
from monitor.core.events import ReceivedEvent

Outcome = Literal["input", "duplicate", "unreadable"]
"""What the monitor must make of a message: an input, a duplicate of one, or a rejected input."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One message of the day."""

    at: datetime
    """When it is sent."""
    topic: str
    payload: bytes
    retain: bool = False
    incident: str = ""
    """The planted incident to which it belongs; empty for ordinary traffic."""
    id: str = ""
    """The event's id; empty if it is not an event in the monitor's own format."""
    outcome: Outcome = "input"


@dataclass(frozen=True, slots=True)
class Raw:
    """A message that is not an event in the monitor's own format."""

    topic: str
    payload: bytes
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Draft:
    """A message without a number."""

    at: datetime
    content: ReceivedEvent | Raw
    retain: bool = False
    incident: str = ""
    repeat_after: timedelta | None = None
    """After this time the same bytes are sent again."""


def in_order(bursts: Iterable[tuple[datetime, Iterable[Draft]]]) -> Iterator[Draft]:
    """Sort drafts that come in bursts, each with a time before which no later draft can be."""
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
    drafts: Iterable[Draft], site_of: Callable[[ReceivedEvent], str], seed: int
) -> Iterator[Planned]:
    """Number and encode drafts, which come in order of sending."""
    waiting: list[tuple[datetime, int, Planned]] = []
    for n, draft in enumerate(drafts):
        while waiting and waiting[0][0] <= draft.at:
            yield heappop(waiting)[2]
        message = _encoded(draft, site_of, f"sim-{seed}-{n}")
        yield message
        if draft.repeat_after is not None:
            repeat = replace(message, at=draft.at + draft.repeat_after, outcome="duplicate")
            heappush(waiting, (repeat.at, n, repeat))
    while waiting:
        yield heappop(waiting)[2]


def _encoded(draft: Draft, site_of: Callable[[ReceivedEvent], str], name: str) -> Planned:
    match draft.content:
        case Raw(topic, payload, outcome):
            return Planned(draft.at, topic, payload, draft.retain, draft.incident, outcome=outcome)
        case content:
            event = msgspec.structs.replace(content, id=name)
            topic = topic_of(event, site_of(event))
            payload = _ENCODER.encode(event)
            return Planned(draft.at, topic, payload, draft.retain, draft.incident, name)


_ENCODER = msgspec.json.Encoder()
