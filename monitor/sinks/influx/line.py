"""Encodes a point as one line of InfluxDB's line protocol."""

import re
from collections.abc import Callable
from functools import cache, lru_cache
from math import isfinite
from typing import Any

from msgspec.structs import astuple

from monitor.sinks.influx.schema import NONE, Measurement, TagKey, columns, name_of

_SPECIAL = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029,=\\]")
_QUOTED = re.compile(r'[\x00"\\]')
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_LARGEST = 2**63 - 1
_LONGEST = 4000
"""Characters of a text; a longer one is truncated, since a field may have at most 64 KiB."""


def line(point: Measurement, ns: int) -> str:
    """Return the line of a point at a time in nanoseconds since 1970, without a line break."""
    name, tags, fields = _form(type(point))
    values = astuple(point)
    head = "".join([key + tag_value(value) for key, value in zip(tags, values, strict=False)])
    written = [
        key + text
        for (key, encode), value in zip(fields, values[len(tags) :], strict=True)
        if value is not None and (text := encode(value))
    ]
    return f"{name}{head} {','.join(written)} {ns}"


@lru_cache(maxsize=65_536)
def tag_value(text: str) -> str:
    r"""Return a tag's value as written in a line.

    No escape of a backslash or a control character is read back by every server: they become ``/`` and a space. An
    empty value becomes `NONE`.
    """
    plain = kept_in_tag(text)
    if _SPECIAL.search(plain) is None:
        return plain
    return plain.replace(",", r"\,").replace("=", r"\=").replace(" ", r"\ ")


def kept_in_tag(text: str) -> str:
    """Return a tag's value as a server returns it."""
    if _SPECIAL.search(text) is None:
        return text or NONE
    return _CONTROL.sub(" ", text.replace("\\", "/")).strip() or NONE


def _text(value: str) -> str:
    if len(value) > _LONGEST or _QUOTED.search(value) is not None:
        value = value[:_LONGEST].replace("\0", "").replace("\\", r"\\").replace('"', r"\"")
    return f'"{value}"'


def _integer(value: int) -> str:
    return f"{max(-_LARGEST, min(_LARGEST, value))}i"


def _float(value: float) -> str:
    """Return an empty text for NaN and infinity, which no server accepts."""
    return repr(float(value)) if isfinite(value) else ""


Encode = Callable[[Any], str]
_ENCODERS: dict[type, Encode] = {str: _text, int: _integer, float: _float}


@cache
def _form(kind: type[Measurement]) -> tuple[str, list[str], list[tuple[str, Encode]]]:
    """Return the constant parts of a measurement's lines: its name, the tags' keys, the fields' keys and encoders."""
    rows = columns(kind)
    tags = [f",{row.name}=" for row in rows if isinstance(row.key, TagKey)]
    fields = [
        (f"{row.name}=", _ENCODERS[row.kind]) for row in rows if not isinstance(row.key, TagKey)
    ]
    return name_of(kind), tags, fields
