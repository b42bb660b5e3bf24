"""Values and suggestions as one-line text for messages."""

import difflib
import json
from collections.abc import Collection, Iterable
from datetime import date, time
from pathlib import Path

_LONGEST = 60
"""Characters of a text shown in a message; enough to find it in the file."""
LONGEST_PATH = 4096
"""Characters of a file name shown in a message: the most that Linux allows."""
_WIDEST, _BEFORE_CARET = 500, 100
"""Characters of a text that is pointed at, and of those before the place; a condition has 500 at most."""
_MOST = 12
"""Choices listed in a message; longer lists go unread."""


def quoted(text: str, longest: int = _LONGEST) -> str:
    """Return the text in double quotes on one line, shortened if it is long."""
    cut = text if len(text) <= longest else text[: longest - 3] + "..."
    plain = json.dumps(cut, ensure_ascii=False)
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in plain)


def shown(value: object) -> str:
    """Return a value as it is written in a TOML file."""
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


def pointed_at(text: str, column: int) -> str:
    """Return a text on a line of its own, and below it a caret under the column (from 0); a long text is cut."""
    line = "".join(char if char.isprintable() else " " for char in text)
    start = max(column - _BEFORE_CARET, 0) if len(line) > _WIDEST else 0
    return f"\n      {line[start : start + _WIDEST]}\n      {' ' * (column - start)}^"


def no_file(path: Path) -> str:
    """Return the message for a file that is not there."""
    return f"there is no file {quoted(str(path), LONGEST_PATH)}; create it, or correct the name"


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word that was probably meant; empty if none is close."""
    return next(iter(difflib.get_close_matches(word, known, n=1)), "")


def instead(word: str, known: Collection[str]) -> str:
    """Return what to write instead of ``word``: the nearest known word, or the known words."""
    if near := nearest(word, known):
        return f"did you mean {quoted(near)}?"
    if not known:
        return "the file defines none"
    if len(known) > _MOST:
        return f"write e.g. {quoted(next(iter(known)))}"
    listed = ", ".join(map(quoted, known))
    return f"write {listed}" if len(known) == 1 else f"write one of {listed}"


def no_such(noun: str, word: str, known: Collection[str]) -> str:
    """Return the message for a name that is not defined, with what to write instead."""
    return f"unknown {noun} {quoted(word)}; {instead(word, known)}"
