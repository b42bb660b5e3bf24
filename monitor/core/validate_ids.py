"""Ids are short and hold no control characters: they end up in topics, titles, keys and terminals."""

import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from monitor.core.events import ReceivedEvent
from monitor.core.events.vocabulary import Text
from monitor.core.phrase import Phrase, phrase

LONGEST_ID = 128
"""Characters; the limit of the decoder, for what adapters translate as well."""


def objection_to_ids(event: ReceivedEvent) -> Phrase | None:
    """Return why an event is refused for one of its ids; ``None`` if they are all right."""
    for name, text in _ids(event):
        if len(text) > LONGEST_ID:
            return phrase("id-too-long", key=name, size=len(text), most=LONGEST_ID)
        if text.isprintable():
            continue
        for char in text:
            if unicodedata.category(char) == "Cc":
                return phrase("id-control-character", key=name, code=f"U+{ord(char):04X}")
    return None


def _ids(part: Struct) -> Iterator[tuple[str, str]]:
    for name in _fields(type(part)):
        yield from _texts(name, getattr(part, name))


def _texts(name: str, value: object) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield name, value
        case Struct():
            yield from _ids(value)
        case tuple() | list():
            for one in value:
                yield from _texts(name, one)
        case dict():
            for key, one in value.items():
                yield from _texts(name, key)
                yield from _texts(name, one)
        case _:
            pass


_FREE: tuple[Any, ...] = (Text, Annotated[str, Meta(max_length=256)], int, float, bool)
"""Types of fields with free text or none."""


@cache
def _fields(kind: type[Struct]) -> tuple[str, ...]:
    """Return the fields of a struct that may hold an id: all but free text and the vendor's own words."""
    return tuple(row.name for row in msgspec.structs.fields(kind) if row.type not in _FREE)
