"""Who is on call and who hears of what, as the core sees it: people, shifts that have been worked out, ladders."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from monitor.core.venue import Slug


class Person(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who can be paged. Addresses and secrets are not here: they never get into the journal."""

    id: Slug
    name: str
    languages: tuple[str, ...] = ()
    """BCP 47 tags, the best understood first; then the congress's."""
    agency: str = ""
    channels: tuple[str, ...] = ()
    """Names of the ways to reach this person, the one to try first in front."""


class Shift(Struct, frozen=True, kw_only=True):
    """One person is on call in one team for a while."""

    team: Slug
    person: Slug
    starts: datetime
    ends: datetime
    why: str = ""
    """Where it comes from: a rotation, a calendar, an override."""


class Roster(Struct, frozen=True, kw_only=True):
    """Everybody, and who is on call when."""

    people: tuple[Person, ...] = ()
    shifts: tuple[Shift, ...] = ()

    @property
    def by_id(self) -> Mapping[str, Person]:
        """The people by their ids."""
        return {person.id: person for person in self.people}
