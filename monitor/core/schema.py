"""The fields that rules may name, with their types, read off the event types themselves."""

from collections.abc import Mapping
from functools import cache
from typing import Literal, NamedTuple

import msgspec
from msgspec import inspect

from monitor.core.event import EVENT_TYPES
from monitor.core.venue import Place

FieldType = Literal["text", "number", "yes/no", "time", "list"]


class Field(NamedTuple):
    """One field of an event, or of the place where it happened."""

    source: str
    """Where the compiled rule finds it: ``e`` the event, ``p`` its place."""
    type: FieldType
    optional: bool
    """It may be missing."""
    choices: tuple[str, ...] = ()
    """The only values of a text, if they are listed."""


@cache
def fields(kind: str) -> Mapping[str, Field]:
    """Return every field that an event of this kind has, its place's included.

    Raises:
        KeyError: no event type has this name.

    """
    found = _read(Place, "p") | _read(EVENT_TYPES[kind], "e")
    del_ = [name for name, field in found.items() if field.type == "list" and field.source == "p"]
    return {name: field for name, field in found.items() if name not in del_}


def _read(struct: type[msgspec.Struct], source: str) -> dict[str, Field]:
    info = inspect.type_info(struct)
    if not isinstance(info, inspect.StructType):
        raise TypeError(struct)
    return {field.encode_name: _field(field.type, source) for field in info.fields}


def _field(found: inspect.Type, source: str) -> Field:
    optional = False
    if isinstance(found, inspect.UnionType):
        optional = any(isinstance(part, inspect.NoneType) for part in found.types)
        found = next(part for part in found.types if not isinstance(part, inspect.NoneType))
    match found:
        case inspect.LiteralType():
            return Field(source, "text", optional, tuple(str(value) for value in found.values))
        case inspect.StrType():
            return Field(source, "text", optional)
        case inspect.BoolType():
            return Field(source, "yes/no", optional)
        case inspect.IntType() | inspect.FloatType():
            return Field(source, "number", optional)
        case inspect.DateTimeType():
            return Field(source, "time", optional)
        case _:
            return Field(source, "list", optional)
