"""The run file, beside the journal: the addresses of the monitor and its broker, and its signs of life."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct

SILENT_AFTER = 10.0
"""Seconds without a sign of life after which the monitor counts as stuck; a busy machine delays some."""


class Lag(Struct, frozen=True, kw_only=True):
    """Why a running monitor doesn't know the present."""

    since: datetime
    reason: str
    """What is so since then: ``the monitor has not been running``."""


class RunFile(Struct, frozen=True, kw_only=True):
    """The addresses of the monitor, and what it says about itself."""

    pid: int = 0
    """0 once the monitor has stopped."""
    broker_host: str = "127.0.0.1"
    broker_port: int
    http_port: int
    congress: str
    """The id in force; the venue file may have a mistake at present."""
    lag: Lag | None = None
    """``None``: it knows the present."""
    clock: str = ""
    """The clock for demonstrations, as for ``--clock``, with its real start; empty: the clock of the machine."""


def staleness(journal: Path) -> Lag | None:
    """Return since when what the journal says is not the present, and why; ``None`` if it is the present.

    ``since`` is the start of the Unix epoch if there is no run file.
    """
    path = run_file_path(journal)
    try:
        modified = path.stat().st_mtime
        running = msgspec.json.decode(path.read_bytes(), type=RunFile)
    except (OSError, msgspec.MsgspecError):
        return Lag(since=datetime.fromtimestamp(0, UTC), reason="the monitor has not been running")
    since = datetime.fromtimestamp(modified, UTC)
    if not running.pid or not _is_alive(running.pid):
        return Lag(since=since, reason="the monitor has not been running")
    # A time ahead of ours is from before a clock was set back: a monitor that runs would have given a sign since.
    if abs(time.time() - modified) > SILENT_AFTER:
        return Lag(since=since, reason="the monitor runs, but has given no sign of life")
    return running.lag


def since_sign_of_life(journal: Path) -> float | None:
    """Return the seconds since the latest sign of life of the monitor; ``None`` if it hasn't given one yet."""
    try:
        return time.time() - run_file_path(journal).stat().st_mtime
    except OSError:
        return None


def read_run_file(journal: Path) -> RunFile | None:
    """Return the run file of the monitor that writes this journal; ``None`` if none is running."""
    try:
        running = msgspec.json.decode(run_file_path(journal).read_bytes(), type=RunFile)
    except (OSError, msgspec.MsgspecError):
        return None
    return running if running.pid and _is_alive(running.pid) else None


def _is_alive(pid: int) -> bool:
    """Return whether a process exists; one that was killed leaves its file behind."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # it runs as another user
    return True


def run_file_path(journal: Path) -> Path:
    """Return the run file of the monitor that writes this journal."""
    return journal.with_name(journal.name + ".running")
