"""Reading ``venue.toml``, with all mistakes at once."""

from datetime import UTC, datetime
from pathlib import Path

from monitor.core.venue.model import Venue
from monitor.toml import Form, ParseResult
from monitor.toml.scalars import Leaf, Wrong
from monitor.venue.checks import check


def _time(value: object) -> object:
    if not isinstance(value, datetime):
        return Wrong()
    return (
        value.astimezone(UTC)
        if value.tzinfo
        else Wrong("has no UTC offset; write e.g. 2026-12-04T18:00:00+07:00")
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
    leaves={datetime: Leaf("a date and time", ("2026-12-04T18:00:00+07:00",), _time)},
)


def load(path: Path) -> Venue:
    """Read the file at ``path``.

    Raises:
        ConfigError: it has mistakes; the error lists all of them.
    """
    return read(path).whole()


def read(path: Path) -> ParseResult[Venue]:
    """Read the file at ``path`` and record all mistakes in it."""
    parsed = FORM.read_file(path)
    check(parsed)
    return parsed
