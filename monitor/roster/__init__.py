"""Who can be paged and who is on call when, as ``roster.toml`` and calendars say."""

from monitor.roster.file import Channel, Document, RosterFile
from monitor.roster.read import read, read_roster

__all__ = ["Channel", "Document", "RosterFile", "read", "read_roster"]
