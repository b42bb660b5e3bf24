"""The latest events about something: the journal is looked through backwards, in slices that let other work pass."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from monitor.core.events import ReceivedEvent
from monitor.core.inputs import Arrival
from monitor.web.source import Source

SLICE = 1_000
"""Inputs that are looked through at a time: about 2 ms."""
MOST_SEARCHED = 200_000
"""Inputs; judgement: some hours of a congress, in less than a second."""


class Found(Struct, frozen=True, kw_only=True):
    """What was found."""

    events: list[ReceivedEvent]
    """The latest first."""
    since: datetime | None
    """From when on everything was looked through; ``None``: from the beginning, or enough was found."""


async def latest_events(  # noqa: PLR0913 - what is wanted, and how far back
    source: Source,
    text: str,
    is_wanted: Callable[[ReceivedEvent], bool],
    most: int,
    *,
    until: int | None = None,
    searched: int = MOST_SEARCHED,
) -> Found:
    """Return the latest events about something.

    Args:
        source: the running monitor.
        text: occurs in the message of each.
        is_wanted: whether an event is one of them.
        most: how many.
        until: the latest input that counts; by default the latest of all.
        searched: how many inputs are looked through at most.

    """
    found: list[ReceivedEvent] = []
    last = until = source.journal.seq if until is None else until
    while until > 0 and last - until < searched:
        after = max(0, until - SLICE)
        for given in source.journal.mentioning(text, after, until):
            if isinstance(given, Arrival):
                found += [event for event in given.events if is_wanted(event)]
        if len(found) >= most:
            return Found(events=found[:most], since=None)
        until = after
        await asyncio.sleep(0)
    since = source.journal.first_received_after(until, stateful=True) if until else None
    return Found(events=found, since=since)
