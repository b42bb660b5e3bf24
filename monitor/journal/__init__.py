"""The ordered memory of inputs and of what followed from them, in one SQLite file (the only use of sqlite3)."""

from monitor.journal.journal import Journal
from monitor.journal.maintenance import backup, export, messages, prune, stats
from monitor.journal.outbox import Outbox, OutboxPage
from monitor.journal.record import Entry, Record, Written
from monitor.journal.verify import verify

__all__ = [
    "Entry",
    "Journal",
    "Outbox",
    "OutboxPage",
    "Record",
    "Written",
    "backup",
    "export",
    "messages",
    "prune",
    "stats",
    "verify",
]
