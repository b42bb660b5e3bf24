"""Writes a point as one line of InfluxDB's line protocol."""

import re
from collections.abc import Callable
from functools import cache, lru_cache
from math import isfinite
from typing import Any

from monitor.sinks.influx.measurement import NONE, Measurement, Tag, columns, name_of

_NEEDS_CARE = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029,=\\]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_LARGEST = 2**63 - 1
_LONGEST = 4000
"""Letters of a text; a longer one is cut, since a field may have 64 KiB."""


def line(point: Measurement, ns: int) -> str:
    """Return the line of a point at a time, in nanoseconds since 1970; no line break at its end."""
    name, tags, fields = _form(type(point))
    head = "".join([key + tag_value(getattr(point, attr)) for key, attr in tags])
    told = [
        key + text
        for key, attr, write in fields
        if (value := getattr(point, attr)) is not None and (text := write(value))
    ]
    return f"{name}{head} {','.join(told)} {ns}"


@lru_cache(maxsize=65_536)
def tag_value(text: str) -> str:
    r"""Return a tag's value as it stands in a line.

    A backslash or a control character can't be written there so that every server reads it back: they become ``/`` and
    a blank. An empty one becomes `NONE`.
    """
    plain = kept_in_tag(text)
    if _NEEDS_CARE.search(plain) is None:
        return plain
    return plain.replace(",", r"\,").replace("=", r"\=").replace(" ", r"\ ")


def kept_in_tag(text: str) -> str:
    """Return what a server gives back for a tag's value."""
    if _NEEDS_CARE.search(text) is None:
        return text or NONE
    return _CONTROL.sub(" ", text.replace("\\", "/")).strip() or NONE


def _text(value: str) -> str:
    told = value[:_LONGEST].replace("\0", "").replace("\\", r"\\").replace('"', r"\"")
    return f'"{told}"'


def _whole(value: int) -> str:
    return f"{max(-_LARGEST, min(_LARGEST, value))}i"


def _number(value: float) -> str:
    """Return nothing for what is no number: no server takes it."""
    return repr(float(value)) if isfinite(value) else ""


_WRITE: dict[type, Callable[[Any], str]] = {str: _text, int: _whole, float: _number}


@cache
def _form(
    kind: type[Measurement],
) -> tuple[str, list[tuple[str, str]], list[tuple[str, str, Callable[[Any], str]]]]:
    """Return what all lines of a measurement have in common."""
    rows = columns(kind)
    tags = [(f",{row.name}=", row.name) for row in rows if isinstance(row.said, Tag)]
    fields = [
        (f"{row.name}=", row.name, _WRITE[row.kind])
        for row in rows
        if not isinstance(row.said, Tag)
    ]
    return name_of(kind), tags, fields
