"""Words of the output: counts with their nouns, and times and places as people know them."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Self
from zoneinfo import ZoneInfo

from monitor.config import Config
from monitor.core.venue.display_names import DisplayNames
from monitor.core.venue.model import Venue
from monitor.errors import ConfigError
from monitor.roster import read_roster
from monitor.toml.words import no_such
from monitor.venue import load as load_venue


def counted(count: int, noun: str) -> str:
    """Return a count with its noun, in the plural unless it is one: ``1 message``, ``2 messages``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


class VenueWords:
    """Names and local times of a venue; ids and UTC if venue.toml is missing or has mistakes.

    Args:
        venue: the venue, if it could be read.
        people: the names of the people in the roster, if it could be read.

    """

    def __init__(self, venue: Venue | None, people: Mapping[str, str] | None = None) -> None:
        self._people = dict(people or {})
        self.names = DisplayNames(venue, self._people)
        """The same, for what is worded in `monitor.texts`."""
        self._zone: tzinfo = ZoneInfo(venue.congress.timezone) if venue else UTC
        self._sites = {row.id: row.name for row in venue.sites} if venue else {}
        self._zones = {row.id: row.name for row in venue.zones} if venue else {}
        self._points = {row.id: row.name for row in venue.points} if venue else {}

    @classmethod
    def read(cls, config: Config) -> Self:
        """Return the words of a deployment; a mistake in venue.toml doesn't hide alerts."""
        try:
            venue = load_venue(config.files.venue, config.files.checklists)
        except ConfigError:
            return cls(None)
        try:
            file = read_roster(config.files.roster, venue) if config.files.roster else None
        except ConfigError:
            file = None
        return cls(venue, {row.id: row.name for row in file.people} if file else None)

    def require_site(self, name: str) -> None:
        """Refuse a site that is not in the venue file, with the nearest one.

        Raises:
            ConfigError: it is not there, although the file could be read.

        """
        if self._sites and name not in self._sites:
            raise ConfigError([f"--site: venue.toml: {no_such('site', name, self._sites)}"])

    def require_person(self, name: str) -> None:
        """Refuse a person who is not in the roster, with the nearest one.

        Raises:
            ConfigError: they are not there, although the file could be read.

        """
        if self._people and name not in self._people:
            raise ConfigError([f"roster.toml: {no_such('person', name, self._people)}"])

    def time(self, at: datetime) -> str:
        """Return a time on the congress's clocks: ``28 Nov 2026 14:02:07 UTC``."""
        return f"{at.astimezone(self._zone):%d %b %Y %H:%M:%S %Z}"

    def minute(self, at: datetime) -> str:
        """Return a time without seconds: ``28 Nov 2026 14:02 UTC``."""
        return f"{at.astimezone(self._zone):%d %b %Y %H:%M %Z}"

    def person(self, name: str) -> str:
        """Return a person with their id, or the id alone."""
        return _with_id(self._people, name)

    def site(self, name: str) -> str:
        """Return the name of a site, or its id."""
        return self._sites.get(name, name)

    def zone(self, name: str) -> str:
        """Return the name of a zone, or its id."""
        return self._zones.get(name, name)

    def where(self, site: str, zone: str, point: str) -> str:
        """Return a place from the site inwards, the innermost with its id; empty if all are."""
        names = [(self._sites, site), (self._zones, zone), (self._points, point)]
        *outer, inner = [row for row in names if row[1]] or [(self._sites, "")]
        return " / ".join([*(table.get(name, name) for table, name in outer), _with_id(*inner)])


def _with_id(names: dict[str, str], name: str) -> str:
    """Return a name with its id, or the id alone."""
    known = names.get(name, name)
    return name if known == name else f"{known} ({name})"
