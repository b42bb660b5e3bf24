"""One language: its catalogue, plurals, text direction, and forms of times, numbers and sentences."""

import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO
from typing import assert_never
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from monitor.core.phrase_ids import PhraseId
from monitor.core.timing import TimeUnit, units
from monitor.texts.fields import FIELDS
from monitor.texts.phrases import SENTENCES
from monitor.texts.rights import RIGHTS
from monitor.texts.values import WORDS

LOCALE = files("monitor.texts").joinpath("locale")
"""One ``.po`` file for each language except English, the language of the sources."""
RIGHT_TO_LEFT_ISOLATE, FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2067", "\u2068", "\u2069"
LARGEST_NUMBER = 1e15
"""Numbers from this on are shown as ``1.5e+30``: decimal arithmetic has 28 digits, and raises beyond."""
_SHOWN_OTHERWISE = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
"""Controls of the text's direction (Unicode, Bidi_Control), which can make one name look like another."""


def clean(text: str) -> str:
    """Return a text from outside on one line, without controls of its direction."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
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
        # In English the day comes first, as on the command line.
        self.locale = Locale.parse("en-GB" if tag == "en" else tag, sep="-")
        self.is_rtl = self.locale.text_direction == "rtl"
        """Whether it is written from right to left."""

    def inset(self, text: str) -> str:
        """Return an id, number or text from outside, ready to be put into a sentence of this language.

        Text of the other direction, or that may be, is isolated, so that it does not reorder the words around it.
        """
        cleaned = clean(text)
        foreign = self.is_rtl or (
            not cleaned.isascii()
            and any(unicodedata.bidirectional(char) in ("R", "AL") for char in cleaned)
        )
        return f"{FIRST_STRONG_ISOLATE}{cleaned}{POP_ISOLATE}" if cleaned and foreign else cleaned

    def time(self, at: datetime, zone: ZoneInfo) -> str:
        """Return a time of day on the 24-hour clock."""
        return self.inset(format_time(at.astimezone(zone), "HH:mm", locale=self.locale))

    def date_time(self, at: datetime, zone: ZoneInfo) -> str:
        """Return a time of day and its date."""
        date = format_date(at.astimezone(zone), "medium", locale=self.locale)
        return self.gettext(", ").join((self.time(at, zone), self.inset(date)))

    def full_date(self, at: datetime, zone: tzinfo) -> str:
        """Return a date with its day of the week."""
        return self.inset(format_date(at.astimezone(zone), "full", locale=self.locale))

    def list_of(self, names: Iterable[str]) -> str:
        """Return names, separated by commas; by semicolons if a name has a comma of its own."""
        shown = [self.inset(name) for name in names]
        comma = any("," in name for name in shown)
        return (self.gettext("; ") if comma else self.gettext(", ")).join(shown)

    # The parts of titles and sentences: `core.rules.title.Wording` ---------------------------------------------------

    def text(self, text: str) -> str:
        """Return an id, a name or a text from outside, so that it can be part of a sentence."""
        return self.inset(text)

    def word(self, word: str) -> str:
        """Return an enumerated value in words; for one that is not listed, its own words."""
        known = WORDS.get(word)
        return self.inset(
            word.replace("_", " ").replace("-", " ") if known is None else self.gettext(known)
        )

    def field(self, name: str) -> str:
        """Return the name of a field as it is sent, and in other languages than English what it means."""
        words = self.field_words(name)
        return self.inset(name if self.tag == "en" or not words else f"{name} ({words})")

    def right(self, name: str) -> str:
        """Return what a right allows; of one that no longer exists, its name."""
        known = RIGHTS.get(name)
        return self.inset(name if known is None else self.gettext(known))

    def field_words(self, name: str) -> str:
        """Return what a field of an event holds; of a path, its last field; empty if that is not known."""
        known = FIELDS.get(name.rpartition(".")[2].partition("[")[0])
        return "" if known is None else self.gettext(known)

    def number(self, number: float) -> str:
        """Return a number, rounded to one decimal; one of more digits than anything counts, by its power of ten."""
        if abs(number) >= LARGEST_NUMBER:
            return self.inset(f"{number:.3g}")
        return self.inset(
            format_decimal(number, "0.#", locale=self.locale, decimal_quantization=True)
        )

    def duration(self, seconds: int) -> str:
        """Return a length of time by its two greatest units: ``5 min``, ``1 h 30 min``."""
        found = [self._length(n, unit) for n, unit in units(timedelta(seconds=seconds))]
        if len(found) == 1:
            return self.inset(found[0])
        first, second = found
        return self.inset(self.gettext("{first} {second}").format(first=first, second=second))

    def _length(self, n: int, unit: TimeUnit) -> str:
        match unit:
            case "d":
                text = self.ngettext("{n} d", "{n} d", n)
            case "h":
                text = self.ngettext("{n} h", "{n} h", n)
            case "min":
                text = self.ngettext("{n} min", "{n} min", n)
            case "s":
                text = self.ngettext("{n} s", "{n} s", n)
            case _:
                assert_never(unit)
        return text.format(n=n)

    def time_of_day(self, at: datetime, zone: ZoneInfo | None, day: date | None) -> str:
        """Return a time, with its date unless that is ``day``; without a time zone in UTC."""
        if zone is None:
            return self.inset(f"{at.astimezone(UTC):%Y-%m-%d %H:%M}Z")
        local = at.astimezone(zone)
        if local.date() == day:
            return self.inset(f"{local:%H:%M}")
        when = self.gettext("{date} {time}").format(
            date=format_date(local, "d MMMM", locale=self.locale), time=f"{local:%H:%M}"
        )
        return self.inset(when)

    def sentence(self, name: PhraseId) -> str:
        """Return the template of a sentence."""
        return self.gettext(SENTENCES[name])


ENGLISH = Language("en", NullTranslations())
"""The language of rule files, log lines, and messages to other systems."""


@cache
def languages() -> dict[str, Language]:
    """Return all languages, by tag."""
    found = {"en": ENGLISH}
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
    """Return the first of these languages that is supported, ``vi`` for ``vi-VN`` too; otherwise English."""
    known = languages()
    for tag in tags:
        for name in (tag, tag.partition("-")[0]):
            if name in known:
                return known[name]
    return known["en"]
