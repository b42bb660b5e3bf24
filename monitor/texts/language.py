"""One language: its catalogue, its plurals, its direction, and how it writes a time."""

import unicodedata
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = files("monitor.texts").joinpath("locale")
"""One ``.po`` file for each language but English, in which the sources are written."""
FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
_SHOWN_OTHERWISE = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
"""Controls of the text's direction (Unicode, Bidi_Control): with them a name can be made to look like another."""


def clean(text: str) -> str:
    """Return a text from outside without what changes its direction, and on one line."""
    kept = (
        " " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char
        for char in text
        if char not in _SHOWN_OTHERWISE
    )
    return " ".join("".join(kept).split())


class Language:
    """Puts texts into one language.

    Args:
        tag: its BCP 47 tag.
        catalogue: its translations.

    """

    def __init__(self, tag: str, catalogue: NullTranslations) -> None:
        self.tag = tag
        self.gettext = catalogue.gettext
        self.ngettext = catalogue.ngettext
        self.locale = Locale.parse(tag, sep="-")
        self.is_rtl = self.locale.text_direction == "rtl"
        """It is written from right to left."""

    def inset(self, text: str) -> str:
        """Return an id, number or text from outside, ready to stand in a sentence of this language.

        What runs the other way, or may, is isolated, so that it doesn't tear the words around it apart.
        """
        told = clean(text)
        foreign = self.is_rtl or any(
            unicodedata.bidirectional(char) in ("R", "AL") for char in told
        )
        return f"{FIRST_STRONG_ISOLATE}{told}{POP_ISOLATE}" if told and foreign else told

    def time(self, at: datetime, zone: ZoneInfo) -> str:
        """Return a time of day, with 24 hours."""
        return self.inset(format_time(at.astimezone(zone), "HH:mm", locale=self.locale))

    def moment(self, at: datetime, zone: ZoneInfo) -> str:
        """Return a time of day and its date."""
        date = format_date(at.astimezone(zone), "medium", locale=self.locale)
        return self.gettext(", ").join((self.time(at, zone), self.inset(date)))

    def listed(self, names: Iterable[str]) -> str:
        """Return names, one behind the other."""
        return self.gettext(", ").join(self.inset(name) for name in names)


@cache
def languages() -> dict[str, Language]:
    """Return all languages, by tag."""
    found = {"en": Language("en", NullTranslations())}
    for file in LOCALE.iterdir():
        tag, _, kind = file.name.rpartition(".")
        if kind == "po":
            compiled = BytesIO()
            with file.open("rb") as source:
                write_mo(compiled, read_po(source, locale=tag))
            compiled.seek(0)
            found[tag] = Language(tag, GNUTranslations(compiled))
    return found


def best(tags: Iterable[str]) -> Language:
    """Return the first of these languages that there is, ``vi`` for ``vi-VN`` too; otherwise English."""
    known = languages()
    for tag in tags:
        for name in (tag, tag.partition("-")[0]):
            if name in known:
                return known[name]
    return known["en"]
