"""The places of events: where an event belongs, by the name in it and by the topic that it came by."""

from collections.abc import Callable, Mapping
from operator import attrgetter

import msgspec

from monitor.core.events import EVENT_TYPES, AnyEvent
from monitor.core.events.inspection import InspectionItem
from monitor.core.events.zone import EmergencyFire, EmergencyManual
from monitor.core.meaning.checklist import checklist_item
from monitor.core.rules.fields import named_by
from monitor.core.venue.model import Venue
from monitor.core.venue.places import Place, Places

_BELIEVED = (EmergencyFire, EmergencyManual)
_NAMED_BY: dict[type, str] = {
    struct: name for kind, struct in EVENT_TYPES.items() if (name := named_by(kind))
}
"""By event type: the field that names its place, among the points, zones, devices or checklists."""
_Lookup = tuple[Mapping[str, Place], Callable[[AnyEvent], str]]
"""The places by name, and what reads the name from an event."""


class EventPlaces:
    """Finds the place of each event.

    Args:
        venue: the venue in force.

    """

    __slots__ = ("_items", "_named_by", "_sites", "places")

    def __init__(self, venue: Venue) -> None:
        self.places = Places(venue)
        self._items: dict[tuple[str, str], Place] = {}
        """The places of the items of checklists, as far as they have been asked for."""
        self._sites = frozenset(site.id for site in venue.sites)
        self._named_by: dict[type, _Lookup] = {
            struct: (getattr(self.places, f"{name}s"), attrgetter(name))
            for struct, name in _NAMED_BY.items()
        }

    def of(self, event: AnyEvent, sent_from: str = "") -> Place:
        """Return the place of an event; ``nowhere`` if it names none.

        Args:
            event: the event.
            sent_from: the site in its topic, which counts if it names nothing in the venue file.

        """
        place, named = self.places.nowhere, self._named_by.get(type(event))
        if named is not None:
            known, name_of = named
            name = name_of(event)
            if name in known:
                place = known[name]
            elif name:
                place = self.places.unknown[sent_from]
            if type(event) is InspectionItem:
                place = self._of_item(place, event.item)
        return place

    @staticmethod
    def subject_of(event: AnyEvent) -> tuple[str, str]:
        """Return kind and name of what an event at an unknown place is about."""
        kind = _NAMED_BY[type(event)]
        return kind, getattr(event, kind)

    def site_in(self, topic: str) -> str:
        """Return the site in a topic; empty if the venue has no such site."""
        match topic.split("/", 2):
            case ["venue", site, _] if site in self._sites:
                return site
            case _:
                return ""

    def elsewhere(self, event: AnyEvent, place: Place, zone: str, topic: str) -> str:
        """Return the site of an event's subject if the event came by the topic of another site; empty otherwise.

        The broker's access list decides who may publish for which site. Alarms are accepted from any site.

        Args:
            event: the event.
            place: its place.
            zone: the zone of its subject according to earlier events; empty if unknown.
            topic: the topic by which it came.

        """
        here = place.site
        if not zone and topic.startswith(f"venue/{here}/"):
            return ""
        known = self.places.zones.get(zone, self.places.nowhere).site if zone else here
        if known in ("", here) and (not here or topic.startswith(f"venue/{here}/")):
            return ""
        named = self.site_in(topic)
        if not named or isinstance(event, _BELIEVED):
            return ""
        return next((site for site in (here, known) if site not in ("", named)), "")

    def _of_item(self, place: Place, item: str) -> Place:
        line = checklist_item(place, item)
        if line is None or place.of_checklist is None:
            return place
        own = place.of_checklist.id, item
        if own not in self._items:
            self._items[own] = msgspec.structs.replace(
                place, criticality=line.criticality, exits=line.exits
            )
        return self._items[own]
