"""Values that rules take from the venue, such as ``point.held_open_limit``: one rule serves every door."""

from collections.abc import Callable
from datetime import timedelta
from difflib import get_close_matches
from typing import Any, get_args

import msgspec

from monitor.core.timing import parse_duration
from monitor.core.venue.model import Checklist, Device, Point, Zone
from monitor.core.venue.places import Place

SUBJECTS: dict[str, type[msgspec.Struct]] = {
    "point": Point,
    "zone": Zone,
    "device": Device,
    "checklist": Checklist,
}


class ParameterError(ValueError):
    """The venue has no such value, or it is of another type."""


def resolve(value: object, wanted: type) -> Callable[[Place], Any]:
    """Return what gives the value for a place: a constant gives itself, a parameter is looked up.

    A place that the venue doesn't know has the default of the venue file; where there is none, ``None``.

    Raises:
        ParameterError: no such parameter, or of another type.

    """
    constant = parse_duration(value) if isinstance(value, str) else value
    if constant is not None or not isinstance(value, str):
        return lambda _place: constant
    subject, _, name = value.partition(".")
    if subject not in SUBJECTS:
        raise ParameterError(
            f'"{value}" is neither a duration nor a value of the venue file; '
            'write e.g. "30s" or "point.held_open_limit"'
        )
    found = {field.name: field for field in msgspec.structs.fields(SUBJECTS[subject])}
    usable = [
        key for key, field in found.items() if field.type is wanted or wanted in _parts(field.type)
    ]
    if name not in usable:
        close = get_close_matches(name, usable, n=1)
        hint = (
            f'did you mean "{subject}.{close[0]}"?'
            if close
            else "usable: " + (", ".join(usable) or "none")
        )
        kind = "durations" if wanted is timedelta else "numbers"
        raise ParameterError(
            f'"{value}" is not among the {kind} of a {subject} in the venue file; {hint}'
        )
    default = None if found[name].default is msgspec.NODEFAULT else found[name].default
    return _lookup(f"of_{subject}", name, default)


def _lookup(where: str, name: str, default: object) -> Callable[[Place], Any]:
    def look_up(place: Place) -> object:
        subject = getattr(place, where)
        return default if subject is None else getattr(subject, name)

    return look_up


def _parts(annotation: Any) -> tuple[Any, ...]:  # noqa: ANN401 - annotations have no type of their own
    """Return what an annotation is made of; whole numbers count as numbers."""
    origin = getattr(annotation, "__origin__", annotation)
    return (origin, float) if origin is int else (origin, *get_args(annotation))
