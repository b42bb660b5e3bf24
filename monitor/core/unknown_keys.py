"""Keys of a payload that its event does not have: probably mistyped, and then something is missing from the event."""

from functools import cache

import msgspec
from msgspec import Raw, Struct

from monitor.core.bounded_text import cut
from monitor.core.events import EVENT_TYPES
from monitor.core.events.inspection import InspectionAmended, InspectionSubmitted, Item

MOST = 20
"""Keys of one message that are reported."""
_FORMS = (InspectionSubmitted, InspectionAmended)
_KEYS = msgspec.json.Decoder(dict[str, Raw])
_ROWS = msgspec.json.Decoder(list[dict[str, Raw]])
_NAME = msgspec.json.Decoder(str)


@cache
def known_keys(kind: type[Struct]) -> frozenset[str]:
    """Return the keys that the payload of an event of this type may have; those of its items as "items.KEY"."""
    keys = _own(kind)
    if kind in _FORMS:
        keys |= {f"items.{key}" for key in _own(Item)}
    return keys


def is_about_unknown_key(error: msgspec.ValidationError) -> bool:
    """Return whether a payload was refused for a key that its event does not have."""
    return str(error).startswith("Object contains unknown field")


def separate_keys(payload: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Return the payload of an event without the keys that the event does not have, and those keys in order.

    Args:
        payload: as the decoder has refused it for such a key, so it names a type of event.

    Raises:
        msgspec.DecodeError: it is not JSON throughout, or its items are no list of objects.
        RecursionError: it is nested too deeply.

    """
    keys = _KEYS.decode(payload)
    kind = EVENT_TYPES.get(_NAME.decode(keys.get("type", b'""')))
    if kind is None:  # it names its type twice
        return payload, ()
    known, unknown = known_keys(kind), set(keys) - known_keys(kind)
    kept: dict[str, object] = {key: keys[key] for key in keys if key in known}
    if kind in _FORMS and "items" in keys:
        rows = _ROWS.decode(keys["items"])
        own = _own(Item)
        unknown |= {f"items.{key}" for row in rows for key in row if key not in own}
        kept["items"] = [{key: row[key] for key in row if key in own} for row in rows]
    return msgspec.json.encode(kept), tuple(cut(key, 64) for key in sorted(unknown)[:MOST])


@cache
def _own(kind: type[Struct]) -> frozenset[str]:
    return frozenset(("type", *(field.encode_name for field in msgspec.structs.fields(kind))))
