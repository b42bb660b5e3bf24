"""What the parts of the accounts work with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from monitor.accounts.audit import Audit
from monitor.accounts.database import Database
from monitor.accounts.directory import Directory
from monitor.accounts.links import Links
from monitor.accounts.password import Passwords
from monitor.accounts.sessions import Sessions


@dataclass(frozen=True, slots=True)
class Context:
    """The file, what is kept in it, and the clock."""

    db: Database
    directory: Directory
    sessions: Sessions
    links: Links
    audit: Audit
    passwords: Passwords
    now: Callable[[], datetime]
