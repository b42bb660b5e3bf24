"""Keys: what they are made of, and how they are read from an event."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any

from monitor.core.events import AnyEvent
from monitor.core.rules.fields import fields, reader
from monitor.core.rules.names import CACHED
from monitor.core.venue.places import Place

KeyOf = Callable[[AnyEvent, Place], str]
SEPARATOR = " / "
"""Separates the parts of a key. The venue's ids can't contain it."""


@lru_cache(maxsize=CACHED)
def key_getter(names: tuple[str, ...], kind: str) -> KeyOf:
    """Return the function that reads a key of an event of this kind: empty if one of its fields is missing.

    Rules with the same key have the same function: whoever asks for the key of an event asks once for all of them.
    """
    known = fields(kind)
    sources = {known[name].source for name in names}
    get: Callable[[Any], Any] = attrgetter(*names)
    if sources == {"e"}:
        if len(names) == 1:
            return lambda event, _place: get(event) or ""
        return lambda event, _place: _joined(get(event))
    if sources == {"p"} and len(names) == 1:
        return lambda _event, place: get(place) or ""
    readers = [reader(kind, name) for name in names]
    if len(readers) == 1:
        (read,) = readers
        return lambda event, place: read(event, place) or ""
    return lambda event, place: _joined([read(event, place) for read in readers])


def _joined(parts: Sequence[str]) -> str:
    return SEPARATOR.join(parts) if all(parts) else ""
