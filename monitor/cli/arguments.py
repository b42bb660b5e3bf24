"""Arguments that several commands share: who acts, a time, the beginning of an id."""

import argparse
import getpass
from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from monitor.core.alert import Alert
from monitor.core.timing import parse_duration
from monitor.core.transitions import Mask
from monitor.errors import ConfigError, MonitorError

FARTHEST = 100
"""Years from now; a later time is a typing error, and the calendar has an end."""

Row = TypeVar("Row", Alert, Mask)


class NotFound(MonitorError):
    """No row, or more than one, has an id with the given beginning."""


def add_who(parser: argparse.ArgumentParser, text: str = "who acts") -> None:
    """Add ``--who``, by default the user's login name."""
    parser.add_argument("--who", default=getpass.getuser(), help=f"{text} (default: %(default)s)")


def parse_time(text: str, now: datetime, option: str = "--until") -> datetime:
    """Return a time, given as such or as a duration from now.

    Raises:
        ConfigError: it is neither, or its year is too far from the present.

    """
    length = parse_duration(text)
    try:
        time = datetime.fromisoformat(text) if length is None else now + length
    except (ValueError, OverflowError):
        time = None
    if time is None or time.tzinfo is None or abs(time.year - now.year) > FARTHEST:
        raise ConfigError(
            [f'{option}: "{text}" is not a time; write e.g. 30m, 2h or {now.year}-01-01T18:00:00Z']
        )
    return time


def find_one(rows: Iterable[Row], beginning: str, kind: str = "open alert") -> Row:
    """Return the only row whose id has this beginning.

    Raises:
        NotFound: no row has, or several have.

    """
    found = [row for row in rows if row.id.startswith(beginning)]
    if len(found) == 1:
        return found[0]
    what = f"no {kind} has" if not found else f"{len(found)} {kind}s have"
    listing = f"`venue-monitor {kind.rsplit(maxsplit=1)[-1]}s` lists them"
    raise NotFound(f'{what} an id that begins with "{beginning}"; {listing}')
