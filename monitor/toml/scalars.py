"""Single values: text, numbers, durations, times of day, paths and choices."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path

from monitor.core.timing import parse_duration
from monitor.toml.words import instead, quoted, shown


@dataclass(frozen=True, slots=True)
class Wrong:
    """The refusal of a value: what is wrong with it and what to write; empty for the leaf's usual wording."""

    why: str = ""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One type of single value."""

    noun: str
    """Its name in messages, e.g. ``a duration``."""
    examples: tuple[str, ...]
    """Values as they are written in a file."""
    read: Callable[[object], object]
    """Returns the value, or `Wrong`; never raises."""

    def refusal(self, value: object, wrong: Wrong) -> str:
        """Return why ``value`` is not of this type."""
        return (
            wrong.why or f"{shown(value)} is not {self.noun}; write e.g. {', '.join(self.examples)}"
        )


_LONGEST = timedelta(days=36_500)
"""A hundred years: added to any date in use, the result is still a valid date."""
_TIME = re.compile(r"(?:[01][0-9]|2[0-3])(?::[0-5][0-9]){1,2}")
_INT64 = range(-(2**63), 2**63)
"""The range that TOML guarantees and that the journal can store."""


def _text(value: object) -> object:
    if isinstance(value, str):
        return value
    if isinstance(value, (list, dict)):
        return Wrong()
    return Wrong(f'{shown(value)} is not text; put it in quotes: "{shown(value)}"')


def _whole(value: object) -> object:
    if type(value) is not int:
        return Wrong()
    return value if value in _INT64 else Wrong(_too_long(value))


def _too_long(value: int) -> str:
    return f"{shown(value)} has too many digits; write at most 18"


def _number(value: object) -> object:
    if isinstance(value, float) and math.isfinite(value):
        return value
    if type(value) is not int:
        return Wrong()
    return float(value) if value in _INT64 else Wrong(_too_long(value))


def _switch(value: object) -> object:
    return (
        value
        if isinstance(value, bool)
        else Wrong(f"{shown(value)} is not a switch; write true or false")
    )


def _duration(value: object) -> object:
    duration = parse_duration(value) if isinstance(value, str) else None
    if duration is None:
        return Wrong()
    return (
        duration
        if duration <= _LONGEST
        else Wrong(f'{shown(value)} is too long; write at most "36500d"')
    )


def _time(value: object) -> object:
    if isinstance(value, str) and _TIME.fullmatch(value):
        return time.fromisoformat(value)
    return value if isinstance(value, time) else Wrong()


def _path(value: object) -> object:
    return Path(value) if isinstance(value, str) and value and "\0" not in value else Wrong()


LEAVES: Mapping[object, Leaf] = {
    str: Leaf("text", ('"..."',), _text),
    int: Leaf("a whole number", ("10",), _whole),
    float: Leaf("a number", ("0.5",), _number),
    bool: Leaf("true or false", ("true",), _switch),
    timedelta: Leaf("a duration", ('"30s"', '"2m"', '"1h"'), _duration),
    time: Leaf("a time of day", ('"08:00"',), _time),
    Path: Leaf("a path", ('"folder/file"',), _path),
}
"""The types of single values that any file may use."""


def choice(options: Mapping[str, object]) -> Leaf:
    """Return the leaf that accepts one of these words and returns the word's value."""

    def read(value: object) -> object:
        if isinstance(value, str) and value in options:
            return options[value]
        return Wrong(f"{shown(value)} is not allowed; {instead(str(value), options)}")

    return Leaf("one of the words", tuple(map(quoted, options)), read)
