"""Opens the journal's SQLite file, brings an old one up to date, and puts SQLite's errors into words."""

import errno
import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import IO

import msgspec

from monitor.errors import JournalError

SCRIPTS = ("schema.sql", "schema-2.sql", "schema-3.sql", "schema-4.sql")
"""What makes a journal, and brings one of version 1 to 2, 2 to 3 ... A script that was published is never changed."""
VERSION = len(SCRIPTS)
"""Of the schema."""
BUSY_MS = 10_000
"""So long a lock of another process (a backup, a checkpoint) is waited for."""
UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError)
"""What reading a damaged row raises."""
LARGEST_LOG = 64 * 1024 * 1024
"""Bytes: what the write-ahead log is cut back to after a rush."""


def take_lock(path: Path) -> IO[bytes]:
    """Make sure that nobody else writes this journal, until the file returned is closed.

    Raises:
        JournalError: somebody does.

    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.with_name(path.name + ".lock").open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise JournalError(
            f"{path}: another monitor is writing this journal; stop it first"
        ) from error
    return lock


def open_to_write(path: Path) -> sqlite3.Connection:
    """Open the file for the one writer; make it, or bring it up to date, if need be.

    Raises:
        JournalError: it was written by a newer monitor, is damaged, or is no journal.
        sqlite3.Error: anything else.

    """
    db = connect(path)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        # Checkpoints inside a commit take tens of milliseconds: `checkpoint` does it from another thread.
        db.execute("PRAGMA wal_autocheckpoint = 0")
        db.execute(f"PRAGMA journal_size_limit = {LARGEST_LOG}")
        _check_sound(db, path)
        _migrate(db, path)
    except BaseException:
        db.close()
        raise
    return db


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open the file for anybody else.

    Raises:
        JournalError: it isn't there, or another monitor than this has to read it.
        sqlite3.Error: anything else.

    """
    if not path.exists():
        raise JournalError(f"{path}: there is no journal; has the monitor run yet?")
    db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    try:
        db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        _check_version(db, path, oldest=VERSION)
    except BaseException:
        db.close()
        raise
    return db


def connect(path: Path) -> sqlite3.Connection:
    """Open the file as it is."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    return db


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All or nothing; at the end it is on the disk."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn what SQLite and the system say into what a person can act on.

    Raises:
        JournalError: in place of each of their errors.

    """
    try:
        yield
    except (sqlite3.Error, OSError, *UNREADABLE) as error:
        raise JournalError(f"{path}: {error}{_advice(error)}") from error


def _check_sound(db: sqlite3.Connection, path: Path) -> None:
    (found,) = db.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise JournalError(f"{path}: damaged: {found}; put the latest backup in its place")


def _migrate(db: sqlite3.Connection, path: Path) -> None:
    found = _check_version(db, path, oldest=0)
    if found == 0 and db.execute("SELECT 1 FROM sqlite_master").fetchone():
        raise JournalError(f"{path}: this is another program's database; name another file")
    for version, script in enumerate(SCRIPTS[found:], found + 1):
        with transaction(db):
            for statement in _statements(files("monitor.journal").joinpath(script).read_text()):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {version}")


def _statements(script: str) -> Iterator[str]:
    """Divide a script: what SQLite offers for it ends the transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _check_version(db: sqlite3.Connection, path: Path, *, oldest: int) -> int:
    (found,) = db.execute("PRAGMA user_version").fetchone()
    if oldest <= found <= VERSION:
        return int(found)
    todo = (
        "use the monitor that wrote it"
        if found > VERSION
        else "start the monitor once, which brings it up to date"
    )
    raise JournalError(
        f"{path}: its schema has version {found}, this monitor reads {VERSION}; {todo}"
    )


def _advice(error: Exception) -> str:
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    if isinstance(error, OSError):
        name = errno.errorcode.get(error.errno or 0, name)
    return next((f"; {advice}" for start, advice in _ADVICE if name.startswith(start)), "")


_FULL = "the disk is full: make room, then start the monitor again"
_CLOSED = "the file or its folder can't be opened or written: check owner, permissions and mount"
_DAMAGED = "the file is damaged: put the latest backup in its place"
_ADVICE = (
    ("SQLITE_FULL", _FULL),
    ("ENOSPC", _FULL),
    ("EDQUOT", _FULL),
    ("SQLITE_READONLY", _CLOSED),
    ("SQLITE_CANTOPEN", _CLOSED),
    ("EROFS", _CLOSED),
    ("EACCES", _CLOSED),
    ("EPERM", _CLOSED),
    ("EISDIR", _CLOSED),
    ("ENOTDIR", _CLOSED),
    ("EEXIST", _CLOSED),
    ("SQLITE_IOERR", "the disk fails or is full: check it, then start the monitor again"),
    ("SQLITE_CORRUPT", _DAMAGED),
    ("SQLITE_NOTADB", f"this is no journal, or {_DAMAGED}"),
    ("SQLITE_BUSY", "another process holds it: end that one"),
    ("ValidationError", f"a row can't be read; {_DAMAGED}"),
    ("DecodeError", f"a row can't be read; {_DAMAGED}"),
    ("UnicodeDecodeError", f"a row can't be read; {_DAMAGED}"),
)
"""By the beginning of the error's name."""
