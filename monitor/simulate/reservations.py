"""Reservations: the times at which ordinary traffic stays away from something that an incident uses."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, Protocol, TypeVar

Thing = Literal["asset", "point", "device", "checklist", "admission", "count", "opening"]
"""What can be reserved: traffic of a point, heartbeats, forms of a checklist; a zone's admission, count and opening."""


class Named(Protocol):
    """A part of the venue with an id."""

    @property
    def id(self) -> str:
        """The id in venue.toml."""


Subject = TypeVar("Subject", bound=Named)


class NothingFree(Exception):
    """The venue has nothing of the kind, or all of it is reserved at that time."""


class Reservations:
    """The intervals for which each thing is reserved."""

    def __init__(self) -> None:
        self._reserved: dict[tuple[Thing, str], list[tuple[datetime, datetime]]] = {}
        self.expected: set[tuple[str, str]] = set()
        """Pairs of a rule and a subject for which an incident expects the rule's alert; once is all a day can have."""

    def reserve(self, thing: Thing, name: str, begin: datetime, end: datetime) -> None:
        """Reserve something for an incident."""
        self._reserved.setdefault((thing, name), []).append((begin, end))

    def is_free(
        self, thing: Thing, name: str, begin: datetime, end: datetime | None = None
    ) -> bool:
        """Return whether it is free at a time, or during an interval."""
        reserved = self._reserved.get((thing, name))
        if reserved is None:
            return True
        until = begin if end is None else end
        return all(until < since or begin > to for since, to in reserved)

    def pick(
        self, thing: Thing, candidates: Iterable[Subject], begin: datetime, end: datetime
    ) -> Subject:
        """Reserve the free candidate with the fewest reservations; of equals, the first.

        Raises:
            NothingFree: no candidate is free.

        """
        free = [row for row in candidates if self.is_free(thing, row.id, begin, end)]
        if not free:
            raise NothingFree(thing)
        chosen = min(free, key=lambda row: len(self._reserved.get((thing, row.id), ())))
        self.reserve(thing, chosen.id, begin, end)
        return chosen
