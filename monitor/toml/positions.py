"""The line of each table and key of a TOML document, which ``tomllib`` does not report."""

import re
import tomllib
from collections.abc import Iterator, Mapping

Keys = tuple[str | int, ...]
"""The path to a value: keys, and in a list the position from 0, e.g. ``("point", 2, "kind")``."""

_TOKEN = re.compile(
    r"""
      (?P<comment> \#[^\n]*)
    | (?P<text>    \"{3} (?: [^"\\] | \\. | "{1,2}(?!") )* "{3,5}
                 | '{3} (?: [^'] | '{1,2}(?!') )* '{3,5}
                 | " (?: [^"\\\n] | \\. )* "
                 | ' [^'\n]* ')
    | (?P<bare>    [A-Za-z0-9_-]+)
    | (?P<mark>    [\[\]{}=\n])
    | (?P<dot>     \.)
    """,
    re.VERBOSE | re.DOTALL,
)


def lines(text: str) -> Mapping[Keys, int]:
    """Return the line, counted from 1, of every table and key outside inline tables; ``text`` must be valid TOML."""
    found: dict[Keys, int] = {}
    latest: dict[Keys, int] = {}
    table: Keys = ()

    def whole(keys: Keys) -> Keys:
        """Insert the position of the latest table wherever the path leads through an array of tables."""
        path: Keys = ()
        for key in keys:
            path += (key,)
            if path in latest:
                path += (latest[path],)
        return path

    for line, brackets, keys in _statements(text):
        if brackets == "[[":
            array = (*whole(keys[:-1]), keys[-1])
            latest[array] = latest.get(array, -1) + 1
            path = table = (*array, latest[array])
        elif brackets == "[":
            path = table = whole(keys)
        else:
            path = table + keys
        found[path] = line
        for length in range(1, len(path)):
            found.setdefault(path[:length], line)
    return found


def too_deep(text: str, deepest: int) -> int:
    """Return the line of the first dotted key with more than this many parts; 0 if there is none.

    The text need not be valid TOML.
    """
    # A key is on one line, so that most files need no closer look.
    if all(row.count(".") < deepest for row in text.split("\n")):
        return 0
    line, parts, dotted = 1, 0, False
    for token in _TOKEN.finditer(text):
        word = token.group()
        if token.lastgroup in ("bare", "text"):
            parts = parts + 1 if dotted else 1
            if parts > deepest:
                return line
        dotted = word == "."
        line += word.count("\n")
    return 0


def _statements(text: str) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """Yield the line, the opening brackets and the keys of each header and assignment."""
    line = start = 1
    depth = 0  # of brackets in a value, where a line break does not end the statement
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
