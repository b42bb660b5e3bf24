"""Opens the journal's SQLite file, and migrates an older schema."""

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from importlib.resources import files
from pathlib import Path
from types import NoneType
from typing import IO

from monitor.errors import JournalDamaged, JournalError
from monitor.journal.database_errors import DAMAGED

SCRIPTS = (
    "schema.sql",
    "schema-2.sql",
    "schema-3.sql",
    "schema-4.sql",
    "schema-5.sql",
    "schema-6.sql",
    "schema-7.sql",
    "schema-8.sql",
    "schema-9.sql",
)
"""The script that creates a journal, then those that migrate 1 to 2, 2 to 3 ... A released script never changes."""
VERSION = len(SCRIPTS)
"""The schema version that this monitor reads and writes."""
BUSY_MS = 10_000
"""Milliseconds to wait for a lock held by another process, such as a backup or a checkpoint."""
MODE = 0o640
"""The most permissions of a journal's files: they name people and what they did."""
CHECKED_WHOLE = 64 * 1024 * 1024
"""Bytes of the largest file whose structure is checked whole before the first message: a tenth of a second, from a
disk that reads 500 MB a second."""
HISTORY = frozenset({"input", "transition", "audit", "log_change"})
"""The tables that grow with every message; a start reads only their ends."""
LARGEST_LOG = 64 * 1024 * 1024
"""Bytes to which the write-ahead log is truncated after a burst of writing."""

# Before it binds bytes or a null, `sqlite3` looks for what would turn them into something else, and raises and catches
# an error when there is nothing: two fifths of the work of an insert. Found at once, they stay what they are.
sqlite3.register_adapter(bytes, bytes)
sqlite3.register_adapter(NoneType, dict[None, None]().get)


def take_lock(path: Path) -> IO[bytes]:
    """Lock the journal against other writers until the returned file is closed, whatever link leads to it.

    Raises:
        JournalError: another process holds the lock.

    """
    path.parent.mkdir(parents=True, exist_ok=True)
    tighten(path)
    name = lock_path(path.resolve())
    lock = open(os.open(name, os.O_WRONLY | os.O_CREAT, MODE), "wb")  # noqa: PTH123, SIM115 - with a mode
    return _locked(path, lock)


def lock_file(path: Path) -> IO[bytes]:
    """Lock the journal's file itself, which may have another name in another folder (a hard link, a bind mount).

    SQLite's own locks are of another kind. Closing a file releases those of this process, so the returned file has to
    be closed last.

    Raises:
        JournalError: another process holds the lock.

    """
    return _locked(path, path.open("rb"))


def _locked(path: Path, lock: IO[bytes]) -> IO[bytes]:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise JournalError(
            f"{path}: another monitor is writing this journal; stop it first"
        ) from error
    return lock


def lock_path(path: Path) -> Path:
    """Return the file by which a journal is locked."""
    return path.with_name(path.name + ".lock")


def create(path: Path) -> None:
    """Create an empty file that other users can't read, unless it exists; SQLite gives its log the same mode.

    Raises:
        OSError: it cannot be created.

    """
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, MODE))


def tighten(path: Path) -> None:
    """Take permissions beyond 0640 from a journal and the files beside it.

    Raises:
        OSError: a file has them and belongs to another user.

    """
    for suffix in ("", "-wal", "-shm", ".lock", ".witness"):
        each = path.with_name(path.name + suffix)
        if each.is_file() and (mode := each.stat().st_mode & 0o7777) & ~MODE:
            each.chmod(mode & MODE)


def open_to_write(path: Path, before_creation: Callable[[], None]) -> sqlite3.Connection:
    """Open the file for the one writer; create it or migrate it if necessary.

    Args:
        path: the file.
        before_creation: called before tables are created in an empty database; it may raise.

    Raises:
        JournalError: it was written by a newer monitor, is damaged, or is not a journal.
        sqlite3.Error: any other failure.

    """
    create(path)
    with ExitStack() as on_failure:
        db = on_failure.enter_context(closing(connect(path)))
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        # A checkpoint inside a commit takes tens of milliseconds: `maintenance.checkpoint` runs it on another thread.
        db.execute("PRAGMA wal_autocheckpoint = 0")
        db.execute(f"PRAGMA journal_size_limit = {LARGEST_LOG}")
        _check_sound(db, path)
        _migrate(db, path, before_creation)
        on_failure.pop_all()
    return db


def open_to_read(path: Path, *, check_same_thread: bool = True) -> sqlite3.Connection:
    """Open the file read-only.

    Raises:
        JournalError: the file does not exist, or its schema has another version.
        sqlite3.Error: any other failure.

    """
    if not path.exists():
        raise JournalError(f"{path}: there is no journal; has the monitor run yet?")
    opened = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro",
        uri=True,
        isolation_level=None,
        check_same_thread=check_same_thread,
    )
    with ExitStack() as on_failure:
        db = on_failure.enter_context(closing(opened))
        db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        _check_version(db, path, oldest=VERSION)
        on_failure.pop_all()
    return db


def connect(path: Path, *, check_same_thread: bool = True) -> sqlite3.Connection:
    """Open the file without checking it."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=check_same_thread)
    db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    return db


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Run the block as one transaction: durable on exit, rolled back on an exception."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    finally:
        if db.in_transaction:  # an exception ended the block
            db.execute("ROLLBACK")


def _check_sound(db: sqlite3.Connection, path: Path) -> None:
    """Check the structure of the file; of a large one, all but the history, which `verify` reads beside the line."""
    checks = ["PRAGMA quick_check(1)"]
    if path.stat().st_size > CHECKED_WHOLE:
        rows = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        names = {name for (name,) in rows} - HISTORY
        checks = [f"PRAGMA quick_check('{name}')" for name in sorted(names)]
    for check in checks:
        (found,) = db.execute(check).fetchone()
        if found != "ok":
            raise JournalDamaged(path, " ".join(found.split()), DAMAGED)


def _migrate(db: sqlite3.Connection, path: Path, before_creation: Callable[[], None]) -> None:
    found = _check_version(db, path, oldest=0)
    if found == 0 and db.execute("SELECT 1 FROM sqlite_master").fetchone():
        raise JournalError(f"{path}: this is another program's database; choose another file")
    if found == 0:
        before_creation()
    for version, script in enumerate(SCRIPTS[found:], found + 1):
        with transaction(db):
            for statement in statements(files("monitor.journal").joinpath(script).read_text()):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {version}")


def statements(script: str) -> Iterator[str]:
    """Split a script into statements: SQLite's own `executescript` would commit the transaction."""
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
        "use the version of the monitor that wrote it"
        if found > VERSION
        else "start the monitor once to migrate it"
    )
    raise JournalError(
        f"{path}: its schema has version {found}, but this monitor reads version {VERSION}; {todo}"
    )
