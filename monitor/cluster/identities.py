"""Tells the messages that a site has taken in already from new ones, without a journal."""

from datetime import datetime, timedelta

from msgspec import Struct

REMEMBERED = timedelta(days=7)
"""How long a message is known. Judgement: the longest time for which a broker or a gateway keeps messages."""
_HOUR = 3600


class Identities(Struct):
    """The identities of the messages of the last days, in groups by the hour in which they were received."""

    hours: dict[int, dict[str, str]] = {}
    """By hour since 1970 and identity (hexadecimal): the digest of the content, if the sender gave an id."""

    def find(self, key: bytes) -> str | None:
        """Return the content of the message with an identity; ``None`` if there was none."""
        wanted = key.hex()
        return next((rows[wanted] for rows in self.hours.values() if wanted in rows), None)

    def add(self, key: bytes, content: bytes, now: datetime) -> None:
        """Remember a message that was taken in, and forget what is too old."""
        hour = int(now.timestamp()) // _HOUR
        if hour not in self.hours:
            first = hour - int(REMEMBERED.total_seconds()) // _HOUR
            for old in [row for row in self.hours if row < first]:
                del self.hours[old]
            self.hours[hour] = {}
        self.hours[hour][key.hex()] = content.hex()
