"""Reads ``venue.toml``, all mistakes at once."""

from pathlib import Path

from monitor.core.venue import Venue
from monitor.toml import Form, Reading
from monitor.venue.checks import check

FORM = Form(
    Venue,
    tables={
        "agencies": "agency",
        "sites": "site",
        "zones": "zone",
        "points": "point",
        "devices": "device",
        "classes": "class",
        "schedules": "schedule",
        "checklists": "checklist",
        "items": "item",
    },
)


def load(path: Path) -> Venue:
    """Read the file at ``path``.

    Raises:
        ConfigError: it can't be used as it is; all mistakes are told.
    """
    return read(path).whole()


def read(path: Path) -> Reading[Venue]:
    """Read the file at ``path`` and note all that is wrong in it."""
    reading = FORM.read_file(path)
    check(reading)
    return reading
