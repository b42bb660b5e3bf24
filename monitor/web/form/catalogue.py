"""The texts of the form's scripts in each language, from the same catalogues as every other text."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import cast

from babel.messages.extract import extract
from babel.messages.pofile import read_po

from monitor.texts.language import LOCALE

STATIC = files("monitor.web.form").joinpath("static")
KEYWORDS = {"gettext": None, "ngettext": (1, 2)}
VENDORED = frozenset({"idb.js", "qr_decode.js", "qr_index.js"})
Translated = str | tuple[str, ...]
"""A text, or its plural forms in the order of the catalogue."""


@cache
def identifiers() -> frozenset[str]:
    """Return the English texts that the scripts use; of plurals, the singular."""
    return frozenset(_identifiers())


def _identifiers() -> Iterator[str]:
    for file in STATIC.iterdir():
        if file.name.endswith(".js") and file.name not in VENDORED:
            found = extract("javascript", BytesIO(file.read_bytes()), keywords=KEYWORDS)
            for _, message, _, _ in found:
                yield message if isinstance(message, str) else str(message[0])


def translations(tag: str) -> Mapping[str, Translated]:
    """Return the texts of the scripts in one language.

    Args:
        tag: a language that has a catalogue.

    """
    catalogue = read_po(BytesIO(LOCALE.joinpath(f"{tag}.po").read_bytes()))
    found: dict[str, Translated] = {}
    for identifier in sorted(identifiers()):
        message = catalogue.get(identifier)
        if message is not None and message.string:
            found[identifier] = cast("Translated", message.string)
    return found
