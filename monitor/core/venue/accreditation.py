"""The classes of accreditation that a venue names; what is checked against classes asks here."""

from difflib import get_close_matches

from monitor.core.venue.model import Venue

DEFAULT = ("guest", "delegate", "press", "staff", "security", "contractor")
"""The classes of a venue whose file names none."""
UNKNOWN = "unknown"
"""The class of an event that gives none; no class of a venue may have this id."""


def classes_of(venue: Venue) -> tuple[str, ...]:
    """Return the classes that an event of a venue may give and a rule may ask for."""
    return (*(tuple(row.id for row in venue.classes) or DEFAULT), UNKNOWN)


def closest(name: str, classes: tuple[str, ...]) -> str:
    """Return the class that was probably meant; empty if none is close."""
    return next(iter(get_close_matches(name.lower(), classes, n=1)), "")
