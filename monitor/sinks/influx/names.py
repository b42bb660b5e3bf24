"""The names for the ids in the tags of a point, as fields beside them; ids stay what points are grouped by."""

from functools import cache

from msgspec.structs import replace

from monitor.core.venue.display_names import DisplayNames
from monitor.sinks.influx.schema import NONE, Measurement

SUFFIX = "_name"
"""A field ``zone_name`` holds the name for the id in ``zone``."""
_KNOWN = ("site", "zone", "point", "device", "checklist", "lead", "asset", "item", "holder_class")


def named(point: Measurement, names: DisplayNames) -> Measurement:
    """Return a point with the names for its ids; a name is empty where the id is `NONE`."""
    fields = _named(type(point))
    if not fields:
        return point
    among = {name: getattr(point, name, "") for name in ("checklist", "zone")}
    found = {}
    for name in fields:
        value = getattr(point, name)
        found[name + SUFFIX] = "" if value in ("", NONE) else names.of(name, value, among)
    return replace(point, **found)


@cache
def _named(kind: type[Measurement]) -> tuple[str, ...]:
    fields = kind.__struct_fields__
    return tuple(name for name in _KNOWN if name in fields and name + SUFFIX in fields)
