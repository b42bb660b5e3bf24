"""Keys of a payload that its event does not have: probably mistyped, and then something is missing from the event."""

from functools import cache

import msgspec
from msgspec import UNSET, Raw, Struct, defstruct

from monitor.core.bounded_text import cut
from monitor.core.events import ReceivedEvent
from monitor.core.events.inspection import InspectionAmended, InspectionSubmitted, Item

MOST = 20
"""Keys of one message that are reported."""
_FORMS = (InspectionSubmitted, InspectionAmended)
_KEYS = msgspec.json.Decoder(dict[str, Raw])
_ROWS = msgspec.json.Decoder(list[dict[str, Raw]])


@cache
def known_keys(kind: type[Struct]) -> frozenset[str]:
    """Return the keys that the payload of an event of this type may have; those of its items as "items.KEY"."""
    keys = _own(kind)
    if kind in _FORMS:
        keys |= {f"items.{key}" for key in _own(Item)}
    return keys


def unknown_keys(event: ReceivedEvent, payload: bytes) -> tuple[str, ...]:
    """Return the keys in the payload of an event that the event does not have, in order."""
    kind = type(event)
    try:
        _only_known(kind).decode(payload)
    except msgspec.ValidationError:
        return _listed(kind, payload)
    return ()


def _listed(kind: type[Struct], payload: bytes) -> tuple[str, ...]:
    keys = _KEYS.decode(payload)
    given = set(keys)
    if kind in _FORMS:
        rows = _ROWS.decode(keys.get("items", b"[]"))
        given |= {f"items.{key}" for row in rows for key in row}
    return tuple(cut(key, 64) for key in sorted(given - known_keys(kind))[:MOST])


@cache
def _only_known(kind: type[Struct]) -> msgspec.json.Decoder[Struct]:
    """Return a decoder that looks at no value, and fails at a key that an event of this type does not have."""
    items = {"items": list[_strict(Item)]} if kind in _FORMS else {}  # type: ignore[misc]
    return msgspec.json.Decoder(_strict(kind, **items))


def _strict(kind: type[Struct], **types: object) -> type[Struct]:
    """Return a struct with the keys of another, of any type unless given, and no others."""
    rows = [(key, types.get(key, Raw), UNSET) for key in _own(kind)]
    return defstruct(kind.__name__, rows, forbid_unknown_fields=True, gc=False)


@cache
def _own(kind: type[Struct]) -> frozenset[str]:
    return frozenset(("type", *(field.encode_name for field in msgspec.structs.fields(kind))))
