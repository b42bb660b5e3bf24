"""The ordered record of inputs and their transitions in one SQLite file. Nothing outside this package uses sqlite3."""

from monitor.journal.changes import Changes, ChangesReader, CopyPosition, CopyRefused
from monitor.journal.copy_mark import CopyMark
from monitor.journal.head import Head
from monitor.journal.journal import Journal
from monitor.journal.journal_copy import JournalCopy
from monitor.journal.maintenance import Maintenance, backup, export, messages, stats
from monitor.journal.outbox import Outbox, OutboxPage
from monitor.journal.readers import Readers
from monitor.journal.record import Entry, Record, Written
from monitor.journal.verify import verify, verify_in_slices

__all__ = [
    "Changes",
    "ChangesReader",
    "CopyMark",
    "CopyPosition",
    "CopyRefused",
    "Entry",
    "Head",
    "Journal",
    "JournalCopy",
    "Maintenance",
    "Outbox",
    "OutboxPage",
    "Readers",
    "Record",
    "Written",
    "backup",
    "export",
    "messages",
    "stats",
    "verify",
    "verify_in_slices",
]
