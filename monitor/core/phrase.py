"""A sentence for people, which leaves the core as an id with arguments; its wording is in `monitor.texts`."""

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from monitor.core.phrase_ids import PhraseId


class Phrase(Struct, frozen=True, kw_only=True):
    """A sentence that is worded where it is read, in the reader's own language."""

    id: PhraseId
    args: dict[str, "str | int | Phrase"] = {}
    """By the name of the placeholder: a text, a number, a time in RFC 3339 in UTC, or a sentence within this one."""


RenderPhrase = Callable[[Phrase | str], str]
"""Words a sentence; one that an older version wrote down in words stays as it is."""


def phrase(name: PhraseId, /, **args: "str | int | datetime | Phrase") -> Phrase:
    """Return a sentence with its arguments; times are kept as text, to the minute, as they are shown."""
    return Phrase(id=name, args={key: _kept(value) for key, value in args.items()})


def joined(*parts: "Phrase | str | None") -> "Phrase | str":
    """Return several sentences as one; empty ones are left out."""
    found = [part for part in parts if part]
    if not found:
        return ""
    first, *rest = found
    return phrase("joined", first=first, then=joined(*rest)) if rest else first


def sort_key(row: "Phrase | str") -> str:
    """Return a sort key for sentences that is the same on every machine."""
    return row if isinstance(row, str) else repr((row.id, row.args))


def _kept(value: "str | int | datetime | Phrase") -> "str | int | Phrase":
    return f"{value:%Y-%m-%dT%H:%MZ}" if isinstance(value, datetime) else value
