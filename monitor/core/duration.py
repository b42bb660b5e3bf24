"""Durations as people write them in our files: ``30s``, ``2m``, ``1h``."""

import re
from datetime import timedelta

PATTERN = r"\d{1,6}(?:ms|s|m|h|d)"
_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DURATION = re.compile(r"(?P<number>\d{1,6})(?P<unit>ms|s|m|h|d)")


def parse_duration(text: str) -> timedelta | None:
    """Return the duration that a text means, or ``None`` if it means none."""
    found = _DURATION.fullmatch(text)
    return None if found is None else timedelta(**{_UNITS[found["unit"]]: int(found["number"])})
