"""Writes a point as one line of InfluxDB's line protocol."""

import re
from collections.abc import Callable
from functools import cache, lru_cache
from math import isfinite
from typing import Any

from msgspec.structs import astuple

from monitor.sinks.influx.schema import NONE, Measurement, Tag, columns, name_of

_NEEDS_CARE = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029,=\\]")
_NEEDS_QUOTING = re.compile(r'[\x00"\\]')
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_LARGEST = 2**63 - 1
_LONGEST = 4000
"""Letters of a text; a longer one is cut, since a field may have 64 KiB."""


def line(point: Measurement, ns: int) -> str:
    """Return the line of a point at a time, in nanoseconds since 1970; no line break at its end."""
    name, tags, fields = _form(type(point))
    values = astuple(point)
    head = "".join([key + tag_value(value) for key, value in zip(tags, values, strict=False)])
    told = [
        key + text
        for (key, write), value in zip(fields, values[len(tags) :], strict=True)
        if value is not None and (text := write(value))
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
    if len(value) > _LONGEST or _NEEDS_QUOTING.search(value) is not None:
        value = value[:_LONGEST].replace("\0", "").replace("\\", r"\\").replace('"', r"\"")
    return f'"{value}"'


def _whole(value: int) -> str:
    return f"{max(-_LARGEST, min(_LARGEST, value))}i"


def _number(value: float) -> str:
    """Return nothing for what is no number: no server takes it."""
    return repr(float(value)) if isfinite(value) else ""


Write = Callable[[Any], str]
_WRITE: dict[type, Write] = {str: _text, int: _whole, float: _number}


@cache
def _form(kind: type[Measurement]) -> tuple[str, list[str], list[tuple[str, Write]]]:
    """Return what all lines of a measurement have in common: its name, the tags' keys, the fields' keys and writers."""
    rows = columns(kind)
    tags = [f",{row.name}=" for row in rows if isinstance(row.said, Tag)]
    fields = [(f"{row.name}=", _WRITE[row.kind]) for row in rows if not isinstance(row.said, Tag)]
    return name_of(kind), tags, fields
