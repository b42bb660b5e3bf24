"""Reads ``roster.toml``: addresses from where they are kept, all mistakes at once."""

from collections.abc import Collection
from datetime import datetime
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from monitor.config import Secret
from monitor.core.roster import Person
from monitor.core.venue.model import Venue
from monitor.roster.checks import check
from monitor.roster.file import (
    Channel,
    ChannelTable,
    Document,
    KeptSecret,
    PersonTable,
    RosterFile,
)
from monitor.toml import Form, Leaf, Reading, Wrong

TABLES = {
    "people": "person",
    "channels": "channel",
    "teams": "team",
    "rotations": "rotation",
    "calendars": "calendar",
    "ladders": "escalation",
    "steps": "step",
}
"""How the lists of the file are called in TOML."""
_EXAMPLE = '"ntfys://ntfy.example.org/anna"'
_NO_ADDRESS = f"this is no address; write e.g. {_EXAMPLE}, or name the file that holds it: url_file"


def read_roster(
    path: Path,
    venue: Venue | None = None,
    rules: Collection[str] | None = None,
    folder: Path | None = None,
) -> RosterFile:
    """Read the file at ``path``; with a venue and the ids of the rules, check that what it names is there.

    Args:
        path: the file.
        venue: where sites, zones and agencies are known from.
        rules: the ids of the rules.
        folder: where the files lie that it names; its own if left out.

    Raises:
        ConfigError: it can't be used as it is; all mistakes are told.

    """
    folder = folder or path.parent
    document = read(path, venue, rules, folder).whole()
    calendars = tuple(
        row if row.file is None else replace(row, file=folder / row.file)
        for row in document.calendars
    )
    return RosterFile(
        people=tuple(_person(row) for row in document.people),
        channels={row.id: tuple(map(_channel, row.channels)) for row in document.people},
        document=replace(document, calendars=calendars),
    )


def read(
    path: Path,
    venue: Venue | None = None,
    rules: Collection[str] | None = None,
    folder: Path | None = None,
) -> Reading[Document]:
    """Read the file at ``path`` and note all that is wrong in it; the rest is as in `read_roster`."""
    reading = Form(
        Document,
        tables=TABLES,
        leaves={
            Secret: Leaf("an address", (_EXAMPLE,), _address),
            KeptSecret: Leaf(
                "a path", ('"secrets/anna-ntfy"',), partial(_kept, folder or path.parent)
            ),
            datetime: Leaf("a local time", ("2026-01-05T07:00:00",), _local),
        },
    ).read_file(path)
    if reading.tables or not reading.mistakes:  # what is no TOML at all has no tables to check
        check(reading, venue, rules)
    return reading


def _person(row: PersonTable) -> Person:
    return Person(
        id=row.id,
        name=row.name,
        languages=row.languages,
        agency=row.agency,
        channels=tuple(channel.name for channel in row.channels),
    )


def _channel(row: ChannelTable) -> Channel:
    url = row.url or row.url_file
    if url is None:
        raise AssertionError(row.name)  # `check` has refused it
    return Channel(
        name=row.name, url=url, short=row.short, timeout=row.timeout, per_minute=row.per_minute
    )


def _address(value: object) -> object:
    """Take an address in; messages never repeat it, since it mostly holds a password."""
    return Secret(value) if isinstance(value, str) and "://" in value else Wrong(_NO_ADDRESS)


def _kept(folder: Path, value: object) -> object:
    """Read the file that ``value`` names; messages never repeat it, since it may be the address itself."""
    if not isinstance(value, str) or not value or "\0" in value or "://" in value:
        return Wrong("this is not the name of a file; an address itself goes with url")
    try:
        text = (folder / value).read_text(encoding="utf-8").strip()
    except OSError as error:
        return Wrong(f"the file that it names can't be read: {error.strerror}")
    except UnicodeDecodeError:
        return Wrong("the file that it names is not UTF-8 text; save it with that encoding")
    return KeptSecret(text) if "://" in text else Wrong("the file that it names holds no address")


def _local(value: object) -> object:
    if not isinstance(value, datetime):
        return Wrong()
    if value.tzinfo:
        return Wrong("it has an offset from UTC; write the local time, e.g. 2026-01-05T07:00:00")
    return value
