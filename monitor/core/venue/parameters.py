"""Parameters: values that rules take from the venue, such as ``point.held_open_limit``, so one rule fits every door."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from difflib import get_close_matches
from functools import cache
from typing import Any, get_args

import msgspec

from monitor.core.timing import parse_duration
from monitor.core.venue.checklist import Checklist
from monitor.core.venue.model import Device, Point, Zone
from monitor.core.venue.places import Place

SUBJECTS: dict[str, type[msgspec.Struct]] = {
    "point": Point,
    "zone": Zone,
    "device": Device,
    "checklist": Checklist,
}


class ParameterError(ValueError):
    """There is no such parameter, or it has another type."""


def resolve(value: object, wanted: type) -> Callable[[Place], Any]:
    """Return a function from a place to the value there: a constant, or a parameter that is looked up.

    A place that is not in the venue file gets the default of the parameter, or ``None`` if it has none.

    Raises:
        ParameterError: there is no such parameter, or it has another type.

    """
    constant = parse_duration(value) if isinstance(value, str) else value
    if constant is not None or not isinstance(value, str):
        return lambda _place: constant
    subject, _, name = value.partition(".")
    if subject not in SUBJECTS:
        raise ParameterError(
            f'"{value}" is neither a duration nor a value in venue.toml; '
            'write e.g. "30s" or "point.held_open_limit"'
        )
    found = _fields(subject)
    usable = [
        key for key, field in found.items() if field.type is wanted or wanted in _parts(field.type)
    ]
    if name not in usable:
        close = get_close_matches(name, usable, n=1)
        hint = (
            f'did you mean "{subject}.{close[0]}"?'
            if close
            else f"write one of {', '.join(f'{subject}.{key}' for key in usable)}"
            if usable
            else f"a {subject} has none"
        )
        kind = "duration" if wanted is timedelta else "number"
        raise ParameterError(f'"{value}" is not a {kind} of a {subject} in venue.toml; {hint}')
    default = None if found[name].default is msgspec.NODEFAULT else found[name].default
    return _lookup(f"of_{subject}", name, default)


@cache
def _fields(subject: str) -> Mapping[str, msgspec.structs.FieldInfo]:
    return {field.name: field for field in msgspec.structs.fields(SUBJECTS[subject])}


def _lookup(where: str, name: str, default: object) -> Callable[[Place], Any]:
    def look_up(place: Place) -> object:
        subject = getattr(place, where)
        return default if subject is None else getattr(subject, name)

    return look_up


def _parts(annotation: Any) -> tuple[Any, ...]:  # noqa: ANN401 - annotations have no type of their own
    """Return the types in an annotation; whole numbers count as numbers."""
    origin = getattr(annotation, "__origin__", annotation)
    return (origin, float) if origin is int else (origin, *get_args(annotation))
