"""Ids are short and hold no control characters: they end up in topics, titles, keys and terminals."""

import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from operator import attrgetter

from msgspec import Struct, inspect
from msgspec.structs import fields

from monitor.core.events import ReceivedEvent
from monitor.core.phrase import Phrase, phrase

LONGEST_ID = 128
"""Characters; the limit of the decoder, for what adapters translate as well."""
_ESCAPE, _DELETE = ord("\\"), ord("\x7f")


def may_hold_control_characters(payload: bytes) -> bool:
    """Return whether a text in a JSON document may hold a control character.

    It takes an escape, or bytes beyond printable ASCII; JSON itself permits no other in a text.
    """
    return not payload.isascii() or _ESCAPE in payload or _DELETE in payload


def objection_to_ids(event: ReceivedEvent) -> Phrase | None:
    """Return why an event is refused for one of its ids; ``None`` if they are all right."""
    # All at once where that is possible: one by one takes as long as all the rest of decoding.
    all_of = _all_at_once(type(event))
    if all_of is not None:
        texts = all_of(event)
        if "".join(texts).isprintable() and max(map(len, texts)) <= LONGEST_ID:
            return None
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


@cache
def _all_at_once(kind: type[Struct]) -> Callable[[Struct], tuple[str, ...]] | None:
    """Return what reads all ids of an event; ``None`` if some are in a list or may be missing."""
    own = _fields(kind)
    is_plain = len(own) > 1 and all(isinstance(its, inspect.StrType) for its in own.values())
    return attrgetter(*own) if is_plain else None


@cache
def _fields(kind: type[Struct]) -> dict[str, inspect.Type]:
    """Return the fields of a struct that may hold an id: all texts but free text and the vendor's own words."""
    types = {row.name: inspect.type_info(row.type) for row in fields(kind)}
    return {name: its for name, its in types.items() if _may_hold_id(its)}


def _may_hold_id(kind: inspect.Type) -> bool:
    match kind:
        case inspect.StrType(max_length=most):
            return most is None or most <= LONGEST_ID
        case inspect.StructType(cls=own):
            return bool(_fields(own))
        case inspect.UnionType(types=kinds):
            return any(map(_may_hold_id, kinds))
        case inspect.DictType(key_type=key, value_type=value):
            return _may_hold_id(key) or _may_hold_id(value)
        case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item):
            return _may_hold_id(item)
        case _:
            return False
