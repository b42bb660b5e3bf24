"""Titles of alerts: their values from an event and its place, shown with the names that are in force."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from monitor.core.compile.compiled_rule import CompiledRule
from monitor.core.events import kind_of
from monitor.core.operators.protocol import Fire
from monitor.core.phrase import Phrase
from monitor.core.roster import Roster, names_of
from monitor.core.rules.computed import of_kind
from monitor.core.rules.fields import PHRASE
from monitor.core.rules.model import Rule
from monitor.core.rules.title import Wording, raw, render, render_phrase
from monitor.core.state.state import State
from monitor.core.venue.display_names import NO_NAMES, DisplayNames
from monitor.core.venue.places import Place

if TYPE_CHECKING:
    from monitor.core.venue.model import Venue


MOST_TITLES = 1_000
"""The limit of titles remembered; judgement: twice the alerts that one rule may have open."""


class Titles:
    """Renders titles and sentences in the language of the rule files.

    Args:
        state: holds the venue and the roster in force.
        wording: the language.

    """

    __slots__ = ("_names", "_names_of", "_rendered", "_state", "_wording")

    def __init__(self, state: State, wording: Wording) -> None:
        self._state = state
        self._wording = wording
        self._names_of: tuple[Venue, Roster | None] | None = None
        self._names = NO_NAMES
        self._rendered: dict[tuple[str, datetime], tuple[Mapping[str, str | Phrase], str]] = {}
        """The latest titles with these names, and their values: an alert that recurs mostly keeps its title."""

    def render_phrase(self, row: Phrase | str) -> str:
        """Return a sentence in the language of the rule files."""
        return render_phrase(row, self.names, self._wording)

    def render(self, rule: Rule, values: Mapping[str, str | Phrase], happened_at: datetime) -> str:
        """Return the title of an alert, with the names from the venue and the roster in force."""
        names, of = self.names, (rule.title, happened_at)
        known = self._rendered.get(of)
        if known is not None and known[0] == values:
            return known[1]
        if len(self._rendered) >= MOST_TITLES:
            self._rendered.clear()
        title = render(rule.title, values, names, self._wording, happened_at)
        self._rendered[of] = values, title
        return title

    def values(
        self, compiled: CompiledRule, key: str, fire: Fire, place: Place
    ) -> dict[str, str | Phrase]:
        """Return the values of a title; an alert about several unknown names shows the latest and how many more."""
        values = _values(compiled, fire, place)
        names = self._state.alerts.unknown_names.get(f"{compiled.rule.id} {key}", {})
        if len(names) > 1:
            more = f" (+{len(names) - 1})"
            values |= {
                field: f"{value}{more}"
                for field, value in values.items()
                if field in compiled.rule.by and value
            }
        return values

    @property
    def names(self) -> DisplayNames:
        """The display names from the venue and the roster in force."""
        venue, roster = self._state.rule_set.venue, self._state.paging.roster
        known = self._names_of
        if known is None or known[0] is not venue or known[1] is not roster:
            self._names_of = venue, roster
            self._names = names_of(venue, roster)
            self._rendered.clear()
        return self._names


def _values(compiled: CompiledRule, fire: Fire, place: Place) -> dict[str, str | Phrase]:
    values: dict[str, str | Phrase] = {}
    derived = of_kind(kind_of(fire.event))
    for name in compiled.title_fields:
        value: Any = fire.n if name == "n" else getattr(fire.event, name, None)
        if value is None and name in derived:
            value = derived[name].read(fire.event, place)
        if value is None or value == "":
            value = getattr(place, name, "")
        as_phrase = getattr(fire.event, PHRASE, None) if name == "reason" else None
        values[name] = raw(value) if as_phrase is None else as_phrase
    return values
