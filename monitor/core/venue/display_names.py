"""The names that people know places and things by, for the ids that events carry."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from zoneinfo import ZoneInfo

from monitor.core.venue.accreditation import DEFAULT
from monitor.core.venue.model import Venue

SEPARATOR = " / "
"""Between the parts of a subject or key."""
_TABLE_OF = {
    "point": "points",
    "interlock": "points",
    "zone": "zones",
    "outer_zone": "zones",
    "other_zone": "zones",
    "last_zone": "zones",
    "left": "zones",
    "site": "sites",
    "came_from": "sites",
    "device": "devices",
    "gateway": "devices",
    "via": "devices",
    "checklist": "checklists",
    "post": "posts",
    "round": "rounds",
    "station": "stations",
    "lead": "agencies",
    "agency": "agencies",
    "schedule": "schedules",
    "holder_class": "classes",
    "person": "people",
    "who": "people",
    "inspector": "people",
    "approver": "people",
    "team": "teams",
}
"""Which table knows the id in a field."""
LISTS = {"leads": "agencies", "coordinating": "agencies", "missing": "stations"}
"""Fields that hold several ids, joined by commas."""
_WRITTEN = frozenset({"checklist", "item", "items", "names", "other"})
"""Arguments of sentences that name checklists and their items in words, one or several."""
_ANY = (
    *("zones", "points", "sites", "devices", "checklists", "posts", "rounds"),
    *("assets", "agencies", "people", "teams"),
)
"""Where the id of something of any kind may be from."""
_OF_ANY_KIND = frozenset({"asset", "about", "to"})
"""Fields with the id of something of any kind, or a text of the sender's own."""


class DisplayNames:
    """Looks up names; an id that nothing knows is its own name.

    Args:
        venue: names its places, devices, assets, checklists, posts, rounds and agencies; ``None`` knows no name.
        people: names by id of the people on the roster; omitted if anyone may read the text.
        teams: names by id of its teams.
        language: the tag of the language in which checklists and their items are named, where the venue has it;
            empty: the first of the congress.

    """

    __slots__ = ("_items", "_tables", "_translated", "timezone")

    def __init__(
        self,
        venue: Venue | None = None,
        people: Mapping[str, str] = MappingProxyType({}),
        teams: Mapping[str, str] = MappingProxyType({}),
        language: str = "",
    ) -> None:
        self.timezone = None if venue is None else ZoneInfo(venue.congress.timezone)
        """How times are shown; ``None``: in UTC."""
        self._tables: dict[str, Mapping[str, str]] = {"people": people, "teams": teams}
        self._items: dict[tuple[str, str], str] = {}
        self._translated: Mapping[str, str] = {}
        if venue is not None:
            self._tables |= _tables(venue)
            self._translated = _translated(venue, language)
            self._items = {
                (place, item.id): item.text
                for checklist in venue.checklists
                for item in checklist.items
                for place in (checklist.id, checklist.zone, "")
            }

    def of(self, field: str, value: str, among: Mapping[str, object] = MappingProxyType({})) -> str:
        """Return the name for an id.

        Args:
            field: in which it was found; the id of a checklist item needs its checklist beside it.
            value: the id.
            among: the values of the other fields, by name.

        """
        found = self._of(field, value, among)
        return self._in_words(found) if field in _WRITTEN or field == "from_item" else found

    def _of(self, field: str, value: str, among: Mapping[str, object]) -> str:
        if field in ("item", "from_item"):
            return self._item((among.get("checklist"), among.get("zone")), value)
        if field == "action":
            return self._action(value)
        if field == "subject":
            return self._subject(value)
        if field == "source":
            return self._source(value)
        if field in _OF_ANY_KIND:
            return self._anything(value) or value
        return self._in(_TABLE_OF.get(field, ""), value)

    def several(self, field: str, value: str) -> list[str]:
        """Return the names for the ids in a field that holds several."""
        return [self._in(LISTS[field], name) for name in value.split(", ")]

    def _in(self, table: str, value: str) -> str:
        return self._tables.get(table, {}).get(value) or value

    def _in_words(self, text: str) -> str:
        """Return the names of checklists and items, one or several, in the language."""
        for separator in ("", "; ", ", "):
            names = text.split(separator) if separator else [text]
            if all(name in self._translated for name in names):
                return separator.join(self._translated[name] for name in names)
        return text

    def _item(self, places: Iterable[object], item: str) -> str:
        found = (self._items.get((str(place or ""), item)) for place in (*places, ""))
        return next(filter(None, found), item)

    def _action(self, value: str) -> str:
        """Return the item that a form's action is about; its id is that of the visit, a dot, that of the item."""
        visit, _, item = value.rpartition(".")
        texts = {text for (_, own), text in self._items.items() if own == item and visit}
        return f"“{self._in_words(texts.pop())}”" if len(texts) == 1 else value

    def _subject(self, value: str) -> str:
        """Return the name of anything with this id; for ``zone / item``, both names."""
        zone, _, item = value.partition(SEPARATOR)
        if item:
            return f"{self._in('zones', zone)}{SEPARATOR}{self._item((zone,), item)}"
        return self._anything(value) or value

    def _source(self, topic: str) -> str:
        """Return the name of what a topic ends with, and the topic: IT needs it, an officer needs the name."""
        _, slash, last = topic.rpartition("/")
        name = self._anything(last) if slash else ""
        return f"{name} ({topic})" if name else topic

    def _anything(self, value: str) -> str:
        known = (self._tables.get(table, {}).get(value) for table in _ANY)
        return next(filter(None, known), "")


NO_NAMES = DisplayNames()
"""Ids stay ids, and times are in UTC."""


def _translated(venue: Venue, language: str) -> Mapping[str, str]:
    """Return the names of checklists and the texts of their items in a language, by those in the first language."""
    if not language:
        return {}
    found = {row.name: row.names.get(language, row.name) for row in venue.checklists}
    items = (item for row in venue.checklists for item in row.items)
    return found | {item.text: item.texts.get(language, item.text) for item in items}


def _tables(venue: Venue) -> dict[str, Mapping[str, str]]:
    tables: dict[str, Mapping[str, str]] = {
        "points": {row.id: row.name for row in venue.points},
        "zones": {row.id: row.name for row in venue.zones},
        "sites": {row.id: row.name for row in venue.sites},
        "devices": {row.id: row.name for row in venue.devices},
        "assets": {row.id: row.name for row in venue.assets},
        "checklists": {row.id: row.name for row in venue.checklists},
        "posts": {row.id: row.name for row in venue.posts},
        "rounds": {row.id: row.name for row in venue.rounds},
        "agencies": {row.id: row.name for row in venue.agencies},
        "classes": {row.id: row.name for row in venue.classes if row.id not in DEFAULT},
        "schedules": {row.id: row.id.replace("-", " ") for row in venue.schedules},
    }
    # A station of a round has no name of its own: it is a place that the venue names, or a word.
    known = {**tables["zones"], **tables["points"], **tables["posts"], **tables["devices"]}
    stations = {name for row in venue.rounds for name in row.stations}
    tables["stations"] = {name: known.get(name) or name.replace("-", " ") for name in stations}
    return tables
