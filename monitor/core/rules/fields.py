"""The fields that rules may use, with their types, taken from the event types themselves."""

from collections.abc import Mapping
from functools import cache
from operator import attrgetter
from typing import NamedTuple

import msgspec
from msgspec import inspect

from monitor.core.events import EVENT_TYPES
from monitor.core.rules.computed import COMPUTED, FieldType, Read, of_kind
from monitor.core.venue.places import Place

PHRASE = "phrase"
"""The field with the reason as people read it; rules have its text in ``reason``."""


class Field(NamedTuple):
    """One field of an event, or of the place where it happened."""

    source: str
    """Where the compiled rule finds it: ``e`` in the event, ``p`` in its place, ``d`` computed from both."""
    type: FieldType
    optional: bool
    """Whether it may be missing."""
    choices: tuple[str, ...] = ()
    """The values that a text may have, if they are listed."""


def named_by(kind: str) -> str:
    """Return the field that gives the place of an event of this kind, the most specific one; empty if there is none.

    Raises:
        KeyError: there is no such event type.

    """
    own = EVENT_TYPES[kind].__struct_fields__
    return next((name for name in _SUBJECTS if name in own), "")


def subjects(kind: str) -> tuple[str, ...]:
    """Return the kinds of subject in the place of such an event: a zone, a point, a device, a checklist.

    Raises:
        KeyError: there is no such event type.

    """
    return _SUBJECTS.get(named_by(kind), ())


@cache
def fields(kind: str) -> Mapping[str, Field]:
    """Return every field of an event of this kind: its own, the computed ones and its place's.

    Raises:
        KeyError: there is no such event type.

    """
    names = {name for subject in subjects(kind) for name in _PLACE_FIELDS[subject]}
    if kind == "inspection.item":
        names |= {"criticality", "exits"}
    of_place = {name: field for name, field in _read(Place, "p").items() if name in names}
    computed = {
        name: Field("d", row.type, row.type != "text", row.choices)
        for name, row in of_kind(kind).items()
    }
    return {**of_place, **computed, **_read(EVENT_TYPES[kind], "e")}


def is_of_place(kind: str, name: str) -> bool:
    """Tell whether all events of this kind at one place have the same value in a field.

    Raises:
        KeyError: there is no such event type, or no such field.

    """
    source = fields(kind)[name].source
    return source == "p" or (source == "d" and COMPUTED[name].of_place)


def reader(kind: str, name: str) -> Read:
    """Return the function that reads a field of an event of this kind and its place.

    Raises:
        KeyError: there is no such event type, or no such field.

    """
    source = fields(kind)[name].source
    if source == "d":
        return COMPUTED[name].read
    get = attrgetter(name)
    if source == "e":
        return lambda event, _place: get(event)
    return lambda _event, place: get(place)


_SUBJECTS: Mapping[str, tuple[str, ...]] = {
    "point": ("zone", "point"),
    "checklist": ("zone", "checklist"),
    "zone": ("zone",),
    "device": ("zone", "point", "device"),
}
_PLACE_FIELDS: Mapping[str, tuple[str, ...]] = {
    "zone": ("site", "site_kind", "zone", "two_person", "anti_passback", "sign_off"),
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
"""The fields of a place that each kind of subject provides."""


@cache
def _read(struct: type[msgspec.Struct], source: str) -> Mapping[str, Field]:
    info = inspect.type_info(struct)
    if not isinstance(info, inspect.StructType):
        raise TypeError(struct)
    return {
        field.encode_name: _field(field.type, source)
        for field in info.fields
        if field.encode_name != PHRASE
    }


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
