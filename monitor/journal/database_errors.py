"""Turns the errors of SQLite and the operating system into advice."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from monitor.errors import JournalDamaged, JournalError

UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError)
"""The exceptions raised when a damaged row is decoded."""
_FULL = "the disk is full: free some space, then restart the monitor"
_CLOSED = "the file or its folder cannot be opened or written: check owner, permissions and mount"
DAMAGED = "the file is damaged: put the latest backup in its place"
_TOO_MANY = "too many open files: raise the limit (LimitNOFILE= of systemd, ulimit -n), then restart the monitor"
_ADVICE = (
    ("EMFILE", _TOO_MANY),
    ("ENFILE", _TOO_MANY),
    ("SQLITE_FULL", _FULL),
    ("ENOSPC", _FULL),
    ("EDQUOT", _FULL),
    ("SQLITE_READONLY", _CLOSED),
    ("SQLITE_CANTOPEN", _CLOSED),
    ("EROFS", _CLOSED),
    ("ENOENT", _CLOSED),
    ("EACCES", _CLOSED),
    ("EPERM", _CLOSED),
    ("EISDIR", _CLOSED),
    ("ENOTDIR", _CLOSED),
    ("EEXIST", _CLOSED),
    ("SQLITE_IOERR", "the disk is failing or full: check it, then restart the monitor"),
    ("SQLITE_BUSY", "another process has locked it: stop that process"),
)
"""Advice by the prefix of the error's name."""
_DAMAGE = (
    ("SQLITE_CORRUPT", DAMAGED),
    ("SQLITE_NOTADB", f"this is not a journal, or {DAMAGED}"),
    ("ValidationError", f"a row cannot be read; {DAMAGED}"),
    ("DecodeError", f"a row cannot be read; {DAMAGED}"),
    ("UnicodeDecodeError", f"a row cannot be read; {DAMAGED}"),
)
"""The same for errors that tell of a damaged file."""


@contextmanager
def as_journal_errors(path: Path) -> Iterator[None]:
    """Turn the errors of SQLite and the operating system into advice.

    Raises:
        JournalDamaged: in place of those that tell of a damaged file.
        JournalError: in place of all others.

    """
    try:
        yield
    except (sqlite3.Error, OSError, *UNREADABLE) as error:
        name = _name(error)
        for start, advice in _DAMAGE:
            if name.startswith(start):
                raise JournalDamaged(path, str(error), advice) from error
        raise JournalError(f"{path}: {error}{_advice(name)}") from error


def _name(error: Exception) -> str:
    """Return the name by which an error is looked up: that of SQLite or the operating system, or of its class."""
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    if isinstance(error, OSError):
        name = errno.errorcode.get(error.errno or 0, name)
    if name.startswith("SQLITE_CANTOPEN") and not _can_open_files():
        name = "EMFILE"  # SQLite has no code of its own for it
    return str(name)


def _advice(name: str) -> str:
    return next((f"; {advice}" for start, advice in _ADVICE if name.startswith(start)), "")


def _can_open_files() -> bool:
    """Whether this process may open one more file."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return error.errno not in {errno.EMFILE, errno.ENFILE}
    return True
