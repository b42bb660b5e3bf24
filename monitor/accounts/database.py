"""The accounts' SQLite file, readable for the monitor's user only."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from monitor.errors import AccountsUnusable
from monitor.journal.database import connect, statements, transaction

BUSY_MS = 1000
"""Milliseconds to wait for a command that writes: meanwhile the monitor does nothing else."""
VERSION = 5
"""The schema version that this monitor reads and writes."""
MODE = 0o600


class Database:
    """The file, opened when it is first needed: the monitor starts without it, and works with it once it is repaired.

    The running monitor and commands may have it open at the same time.

    Every method but `close` raises `AccountsUnusable` if it can't be opened, read or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._opened: sqlite3.Connection | None = None

    def close(self) -> None:
        """Close the file."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Return what a query finds."""
        with self._errors():
            return self._db.execute(statement, values).fetchall()

    def row(self, statement: str, *values: object) -> tuple[Any, ...] | None:
        """Return the first row that a query finds."""
        return next(iter(self.rows(statement, *values)), None)

    def change(self, statement: str, *values: object) -> int:
        """Execute a statement; return how many rows it has changed."""
        with self._errors():
            return self._db.execute(statement, values).rowcount

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run the block as one transaction, which no other process comes between."""
        with self._errors(), transaction(self._db):
            yield

    @property
    def _db(self) -> sqlite3.Connection:
        if self._opened is None:
            with ExitStack() as on_failure:
                db = on_failure.enter_context(closing(_open(self.path)))
                self._prepare(db)
                on_failure.pop_all()
            self._opened = db
        return self._opened

    def _prepare(self, db: sqlite3.Connection) -> None:
        db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA foreign_keys = ON")
        # What is deleted here was secret.
        db.execute("PRAGMA secure_delete = ON")
        with transaction(db):
            (found,) = db.execute("PRAGMA user_version").fetchone()
            if found > VERSION:
                raise AccountsUnusable(
                    f"{self.path}: its schema has version {found}, but this monitor reads version {VERSION}; "
                    "use the version of the monitor that wrote it"
                )
            if found == VERSION:
                return
            if not found and db.execute("SELECT 1 FROM sqlite_master").fetchone():
                raise AccountsUnusable(f"{self.path}: this is another program's database; move it")
            steps = [f"schema-{step}.sql" for step in range(found + 1, VERSION + 1)]
            for step in steps if found else ["schema.sql"]:
                for statement in statements(files("monitor.accounts").joinpath(step).read_text()):
                    db.execute(statement)
            db.execute(f"PRAGMA user_version = {VERSION}")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn the errors of SQLite and the operating system into ours."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise AccountsUnusable(
                f"{self.path}: {error}; check owner, permissions and disk, or put a backup in its place"
            ) from error


def _open(path: Path) -> sqlite3.Connection:
    """Open the file, which only the monitor's user may read; create it if there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, MODE))
    if is_new and os.geteuid() == 0:
        # A command of root must not keep the monitor's user from its accounts.
        folder = path.parent.stat()
        os.chown(path, folder.st_uid, folder.st_gid)
    for suffix in ("", "-wal", "-shm"):
        each = path.with_name(path.name + suffix)
        if each.exists() and each.stat().st_mode & 0o777 & ~MODE:
            each.chmod(MODE)
    return connect(path)


def stored(at: datetime) -> str:
    """Return a time as it is stored: equal in length, so that texts compare as times do."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def read_time(text: str) -> datetime:
    """Return a time that was stored."""
    return datetime.fromisoformat(text)
