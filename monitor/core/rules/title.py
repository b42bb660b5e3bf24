"""Puts values into a title or sentence: names for ids, local times, rounded numbers, words for enumerated values."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from typing import Protocol, get_args
from zoneinfo import ZoneInfo

from monitor.core.bounded_text import cut
from monitor.core.events import EVENT_TYPES
from monitor.core.events.vocabulary import CappedMemory
from monitor.core.phrase import Phrase
from monitor.core.phrase_ids import PhraseId
from monitor.core.rules.fields import fields
from monitor.core.rules.template import Part, fields_of, template
from monitor.core.utc import utc
from monitor.core.venue.accreditation import DEFAULT
from monitor.core.venue.display_names import LISTS, DisplayNames

Value = str | int | float | Phrase
MISSING = "?"
"""Shown for a field without a value that is not in brackets."""
UNKNOWN = frozenset({("unit", "unknown"), ("result", "unknown")})
"""Values that mean that there is none."""
WORDS = frozenset({"answer", "condition", "handling", "kind", "quantity", "severity", "wanted"})
"""Fields that hold words even where an event doesn't list them: identifiers such as ``carbon-monoxide``."""
FIELD = "key"
"""The argument of sentences that is the name of a field."""
RIGHT = "right"
"""The field and the argument of sentences that is what an account may do."""
DURATIONS = frozenset(
    ["ahead_s", "behind_s", "by_s", "median_s", "overlap_s", "paused_s", "took_s", "wait", "within"]
)
"""Fields of events and arguments of sentences that are a number of seconds, shown as a length of time."""
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_DECIMAL = re.compile(r"-?\d+\.\d+(?:e[+-]?\d+)?")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z")
_SPACES = re.compile(r" {2,}")
_BEFORE_PERCENT = re.compile(r"(?<=\d)(\u2069?) (?=\u2068?%)")


class Wording(Protocol):
    """Puts values and sentences into one language. Pure: it has the same answer at any time and on any machine."""

    def text(self, text: str) -> str:
        """Return an id, a name or a text from outside, so that it can be part of a sentence."""

    def word(self, word: str) -> str:
        """Return an enumerated value in words: ``no_go`` is "no go", ``celsius`` is "°C"."""

    def field(self, name: str) -> str:
        """Return the name of a field of a message, as it is sent, so that its sender finds it."""

    def right(self, name: str) -> str:
        """Return what a right allows, in words: ``take_shift`` is "take a shift"."""

    def number(self, number: float) -> str:
        """Return a number, rounded to one decimal."""

    def duration(self, seconds: int) -> str:
        """Return a length of time."""

    def time_of_day(self, at: datetime, zone: ZoneInfo | None, day: date | None) -> str:
        """Return a time, with its date unless that is ``day``; without a time zone in UTC."""

    def list_of(self, names: Iterable[str]) -> str:
        """Return several names as one text."""

    def sentence(self, name: PhraseId) -> str:
        """Return the template of a sentence."""


def render(
    text: str,
    values: Mapping[str, Value],
    names: DisplayNames,
    wording: Wording,
    on: datetime | None = None,
) -> str:
    """Return a template with its values put in.

    A part in brackets is left out when one of its fields has no value. Elsewhere such a field is shown as "?".

    Args:
        text: words, with fields in braces.
        values: by field; times in RFC 3339 in UTC.
        names: the names of what the venue and the roster know.
        wording: the language.
        on: what it is about happened then: times of the same day are written without the date.

    """
    named = fields_of(text)
    if not named:
        return _without_fields(text)
    day = None if on is None else utc(on).astimezone(names.timezone or UTC).date()
    return _filled(text, {name: _shown(name, values, names, wording, day) for name in named})


def render_phrase(
    row: Phrase | str, names: DisplayNames, wording: Wording, on: datetime | None = None
) -> str:
    """Return a sentence in words; one that an older version wrote down in words stays as it is."""
    if isinstance(row, str):
        return row
    return render(wording.sentence(row.id), row.args, names, wording, on)


def raw(value: object) -> str:
    """Return a value of an event as an alert keeps it; empty for none."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.10g}"
        case datetime():
            return f"{utc(value):%Y-%m-%dT%H:%M:%SZ}"
        case tuple() | list():
            return ", ".join(map(raw, value))
        case _:
            return str(value)


@lru_cache(maxsize=4096)
def _without_fields(text: str) -> str:
    return _filled(text, {})


def _filled(text: str, shown: Mapping[str, str]) -> str:
    line = _SPACES.sub(" ", "".join(_put_in(part, shown) for part in template(text))).strip()
    return _BEFORE_PERCENT.sub(r"\1", line)


def _put_in(part: Part, shown: Mapping[str, str]) -> str:
    if part.optional and not all(shown[field] for field in part.fields):
        return ""
    return "".join(
        f"{words}{shown[field] or MISSING}" if field else words for words, field in part.pieces
    )


def _shown(
    field: str,
    values: Mapping[str, Value],
    names: DisplayNames,
    wording: Wording,
    day: date | None,
) -> str:
    """Return how the value of a field is shown; empty if it has none."""
    value = values.get(field, "")
    if isinstance(value, Phrase):
        return render_phrase(value, names, wording)
    if isinstance(value, int | float):
        return wording.duration(int(value)) if field in DURATIONS else wording.number(value)
    if not value or (field, value) in UNKNOWN:
        return ""
    if field in (FIELD, RIGHT):
        return wording.field(value) if field == FIELD else wording.right(value)
    if field in DURATIONS and _NUMBER.fullmatch(value):
        return wording.duration(_rounded(abs(float(value))))
    times, numbers, choices = _types()
    if field in times and _TIME.fullmatch(value):
        return wording.time_of_day(datetime.fromisoformat(value), names.timezone, day)
    if field in numbers and _DECIMAL.fullmatch(value):
        return wording.number(float(value))
    if value in choices.get(field, ()) or field in WORDS:
        return wording.word(value)
    if field in LISTS:
        return wording.list_of(names.several(field, value))
    return wording.text(cut(names.of(field, value, values)))


def _rounded(seconds: float) -> int:
    """Return a length of time to the hour from a day on, and to the minute from an hour on: two units are shown."""
    step = 3600 if seconds >= 86_400 else 60 if seconds >= 3600 else 1  # noqa: PLR2004 - a day, an hour
    return round(seconds / step) * step


@cache
def _types() -> tuple[frozenset[str], frozenset[str], Mapping[str, frozenset[str]]]:
    """Return the fields of any event that hold a time, those that hold a number, and the values of enumerated ones."""
    times, numbers = {"at", "read_at", "since", "until"}, {"n"}
    choices: dict[str, frozenset[str]] = {
        "holder_class": frozenset(DEFAULT),
        "rule": frozenset(get_args(CappedMemory)),
    }
    for kind in EVENT_TYPES:
        for name, field in fields(kind).items():
            if field.type == "time":
                times.add(name)
            elif field.type == "number":
                numbers.add(name)
            elif field.choices:
                choices[name] = choices.get(name, frozenset()) | frozenset(field.choices)
    return frozenset(times), frozenset(numbers), choices
