"""Reading ``venue.toml``, with all mistakes at once."""

from datetime import UTC, datetime
from pathlib import Path

from monitor.core.venue.model import Venue
from monitor.toml import Form, ParseResult
from monitor.toml.scalars import Leaf, Wrong
from monitor.venue.assignments import FOLDER, assign
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
        "assets": "asset",
        "classes": "class",
        "schedules": "schedule",
        "ways": "way",
        "posts": "post",
        "rounds": "round",
        "checklists": "checklist",
        "assignments": "assignment",
        "items": "item",
        "choices": "choice",
    },
    leaves={datetime: Leaf("a date and time", ("2026-12-04T18:00:00+07:00",), _time)},
)


def load(path: Path, checklists: Path | None = None) -> Venue:
    """Read the file at ``path`` and the checklists that it assigns; the arguments are those of `read`.

    Raises:
        ConfigError: they have mistakes; the error lists all of them.
    """
    return read(path, checklists).whole()


def read(path: Path, checklists: Path | None = None) -> ParseResult[Venue]:
    """Read the file at ``path`` and the checklists that it assigns, and record all mistakes in them.

    Args:
        path: the venue file.
        checklists: the folder of the checklist files; ``None``: ``checklists`` beside the venue file.

    """
    parsed = FORM.read_file(path)
    check(parsed)
    assign(parsed, checklists or path.parent / FOLDER)
    return parsed
