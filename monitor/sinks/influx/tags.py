"""The tags of points, from the rules and the venue in force: places, names, and pseudonyms of people."""

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from monitor.core.alert import Alert
from monitor.core.phrase import Phrase
from monitor.core.rules.model import Rule, RuleSet
from monitor.core.rules.template import fields_of
from monitor.core.rules.title import render
from monitor.core.venue.display_names import DisplayNames
from monitor.core.venue.places import NOWHERE, Place, Places
from monitor.runtime.pseudonym import pseudonym
from monitor.sinks.influx.schema import NONE
from monitor.texts import plain
from monitor.texts.language import Language, languages
from monitor.texts.title import rule_name

if TYPE_CHECKING:
    from monitor.core.venue.model import Venue

UNKNOWN = "unknown"
"""The tag of a name that is not in venue.toml: a sender must not create series by inventing names."""
HELD_OPEN_LIMITS = ("point.held_open_limit", "point.held_open_critical")
"""The limits in venue.toml after which a door counts as held open; ``point.held_open_warning`` is a warning only."""
MOST_NAMES = 5_000
"""Distinct values of a tag that senders choose (assets, quantities, agencies); further values become `OTHER`."""
OTHER = "other"
WRITTEN_IN = ("en", "vi", "ar")
"""The languages of the dashboards."""
PERSONAL = frozenset(
    {"approver", "credential", "done_by", "holder", "inspector", "owner", "to", "who"}
)
"""Fields of events that name a person or a card."""
PRIVATE = frozenset({"note", "text"})
"""Fields with free text."""


class Where(NamedTuple):
    """The tags of a place."""

    site: str = NONE
    zone: str = NONE
    point: str = NONE


class TagSource:
    """Looks up tags in a rule set and its venue.

    Args:
        rule_set: the rules and the venue in force.
        key: the key for pseudonyms.

    """

    def __init__(self, rule_set: RuleSet, key: bytes) -> None:
        self.venue: Venue = rule_set.venue
        self.places = Places(rule_set.venue)
        self.names = DisplayNames(rule_set.venue)
        self._key = key
        self._rules: dict[str, Rule] = {rule.id: rule for rule in rule_set.rules}
        self.silent_rules = frozenset(rule.id for rule in rule_set.rules if rule.silent)
        """The rules whose alerts are on no public screen."""
        self.held_open_rules = frozenset(rule.id for rule in rule_set.rules if _is_held_open(rule))
        """The rules whose alerts mean that a door is held open."""
        self.person = lru_cache(maxsize=MOST_NAMES)(self._person)
        self._names: dict[str, set[str]] = {}
        self._sites = frozenset(row.id for row in rule_set.venue.sites)

    # Where -------------------------------------------------------------------------------------------------------

    def point(self, name: str) -> Place:
        """Return the place of an access point; `NOWHERE` if it is not in venue.toml."""
        return self.places.points.get(name, NOWHERE)

    def zone(self, name: str) -> Where:
        """Return the tags of a zone."""
        if not name:
            return Where()
        place = self.places.zones.get(name)
        return Where(zone=UNKNOWN) if place is None else Where(place.site, place.zone)

    def site_of_topic(self, topic: str) -> str:
        """Return the site that a topic names; `NONE` if it names none of the venue."""
        site = topic.partition("/")[2].partition("/")[0]
        return site if site in self._sites else NONE

    def name(self, kind: str, value: str) -> str:
        """Return a tag's value that a sender chose; `OTHER` once there are too many distinct ones."""
        known = self._names.setdefault(kind, set())
        if not value or value in known:
            return value or NONE
        if len(known) >= MOST_NAMES:
            return OTHER
        known.add(value)
        return value

    def holder_class(self, name: str) -> str:
        """Return a class of accreditation; `UNKNOWN` if it is not in venue.toml."""
        return name if name in self.places.classes else UNKNOWN

    # Who ---------------------------------------------------------------------------------------------------------

    def _person(self, name: str) -> str:
        """Return 16 hexadecimal digits for a person or a card; empty for an empty name."""
        return pseudonym(name, self._key)[:16]

    def subject_and_titles(self, alert: Alert) -> tuple[str, dict[str, str]]:
        """Return an alert's subject, and its title by language, with pseudonyms for people and without free text.

        If the alert's rule has been removed, the title is the rule's id: which of its values are names is unknown.
        """
        rule = self._rules.get(alert.rule)
        if rule is None:
            return "", dict.fromkeys(WRITTEN_IN, alert.rule)
        parts = alert.key.split(" / ")
        known = len(parts) == len(rule.by)
        subject = " / ".join(map(self._shown, rule.by, parts)) if known else self.person(alert.key)
        return subject, {tag: self._title(alert, rule, tag) for tag in WRITTEN_IN}

    def rule_names(self, rule: str) -> dict[str, str]:
        """Return what a rule is about, by language; its id if it has been removed."""
        found = self._rules.get(rule)
        if found is None:
            return dict.fromkeys(WRITTEN_IN, rule)
        return {tag: rule_name(found, languages()[tag]) for tag in WRITTEN_IN}

    def _title(self, alert: Alert, rule: Rule, tag: str) -> str:
        template = rule.titles.get(tag, rule.title)
        wording: Language = languages()[tag]
        values = {name: self._shown(name, value) for name, value in alert.values.items()}
        if any(name not in values for name in fields_of(template)):
            return rule.id  # the rule's title has been changed since
        return render(template, values, self.names, wording, alert.happened_at)

    def _shown(self, name: str, value: str | Phrase) -> str:
        if isinstance(value, Phrase):
            return plain(value)
        if name in PERSONAL:
            return self.person(value)
        return "..." if name in PRIVATE else value


def _is_held_open(rule: Rule) -> bool:
    return rule.hold is not None and rule.hold.longer_than in HELD_OPEN_LIMITS
