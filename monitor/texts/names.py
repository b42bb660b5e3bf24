"""The display names from the venue and the roster in force, kept for as long as both stay as they are."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from monitor.core.roster import Person
from monitor.core.rules.model import RuleSet
from monitor.core.venue.display_names import DisplayNames

if TYPE_CHECKING:
    from monitor.core.venue.model import Venue


class NamesInForce:
    """What people, teams and places are called, by language.

    Args:
        rule_set: returns the rules and the venue in force.
        people: returns the people on the roster, by id.
        teams: returns the names of the teams on the roster, by id.

    """

    def __init__(
        self,
        rule_set: Callable[[], RuleSet],
        people: Callable[[], Mapping[str, Person]],
        teams: Callable[[], Mapping[str, str]],
    ) -> None:
        self._rule_set = rule_set
        self._people = people
        self._teams = teams
        self._known: tuple[Venue, Mapping[str, Person], Mapping[str, str]] | None = None
        self._names: dict[str, DisplayNames] = {}
        """By the tag of a language."""

    def by_tag(self, tag: str) -> DisplayNames:
        """Return the names in the language of a tag; with an empty one, as the files have them first."""
        known = self._rule_set().venue, self._people(), self._teams()
        if self._known is None or self._known[0] is not known[0] or self._known[1:] != known[1:]:
            self._known, self._names = known, {}
        if tag not in self._names:
            venue, people, teams = known
            named = {row.id: row.name for row in people.values()}
            self._names[tag] = DisplayNames(venue, named, teams, tag)
        return self._names[tag]
