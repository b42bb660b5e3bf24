"""Keys of a payload that its event does not have: probably mistyped, and then something is missing from the event."""

from functools import cache

import msgspec

from monitor.core.bounded_text import cut
from monitor.core.events import ReceivedEvent
from monitor.core.events.inspection import InspectionAmended, InspectionSubmitted, Item

MOST = 20
"""Keys of one message that are reported."""
_FORMS = (InspectionSubmitted, InspectionAmended)
_KEYS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ROWS = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])


@cache
def known_keys(kind: type) -> frozenset[str]:
    """Return the keys that the payload of an event of this type may have; those of its items as "items.KEY"."""
    keys = _own(kind)
    if kind in _FORMS:
        keys |= {f"items.{key}" for key in _own(Item)}
    return keys


def unknown_keys(event: ReceivedEvent, payload: bytes) -> tuple[str, ...]:
    """Return the keys in the payload of an event that the event does not have, in order."""
    kind = type(event)
    known, keys = known_keys(kind), _KEYS.decode(payload)
    if kind in _FORMS and "items" in keys:
        given = {*keys, *(f"items.{key}" for row in _ROWS.decode(keys["items"]) for key in row)}
    elif known.issuperset(keys):
        return ()
    else:
        given = set(keys)
    return tuple(cut(key, 64) for key in sorted(given - known)[:MOST])


@cache
def _own(kind: type[msgspec.Struct]) -> frozenset[str]:
    return frozenset(("type", *(field.encode_name for field in msgspec.structs.fields(kind))))
