"""The mark in a journal file that is a copy of another monitor's journal (SQLite's application_id)."""

import sqlite3
from enum import IntEnum


class CopyMark(IntEnum):
    """Whether a file is a copy that no monitor has taken over."""

    NONE = 0
    """It is a journal of its own."""
    UNFINISHED = 0x564D4331
    """It has lacked something ever since it was begun: no monitor can start from it."""
    FINISHED = 0x564D4332
    """It has been complete at least once."""


def copy_mark(db: sqlite3.Connection) -> CopyMark:
    """Return the mark of an open file."""
    (found,) = db.execute("PRAGMA application_id").fetchone()
    return CopyMark(found) if found in list(CopyMark) else CopyMark.NONE


def set_copy_mark(db: sqlite3.Connection, mark: CopyMark) -> None:
    """Mark an open file; inside a transaction, it is part of it."""
    db.execute(f"PRAGMA application_id = {mark.value}")
