"""The warning, and the exit code, of commands whose output is not the present: the monitor is away or behind."""

import sys
from datetime import UTC, datetime

from monitor.app.runfile import staleness
from monitor.cli.words import VenueWords
from monitor.config import Config

STALE = 3
"""The exit code of a command that shows what was, because the monitor doesn't know what is."""
_UNKNOWN = datetime.fromtimestamp(0, UTC)


def warning(config: Config) -> str:
    """Return since when what the journal says is not the present, and why; empty if it is the present."""
    lag = staleness(config.journal.path)
    if lag is None:
        return ""
    since = "" if lag.since == _UNKNOWN else f" since {VenueWords.read(config).time(lag.since)}"
    return f"NOT THE PRESENT: {lag.reason}{since}"


def warn_if_stale(config: Config) -> int:
    """Write the warning, if there is one, to standard error; return the exit code: 0 or `STALE`."""
    text = warning(config)
    if not text:
        return 0
    print(text, file=sys.stderr)
    return STALE
