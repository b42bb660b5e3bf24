"""Durations as text: as files write them (``30s``, ``2m``, ``1h``), and as people read them (``1 h 30 min``)."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

TimeUnit = Literal["d", "h", "min", "s"]
"""The units in which people read a duration."""
PATTERN = r"\d{1,6}(?:ms|s|m|h|d)"
_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_SIZES: Sequence[tuple[int, TimeUnit]] = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
_DURATION = re.compile(r"(?P<number>\d{1,6})(?P<unit>ms|s|m|h|d)")


def in_words(length: timedelta) -> str:
    """Return a duration for people, in its two greatest units: ``5 min``, ``1 h 30 min``."""
    return " ".join(f"{count} {unit}" for count, unit in units(length))


def units(length: timedelta) -> list[tuple[int, TimeUnit]]:
    """Return the two greatest units of a duration, of ``d``, ``h``, ``min`` and ``s``, each with its number."""
    seconds = round(length.total_seconds())
    parts: list[tuple[int, TimeUnit]] = []
    for size, unit in _SIZES:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append((count, unit))
    return parts[:2] or [(0, "s")]


def parse_duration(text: str) -> timedelta | None:
    """Return the duration that a text gives; ``None`` if it gives none."""
    found = _DURATION.fullmatch(text)
    return None if found is None else timedelta(**{_UNITS[found["unit"]]: int(found["number"])})
