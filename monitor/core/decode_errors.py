"""Says in plain words what the decoder found wrong with a message, and what to write instead."""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

TIME = '"2026-01-01T08:00:00Z"'
"""A time as it has to be written, with its offset from UTC."""
_PLACE = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
_LACKING = re.compile(r"Object missing required field `(?P<name>\w+)`")
_NOT_ONE_OF = re.compile(r"Invalid enum value '?(?P<value>.*?)'?$")
_LENGTH = re.compile(r"Expected `\w+` of length (?P<sign><=|>=) (?P<number>\d+)")
_RANGE = re.compile(r"Expected `\w+` (?P<sign><=|>=|<|>) (?P<number>\S+)")
_KIND = re.compile(r"Expected `(?P<wanted>[^`]+)`, got `(?P<got>\w+)`")
_IN_WORDS = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "datetime": f"a time, e.g. {TIME}",
    "array": "a list: [...]",
    "object": "an object: {...}",
    "null": "nothing",
}
_SIGNS = {"<=": "at most", ">=": "at least", "<": "less than", ">": "more than"}


def in_words(error: str, choices: Mapping[str, Sequence[str]]) -> str:
    """Return what a decoding error says, for whoever sends the message.

    Args:
        error: the decoder's own words.
        choices: what may stand in a field, by its name, where only some words may.

    """
    found = _PLACE.search(error)
    path = found["path"] if found else ""
    what = error[: found.start()] if found else error
    if lacking := _LACKING.match(what):
        return ".".join(filter(None, (path, lacking["name"]))) + " is missing"
    told = _told(what, choices.get(path, ()))
    return f"{path}: {told}" if path else told


def _told(what: str, choices: Sequence[str]) -> str:
    if what.startswith("Invalid RFC3339"):
        return f"this is no time; write e.g. {TIME}"
    if what.startswith("Expected `datetime` with a timezone"):
        return f"the offset from UTC is missing; write e.g. {TIME}"
    if found := _NOT_ONE_OF.match(what):
        return f'"{found["value"]}" is not possible; {_instead(found["value"], choices)}'
    if found := _LENGTH.match(what):
        if found["sign"] == ">=":
            return "this is empty; write what is meant, or leave it out"
        return f"this is too long; write {found['number']} characters at most"
    if found := _RANGE.match(what):
        return f"write a number of {_SIGNS[found['sign']]} {found['number']}"
    if found := _KIND.match(what):
        wanted = [_IN_WORDS.get(row, row) for row in found["wanted"].split(" | ") if row != "null"]
        got = _IN_WORDS.get(found["got"], found["got"]).partition(",")[0].partition(":")[0]
        return f"this is {got}; write {' or '.join(wanted)}"
    return what


def _instead(value: str, choices: Sequence[str]) -> str:
    if close := get_close_matches(value, choices, n=1):
        return f'did you mean "{close[0]}"?'
    return f"write one of {', '.join(choices)}" if choices else "docs/topics.md lists what is"
