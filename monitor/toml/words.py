"""Puts values and suggestions into words, each on one line."""

import difflib
import json
from collections.abc import Collection, Iterable
from datetime import date, time

_LONGEST = 60
"""Characters shown of a text; enough to find it in the file."""
LONGEST_PATH = 4096
"""Characters shown of a file's name: all that Linux takes."""
_MOST = 12
"""Choices listed; longer lists are not read."""


def quoted(text: str, longest: int = _LONGEST) -> str:
    """Return the text in double quotes, on one line whatever it holds, cut short where it is long."""
    cut = text if len(text) <= longest else text[: longest - 3] + "..."
    plain = json.dumps(cut, ensure_ascii=False)
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in plain)


def shown(value: object) -> str:
    """Return a value of a TOML file as a person knows it from there."""
    match value:
        case str():
            return quoted(value)
        case bool():
            return str(value).lower()
        case dict():
            return "a table"
        case list():
            return "a list"
        case date() | time():
            return value.isoformat()
        case int() if abs(value) >= 10**_LONGEST:
            return "a number this long"
        case _:
            return str(value)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word that was probably meant, or nothing."""
    return next(iter(difflib.get_close_matches(word, known, n=1)), "")


def instead(word: str, known: Collection[str]) -> str:
    """Return what to write instead of ``word``: the known word nearest to it, or the known ones."""
    if near := nearest(word, known):
        return f"did you mean {quoted(near)}?"
    if not known:
        return "there is none in the file"
    if len(known) > _MOST:
        return f"write e.g. {quoted(next(iter(known)))}"
    listed = ", ".join(map(quoted, known))
    return f"write {listed}" if len(known) == 1 else f"write one of {listed}"


def no_such(noun: str, word: str, known: Collection[str]) -> str:
    """Return that there is nothing of this name, and what to write instead."""
    return f"there is no {noun} {quoted(word)}; {instead(word, known)}"
