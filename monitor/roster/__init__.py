"""Reads ``roster.toml`` and calendars: who can be paged, and who is on call when.

Whom to page about an alert is decided in `monitor.core.oncall`, not here.
"""

from monitor.roster.file import ChannelAddress, Document, RosterFile
from monitor.roster.read import read, read_roster

__all__ = ["ChannelAddress", "Document", "RosterFile", "read", "read_roster"]
