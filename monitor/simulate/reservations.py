"""The diary: when ordinary traffic stays away from something, because an incident has it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, Protocol, TypeVar

Thing = Literal["point", "device", "checklist", "admission", "count", "opening"]
"""What can be kept: a point's traffic, a device's beats, a checklist's forms; a zone's admission, count and opening."""


class Named(Protocol):
    """Something of the venue."""

    @property
    def id(self) -> str:
        """Its name."""


Subject = TypeVar("Subject", bound=Named)


class NothingFree(Exception):
    """The venue has nothing of the kind, or all of it is taken at that time."""


class Diary:
    """Who has what, from when to when."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Thing, str], list[tuple[datetime, datetime]]] = {}
        self.called: set[tuple[str, str]] = set()
        """For which subjects a rule has been called for that must be so only once."""

    def keep(self, thing: Thing, name: str, begin: datetime, end: datetime) -> None:
        """Put something down for an incident."""
        self._kept.setdefault((thing, name), []).append((begin, end))

    def is_free(
        self, thing: Thing, name: str, begin: datetime, end: datetime | None = None
    ) -> bool:
        """Tell whether nobody has it then."""
        kept = self._kept.get((thing, name))
        if kept is None:
            return True
        until = begin if end is None else end
        return all(until < since or begin > to for since, to in kept)

    def pick(
        self, thing: Thing, candidates: Iterable[Subject], begin: datetime, end: datetime
    ) -> Subject:
        """Keep the candidate that is free then and was taken least so far; of equals, the first.

        Raises:
            NothingFree: there is none.

        """
        free = [row for row in candidates if self.is_free(thing, row.id, begin, end)]
        if not free:
            raise NothingFree(thing)
        chosen = min(free, key=lambda row: len(self._kept.get((thing, row.id), ())))
        self.keep(thing, chosen.id, begin, end)
        return chosen
