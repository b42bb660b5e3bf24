"""Keys: what they are made of, and how they are read from an event."""

from collections.abc import Callable, Iterable
from operator import attrgetter

from monitor.core.events import AnyEvent
from monitor.core.rules.fields import fields, reader
from monitor.core.venue.places import Place

KeyOf = Callable[[AnyEvent, Place], str]
SEPARATOR = " / "
"""Separates the parts of a key. The venue's ids can't contain it."""


def key_getter(names: Iterable[str], kind: str) -> KeyOf:
    """Return the function that reads a key of an event of this kind: empty if one of its fields is missing."""
    names = tuple(names)
    readers = [reader(kind, name) for name in names]
    if len(readers) == 1 and fields(kind)[names[0]].source == "e":
        get = attrgetter(names[0])
        return lambda event, _place: get(event) or ""
    if len(readers) == 1:
        (read,) = readers
        return lambda event, place: read(event, place) or ""

    def join(event: AnyEvent, place: Place) -> str:
        parts = [read(event, place) for read in readers]
        return SEPARATOR.join(parts) if all(parts) else ""

    return join
