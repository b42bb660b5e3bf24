"""What a measurement is: a type whose fields say of themselves whether InfluxDB gets them as a tag or as a field."""

from typing import Annotated, NamedTuple, get_args, get_type_hints

from msgspec import Struct

NONE = "none"
"""What stands in a tag where there is nothing: a tag that is left out would be another series."""


class Tag(NamedTuple):
    """Something to choose and group by: few different values, the same set on every point from the first one on."""

    meaning: str


class Field(NamedTuple):
    """Something to show or add up, of one type for ever: whole numbers stay whole."""

    meaning: str
    unit: str = ""
    """``persons``, ``s``, ``percent``, ``0/1`` ...; empty for a text or a plain number."""


class Column(NamedTuple):
    """One tag or field of a measurement, as it was declared."""

    name: str
    kind: type
    """``str``, ``int``, ``float``."""
    optional: bool
    """It may be missing, where nobody knows."""
    said: Tag | Field


class Measurement(Struct, frozen=True, kw_only=True, gc=False):
    """One point of a measurement, without its time."""


def name_of(kind: type[Measurement]) -> str:
    """Return the measurement's name in InfluxDB."""
    return str(kind.__struct_config__.tag)


def columns(kind: type[Measurement]) -> tuple[Column, ...]:
    """Return what a measurement consists of, in its order: tags first."""
    hints = get_type_hints(kind, include_extras=True)
    return tuple(_column(name, hints[name]) for name in kind.__struct_fields__)


def _column(name: str, hint: object) -> Column:
    plain, said = get_args(hint)
    kinds = [row for row in get_args(plain) or (plain,) if row is not type(None)]
    return Column(name, kinds[0], type(None) in get_args(plain), said)


Site = Annotated[str, Tag("the site's id; `none` for what belongs to no site")]
Zone = Annotated[str, Tag("the zone's id; of an access point its inner side")]
Point = Annotated[str, Tag("the access point's id")]
Checklist = Annotated[str, Tag("the checklist's id")]
Lead = Annotated[str, Tag("id of the agency that leads")]
EventId = Annotated[
    str, Field("the message's identity in the journal, and the event's place in it; never twice")
]
One = Annotated[int, Field("always 1, to add up")]
