"""How a measurement is declared: a struct whose fields are annotated as InfluxDB tags or fields."""

from typing import Annotated, NamedTuple, get_args, get_type_hints

from msgspec import Struct

NONE = "none"
"""The value of a tag that has no value: omitting the tag would start another series."""


class TagKey(NamedTuple):
    """A tag, to filter and group by: few distinct values, the same set of tags on every point from the first one on."""

    meaning: str


class FieldKey(NamedTuple):
    """A field, to show or add up. Its type never changes: InfluxDB refuses a float where it has stored an integer."""

    meaning: str
    unit: str = ""
    """``persons``, ``s``, ``percent``, ``0/1`` ...; empty for a text or a dimensionless number."""


class Column(NamedTuple):
    """One tag or field of a measurement, as declared."""

    name: str
    kind: type
    """``str``, ``int``, ``float``."""
    optional: bool
    """It is omitted while its value is unknown."""
    key: TagKey | FieldKey


class Measurement(Struct, frozen=True, kw_only=True, gc=False):
    """One point of a measurement, without its time."""


def name_of(kind: type[Measurement]) -> str:
    """Return the measurement's name in InfluxDB."""
    return str(kind.__struct_config__.tag)


def columns(kind: type[Measurement]) -> tuple[Column, ...]:
    """Return the columns of a measurement in order: tags first."""
    hints = get_type_hints(kind, include_extras=True)
    return tuple(_column(name, hints[name]) for name in kind.__struct_fields__)


def _column(name: str, hint: object) -> Column:
    plain, key = get_args(hint)
    kinds = [row for row in get_args(plain) or (plain,) if row is not type(None)]
    return Column(name, kinds[0], type(None) in get_args(plain), key)


SiteTag = Annotated[str, TagKey("the site's id; `none` for what belongs to no site")]
ZoneTag = Annotated[str, TagKey("the zone's id; for an access point, the zone on its inner side")]
PointTag = Annotated[str, TagKey("the access point's id")]
ChecklistTag = Annotated[str, TagKey("the checklist's id")]
LeadTag = Annotated[str, TagKey("the lead agency's id")]
SiteNameField = Annotated[str, FieldKey("the site's name; empty: none")]
ZoneNameField = Annotated[str, FieldKey("the zone's name; empty: none")]
PointNameField = Annotated[str, FieldKey("the access point's name; empty: none")]
ChecklistNameField = Annotated[str, FieldKey("the checklist's name; empty: none")]
LeadNameField = Annotated[str, FieldKey("the lead agency's name; empty: none")]
EventIdField = Annotated[
    str, FieldKey("the message's identity in the journal with the event's position in it; unique")
]
CountField = Annotated[int, FieldKey("always 1, for sums")]
