"""Copies of the accounts' file: for a backup, and for a standby on which people sign in after a take-over."""

import os
import sqlite3
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path

from monitor.accounts.database import MODE
from monitor.errors import AccountsUnusable


def content_of(path: Path) -> bytes:
    """Return the accounts as of one instant, while the monitor and commands write; empty if there is no file.

    Raises:
        AccountsUnusable: the file can't be read.

    """
    if not path.exists():
        return b""
    try:
        uri = f"{path.absolute().as_uri()}?mode=ro"
        with (
            closing(sqlite3.connect(uri, uri=True)) as db,
            closing(sqlite3.connect(":memory:")) as copy,
        ):
            db.backup(copy)
            return copy.serialize()
    except sqlite3.Error as error:
        raise AccountsUnusable(f"{path}: {error}; check owner, permissions and disk") from error


def digest_of(path: Path) -> bytes:
    """Return a digest of a file that `write_copy` has written; empty if there is none."""
    return sha256(path.read_bytes()).digest() if path.exists() else b""


def write_copy(path: Path, content: bytes) -> None:
    """Put accounts in the place of those in a file that no monitor has open, at once and for its user alone.

    Raises:
        AccountsUnusable: the file can't be written.

    """
    new = path.with_name(f"{path.name}.new")
    try:
        with suppress(FileNotFoundError):
            new.unlink()
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE), "wb") as file:  # noqa: PTH123 - a descriptor
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # A log of the file before would be applied to this one.
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        new.replace(path)
    except OSError as error:
        raise AccountsUnusable(f"{path}: {error.strerror or error}") from error


def backup_path(target: Path) -> Path:
    """Return where accounts are backed up beside a backup of the journal, such as ``monday.accounts.db``."""
    return target.with_name(f"{target.stem}.accounts{target.suffix}")
