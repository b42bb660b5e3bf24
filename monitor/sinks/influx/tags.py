"""What the rules and the venue in force say of what points are about: where things are, and who may be named."""

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from monitor.core.alert import Alert
from monitor.core.rules.model import Rule, RuleBook
from monitor.core.venue.places import NOWHERE, Place, Places
from monitor.runtime.pseudonym import pseudonym
from monitor.sinks.influx.schema import NONE

if TYPE_CHECKING:
    from monitor.core.venue.model import Venue

STRANGE = "unknown"
"""The tag of what the venue file doesn't know: whoever sends made-up names must not make series of them."""
MOST_NAMES = 5_000
"""Values of a tag that senders choose (assets, quantities, agencies); what comes after these is `OTHER`."""
OTHER = "other"
PERSONAL = frozenset(
    {"approver", "credential", "done_by", "holder", "inspector", "owner", "to", "who"}
)
"""Fields of events that name a person, or a card."""
PRIVATE = frozenset({"note", "text"})
"""Fields in which people write as they like."""


class Where(NamedTuple):
    """The tags of a place."""

    site: str = NONE
    zone: str = NONE
    point: str = NONE


class Ground:
    """Looks things up in a rule book and its venue.

    Args:
        book: the rule book in force.
        key: makes pseudonyms of people.

    """

    def __init__(self, book: RuleBook, key: bytes) -> None:
        self.venue: Venue = book.venue
        self.places = Places(book.venue)
        self._key = key
        self._rules: dict[str, Rule] = {rule.id: rule for rule in book.rules}
        self.silent = frozenset(rule.id for rule in book.rules if rule.silent)
        """The rules whose alerts are on no public screen."""
        self.person = lru_cache(maxsize=MOST_NAMES)(self._person)
        self._names: dict[str, set[str]] = {}

    # Where -------------------------------------------------------------------------------------------------------

    def point(self, name: str) -> Place:
        """Return the place of an access point, `NOWHERE` for one that the venue doesn't know."""
        return self.places.points.get(name, NOWHERE)

    def zone(self, name: str) -> Where:
        """Return the tags of a zone."""
        if not name:
            return Where()
        place = self.places.zones.get(name)
        return Where(zone=STRANGE) if place is None else Where(place.site, place.zone)

    def name(self, kind: str, value: str) -> str:
        """Return a tag's value that a sender chose, as long as there are not too many different ones."""
        known = self._names.setdefault(kind, set())
        if not value or value in known:
            return value or NONE
        if len(known) >= MOST_NAMES:
            return OTHER
        known.add(value)
        return value

    # Who ---------------------------------------------------------------------------------------------------------

    def _person(self, name: str) -> str:
        """Return 16 hexadecimal digits for a person or a card, nothing for nobody."""
        return pseudonym(name, self._key)[:16]

    def told(self, alert: Alert) -> tuple[str, str]:
        """Return what an alert is about, and its title, with pseudonyms for people and without what they wrote.

        Of an alert whose rule is gone only the rule is told: nobody knows which of its words are names.
        """
        rule = self._rules.get(alert.rule)
        if rule is None:
            return "", alert.rule
        parts = alert.key.split(" / ")
        known = len(parts) == len(rule.by)
        subject = " / ".join(map(self._word, rule.by, parts)) if known else self.person(alert.key)
        values = {name: self._word(name, value) for name, value in alert.values.items()}
        try:
            return subject, rule.title.format_map(values)
        except (KeyError, ValueError, AttributeError):
            return subject, rule.id  # the rule has another title by now

    def _word(self, name: str, value: str) -> str:
        if name in PERSONAL:
            return self.person(value)
        return "..." if name in PRIVATE else value
