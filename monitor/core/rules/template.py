"""The text of a title or sentence: words, fields in braces, and optional parts in brackets."""

import re
from functools import lru_cache
from string import Formatter
from typing import NamedTuple

_SIGN = re.compile(r"([\[\]])")
_PAIRED = re.compile(r"{{|}}|{[^{}]*}")
_DOUBLED = re.compile(r"{{|}}")
_NAME = re.compile(r"{([^{}!:]+)[^{}]*}")
_CROSSED = {
    "[": "a [ within brackets; close the first with ] before the next [",
    "]": "a ] has no [ before it; write [: {reason}], or no bracket",
}


class TemplateError(ValueError):
    """The text can't be read at ``column`` (from 0); the message says what to write instead."""

    def __init__(self, message: str, column: int) -> None:
        self.column = column
        super().__init__(message)


class Part(NamedTuple):
    """A stretch of a template."""

    optional: bool
    """It is left out if one of its fields has no value."""
    pieces: tuple[tuple[str, str], ...]
    """Words, each with the field that comes after them; empty: none does."""

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields in it, in order."""
        return tuple(field for _, field in self.pieces if field)


Template = tuple[Part, ...]


@lru_cache(maxsize=4096)
def template(text: str) -> Template:
    """Read a text that was checked before; brackets without a partner, as in titles of old journals, are words."""
    try:
        return parse(text)
    except TemplateError:
        return (Part(optional=False, pieces=tuple(_pieces(text))),)


@lru_cache(maxsize=4096)
def fields_of(text: str) -> tuple[str, ...]:
    """Return the fields that a text names, in order, each once."""
    return tuple(dict.fromkeys(name for part in template(text) for name in part.fields))


def in_general(text: str) -> str:
    """Return a text without values: an ellipsis for each field, and nothing of its optional parts."""
    pieces = (piece for part in template(text) if not part.optional for piece in part.pieces)
    return "".join(f"{words}…" if field else words for words, field in pieces)


def names_in(text: str) -> tuple[str, ...]:
    """Return the fields that a text seems to name, each once, even if its braces or brackets don't fit."""
    return tuple(dict.fromkeys(_NAME.findall(_DOUBLED.sub("", text))))


def parse(text: str) -> Template:
    """Read a text strictly. Brackets without a field are words; the others are parts that may be left out.

    Raises:
        TemplateError: its braces or brackets don't fit.

    """
    parts: list[Part] = []
    pieces: list[tuple[str, str]] = []
    optional = False
    for words, field in _pieces(text):
        *stretches, rest = _SIGN.split(words)
        for before, sign in zip(stretches[::2], stretches[1::2], strict=True):
            if (sign == "[") is optional:
                raise TemplateError(_CROSSED[sign], _column_of_bracket(text))
            if before:
                pieces.append((before, ""))
            if optional and not any(name for _, name in pieces):
                pieces = [("[", ""), *pieces, ("]", "")]  # words in brackets
                optional = False
            if pieces:
                parts.append(Part(optional, tuple(pieces)))
            optional, pieces = sign == "[", []
        if rest or field:
            pieces.append((rest, field))
    if optional:
        raise TemplateError(
            "a [ has no ] after it; write [: {reason}], or no bracket", text.rindex("[")
        )
    return (*parts, Part(optional, tuple(pieces))) if pieces else tuple(parts)


def _pieces(text: str) -> list[tuple[str, str]]:
    """Return words, each with the field that comes after them.

    Raises:
        TemplateError: the braces don't fit, or hold more than a name.

    """
    try:
        found = list(Formatter().parse(text))
    except ValueError as error:
        what = "a brace has no partner; write a field like {point}, and a brace itself twice"
        raise TemplateError(what, _column_of_brace(text)) from error
    for _, name, layout, conversion in found:
        if layout or conversion:
            what = f"write {{{name}}}, and nothing more between the braces"
            raise TemplateError(what, text.index(f"{{{name}"))
        if name == "":
            what = "there is nothing between the braces; write a field like {point}"
            raise TemplateError(what, text.index("{}"))
    return [(words, name or "") for words, name, _, _ in found]


def _column_of_brace(text: str) -> int:
    """Return the column of the first brace without a partner."""
    rest = _PAIRED.sub(lambda found: " " * len(found[0]), text)
    return next((column for column, sign in enumerate(rest) if sign in "{}"), 0)


def _column_of_bracket(text: str) -> int:
    """Return the column of the first bracket that does not fit the one before it."""
    is_open = False
    for column, sign in enumerate(text):
        if sign in "[]":
            if (sign == "[") is is_open:
                return column
            is_open = not is_open
    return 0
