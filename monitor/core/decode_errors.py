"""The decoder's errors as sentences: what is wrong with a message, and what to write instead."""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from monitor.core.phrase import Phrase, phrase
from monitor.core.phrase_ids import PhraseId

TIME = '"2026-01-01T08:00:00Z"'
"""A time as it must be written, with its UTC offset."""
_PLACE = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
_LACKING = re.compile(r"Object missing required field `(?P<name>\w+)`")
_NOT_ONE_OF = re.compile(r"Invalid enum value '?(?P<value>.*?)'?$")
_LENGTH = re.compile(r"Expected `\w+` of length (?P<sign><=|>=) (?P<number>\d+)")
_RANGE = re.compile(r"Expected `\w+` (?P<sign><=|>=|<|>) (?P<number>\S+)")
_KIND = re.compile(r"Expected `(?P<wanted>[^`]+)`, got `(?P<got>\w+)`")
_TYPES = {
    "str": phrase("type-text"),
    "int": phrase("type-whole-number"),
    "float": phrase("type-number"),
    "bool": phrase("type-true-or-false"),
    "datetime": phrase("type-time", example=TIME),
    "array": phrase("type-list"),
    "object": phrase("type-object"),
    "null": phrase("type-nothing"),
}
"""The decoder's types as senders know them."""
BOUNDS: Mapping[str, PhraseId] = {
    "<=": "value-at-most",
    ">=": "value-at-least",
    "<": "value-less-than",
    ">": "value-more-than",
}


def explain(error: str, choices: Mapping[str, Sequence[str]]) -> Phrase:
    """Return a decoding error as a sentence that the sender of the message understands.

    Args:
        error: the decoder's message.
        choices: the permitted words, by field, if a field permits only some.

    """
    found = _PLACE.search(error)
    path = found["path"] if found else ""
    what = error[: found.start()] if found else error
    if lacking := _LACKING.match(what):
        return phrase("field-missing", key=".".join(filter(None, (path, lacking["name"]))))
    worded = _worded(what, choices.get(path, ()))
    return phrase("field-wrong", key=path, what=worded) if path else worded


def _worded(what: str, choices: Sequence[str]) -> Phrase:
    if what.startswith("Invalid RFC3339"):
        return phrase("value-no-time", example=TIME)
    if what.startswith("Expected `datetime` with a timezone"):
        return phrase("value-no-offset", example=TIME)
    if found := _NOT_ONE_OF.match(what):
        return _not_allowed(found["value"], choices)
    if found := _LENGTH.match(what):
        if found["sign"] == ">=":
            return phrase("value-empty")
        return phrase("value-too-long", most=found["number"])
    if found := _RANGE.match(what):
        return Phrase(id=BOUNDS[found["sign"]], args={"bound": found["number"]})
    if found := _KIND.match(what):
        wanted = [_type(row) for row in found["wanted"].split(" | ") if row != "null"]
        return phrase("value-of-wrong-type", given=_type(found["got"]), wanted=_either(wanted))
    return phrase("decoder-error", error=what)


def _type(name: str) -> Phrase:
    return _TYPES.get(name) or phrase("decoder-error", error=name)


def _either(rows: Sequence[Phrase]) -> Phrase:
    first, *rest = rows
    return phrase("either", first=first, then=_either(rest)) if rest else first


def _not_allowed(value: str, choices: Sequence[str]) -> Phrase:
    close = get_close_matches(value, choices, n=1)
    if close or not choices:
        return phrase("value-not-allowed", given=value, hint=close[0] if close else "")
    return phrase("value-not-among", given=value, choices=", ".join(choices))
