"""Finds the line on which each table and key of a TOML document stands, which ``tomllib`` doesn't tell."""

import re
import tomllib
from collections.abc import Iterator, Mapping

Keys = tuple[str | int, ...]
"""The way to a value: keys, and in a list its position from 0, e.g. ``("point", 2, "kind")``."""

_TOKEN = re.compile(
    r"""
      (?P<comment> \#[^\n]*)
    | (?P<text>    \"{3} (?: [^"\\] | \\. | "{1,2}(?!") )* "{3,5}
                 | '{3} (?: [^'] | '{1,2}(?!') )* '{3,5}
                 | " (?: [^"\\\n] | \\. )* "
                 | ' [^'\n]* ')
    | (?P<bare>    [A-Za-z0-9_-]+)
    | (?P<mark>    [\[\]{}=\n])
    """,
    re.VERBOSE | re.DOTALL,
)


def lines(text: str) -> Mapping[Keys, int]:
    """Return the line, counted from 1, of every table and key outside inline tables; ``text`` has to be valid TOML."""
    found: dict[Keys, int] = {}
    latest: dict[Keys, int] = {}
    table: Keys = ()

    def whole(keys: Keys) -> Keys:
        """Put in the position of the latest table wherever the way leads through an array of tables."""
        way: Keys = ()
        for key in keys:
            way += (key,)
            if way in latest:
                way += (latest[way],)
        return way

    for line, brackets, keys in _statements(text):
        if brackets == "[[":
            array = (*whole(keys[:-1]), keys[-1])
            latest[array] = latest.get(array, -1) + 1
            way = table = (*array, latest[array])
        elif brackets == "[":
            way = table = whole(keys)
        else:
            way = table + keys
        found[way] = line
        for length in range(1, len(way)):
            found.setdefault(way[:length], line)
    return found


def _statements(text: str) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """Yield the line, the opening brackets and the keys of each header and each assignment."""
    line = start = 1
    depth = 0  # of brackets in a value: a line break inside them ends nothing
    brackets = ""
    keys: tuple[str, ...] = ()
    in_value = False
    for token in _TOKEN.finditer(text):
        word = token.group()
        if token.lastgroup == "mark" and word != "\n":
            if word == "=" and not depth and not in_value:
                in_value = True
            elif in_value:
                depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(word, 0)
            elif word == "[":
                brackets += word
        elif word == "\n" and not depth:
            if keys:
                yield start, brackets, keys
            brackets, keys, in_value, start = "", (), False, line + 1
        elif token.lastgroup in ("bare", "text") and not in_value:
            keys = (*keys, word if token.lastgroup == "bare" else _unquoted(word))
        line += word.count("\n")
    if keys:
        yield start, brackets, keys


def _unquoted(key: str) -> str:
    return str(tomllib.loads(f"key = {key}")["key"])
