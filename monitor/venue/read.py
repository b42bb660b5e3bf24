"""Reads ``venue.toml``, all mistakes at once."""

from datetime import UTC, datetime
from pathlib import Path

from monitor.core.venue.model import Venue
from monitor.toml import Form, Reading
from monitor.toml.scalars import Leaf, Wrong
from monitor.venue.checks import check


def _moment(value: object) -> object:
    if not isinstance(value, datetime):
        return Wrong()
    return (
        value.astimezone(UTC)
        if value.tzinfo
        else Wrong("it has no offset from UTC; write e.g. 2026-12-04T18:00:00+07:00")
    )


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
        "ways": "way",
        "posts": "post",
        "rounds": "round",
        "checklists": "checklist",
        "items": "item",
    },
    leaves={datetime: Leaf("a moment", ("2026-12-04T18:00:00+07:00",), _moment)},
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
