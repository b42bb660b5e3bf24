"""Reading ``roster.toml``: addresses from their files, all mistakes at once."""

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
    ChannelAddress,
    ChannelTable,
    Document,
    KeptSecret,
    PersonTable,
    RosterFile,
)
from monitor.toml import Form, Leaf, ParseResult, Wrong

TABLES = {
    "people": "person",
    "channels": "channel",
    "teams": "team",
    "rotations": "rotation",
    "calendars": "calendar",
    "policies": "escalation",
    "steps": "step",
}
"""The names of the lists in the file."""
KEYS = {"tell": "notify"}
"""The names in the file of keys that the journal stores under another name."""
EARLIER_KEYS = {"tell": "notify"}
"""Earlier names of keys, which files may still use."""
_ADDRESS = "ntfys://ntfy.example.org/anna"
_EXAMPLE = f'"{_ADDRESS}"'
_NO_ADDRESS = f"is not an address; write e.g. {_EXAMPLE}, or url_file with a file that holds it"


def read_roster(
    path: Path,
    venue: Venue | None = None,
    rules: Collection[str] | None = None,
    folder: Path | None = None,
) -> RosterFile:
    """Read the file at ``path``; with a venue and the ids of the rules, also check the names from there.

    Args:
        path: the file.
        venue: the venue that defines sites, zones and agencies.
        rules: the ids of the rules.
        folder: the folder of the files that it names; by default its own.

    Raises:
        ConfigError: it has mistakes; the error lists all of them.

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
) -> ParseResult[Document]:
    """Read the file at ``path`` and record all mistakes in it; the arguments are those of `read_roster`."""
    parsed = Form(
        Document,
        tables=TABLES,
        keys=KEYS,
        earlier_keys=EARLIER_KEYS,
        leaves={
            Secret: Leaf("an address", (_EXAMPLE,), _address),
            KeptSecret: Leaf(
                "a path", ('"secrets/anna-ntfy"',), partial(_kept, folder or path.parent)
            ),
            datetime: Leaf("a local time", ("2026-01-05T07:00:00",), _local),
        },
    ).read_file(path)
    if parsed.tables or not parsed.mistakes:  # a file that is not TOML has no tables to check
        check(parsed, venue, rules)
    return parsed


def _person(row: PersonTable) -> Person:
    return Person(
        id=row.id,
        name=row.name,
        languages=row.languages,
        agency=row.agency,
        channels=tuple(channel.name for channel in row.channels),
    )


def _channel(row: ChannelTable) -> ChannelAddress:
    url = row.url or row.url_file
    if url is None:
        raise AssertionError(row.name)  # unreachable: `check` refuses it
    return ChannelAddress(
        name=row.name, url=url, short=row.short, timeout=row.timeout, per_minute=row.per_minute
    )


def _address(value: object) -> object:
    """Read an address; messages never repeat it, since most hold a password."""
    return Secret(value) if isinstance(value, str) and "://" in value else Wrong(_NO_ADDRESS)


def _kept(folder: Path, value: object) -> object:
    """Read the file that ``value`` names; messages never repeat ``value``, which may be the address itself."""
    if not isinstance(value, str) or not value or "\0" in value or "://" in value:
        return Wrong("is not a file name; write the address itself as url")
    try:
        text = (folder / value).read_text(encoding="utf-8").strip()
    except OSError as error:
        why = f"the file it names can't be read: {error.strerror}; create it, or correct the name"
        return Wrong(why)
    except UnicodeDecodeError:
        return Wrong("the file it names is not UTF-8 text; save it as UTF-8")
    if "://" not in text:
        return Wrong(f"the file it names holds no address; write e.g. {_ADDRESS} in it")
    return KeptSecret(text)


def _local(value: object) -> object:
    if not isinstance(value, datetime):
        return Wrong()
    if value.tzinfo:
        return Wrong("has a UTC offset; write the local time, e.g. 2026-01-05T07:00:00")
    return value
