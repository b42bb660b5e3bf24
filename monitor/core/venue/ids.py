"""The values that a venue allows in the fields of events that name something in it."""

from collections.abc import Mapping

from monitor.core.venue.accreditation import classes_of
from monitor.core.venue.model import Venue

_TABLE_OF = {
    "site": "sites",
    "came_from": "sites",
    "zone": "zones",
    "outer_zone": "zones",
    "other_zone": "zones",
    "last_zone": "zones",
    "left": "zones",
    "point": "points",
    "interlock": "points",
    "device": "devices",
    "gateway": "devices",
    "via": "devices",
    "checklist": "checklists",
    "post": "posts",
    "round": "rounds",
}
"""Which table of the venue file has the id in a field."""


def choices_in(venue: Venue) -> Mapping[str, tuple[str, ...]]:
    """Return the ids that a rule may compare a field with, by field; an empty text stands for none.

    Where the venue file has no such table, any id may be compared: it is not complete.
    """
    tables = {table: tuple(row.id for row in getattr(venue, table)) for table in _TABLE_OF.values()}
    named = {name: (*tables[table], "") for name, table in _TABLE_OF.items() if tables[table]}
    return {**named, "holder_class": classes_of(venue)}
