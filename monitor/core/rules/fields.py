"""The fields that rules may name, with their types, read off the event types themselves."""

from collections.abc import Mapping
from functools import cache
from operator import attrgetter
from typing import NamedTuple

import msgspec
from msgspec import inspect

from monitor.core.events import EVENT_TYPES
from monitor.core.rules.computed import DERIVED, FieldType, Read, of_kind
from monitor.core.venue.places import Place


class Field(NamedTuple):
    """One field of an event, or of the place where it happened."""

    source: str
    """Where the compiled rule finds it: ``e`` the event, ``p`` its place, ``d`` derived from both."""
    type: FieldType
    optional: bool
    """It may be missing."""
    choices: tuple[str, ...] = ()
    """The only values of a text, if they are listed."""


def named_by(kind: str) -> str:
    """Return the field by which an event of this kind says where it belongs, the most telling one; empty if none does.

    Raises:
        KeyError: no event type has this name.

    """
    own = EVENT_TYPES[kind].__struct_fields__
    return next((name for name in _SUBJECTS if name in own), "")


def subjects(kind: str) -> tuple[str, ...]:
    """Return what the venue can know about where such an event belongs: a zone, a point, a device, a checklist.

    Raises:
        KeyError: no event type has this name.

    """
    return _SUBJECTS.get(named_by(kind), ())


@cache
def fields(kind: str) -> Mapping[str, Field]:
    """Return every field that an event of this kind has: its own, the derived ones, its place's.

    Raises:
        KeyError: no event type has this name.

    """
    told = {name for subject in subjects(kind) for name in _TELLS[subject]}
    if kind == "inspection.item":
        told |= {"criticality", "exits"}
    of_place = {name: field for name, field in _read(Place, "p").items() if name in told}
    derived = {
        name: Field("d", row.type, row.type != "text", row.choices)
        for name, row in of_kind(kind).items()
    }
    return {**of_place, **derived, **_read(EVENT_TYPES[kind], "e")}


def reader(kind: str, name: str) -> Read:
    """Return what reads a field off an event of this kind and its place.

    Raises:
        KeyError: there is no such event type, or no such field.

    """
    source = fields(kind)[name].source
    if source == "d":
        return DERIVED[name].read
    get = attrgetter(name)
    return (lambda said, _place: get(said)) if source == "e" else (lambda _said, place: get(place))


_SUBJECTS: Mapping[str, tuple[str, ...]] = {
    "point": ("zone", "point"),
    "checklist": ("zone", "checklist"),
    "zone": ("zone",),
    "device": ("zone", "point", "device"),
}
_TELLS: Mapping[str, tuple[str, ...]] = {
    "zone": ("site", "site_kind", "zone", "two_person", "anti_passback"),
    "point": (
        "outer_zone",
        "point",
        "point_kind",
        "controlled",
        "passage_sensor",
        "exit_only",
        "interlock",
        "timed_passback",
    ),
    "checklist": ("lead",),
    "device": ("gateway",),
}
"""Which fields of a place come from which subject."""


@cache
def _read(struct: type[msgspec.Struct], source: str) -> Mapping[str, Field]:
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
