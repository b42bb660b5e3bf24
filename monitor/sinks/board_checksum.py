"""The checksum of the board: by it the monitor notices what was put back or deleted while it was disconnected.

It is itself a retained message. A broker that was restarted may have gone back to an earlier board, but then to the
checksum of that board, too; whoever puts back one earlier message, or deletes one, makes the two differ.
"""

from collections.abc import Collection, Iterable, Mapping
from hashlib import blake2b

import msgspec
from msgspec import Struct

MOST_CHANGING = 1_000
"""Above this many topics at a time, such as a whole board, no one is judged by a checksum until the next one."""
_RANGE = 1 << 128


class BoardChecksum(Struct, frozen=True):
    """What the board showed, as far as it was certain."""

    checksum: str
    """Of all messages except those that were being changed."""
    changing: tuple[str, ...] | None = ()
    """The topics that were being changed, as hashes; ``None``: too many to list."""

    def matches(self, kept: Mapping[str, bytes]) -> bool:
        """Return whether this is the checksum of what a broker keeps."""
        if self.changing is None:
            return True
        changing = set(self.changing)
        certain = (row for row in kept.items() if _name(row[0]) not in changing)
        return self.checksum == _hexadecimal(_sum(certain))


def read_checksum(payload: bytes) -> BoardChecksum | None:
    """Return the checksum in a message; ``None`` if it is none."""
    try:
        return msgspec.json.decode(payload, type=BoardChecksum)
    except msgspec.MsgspecError:
        return None


class RunningChecksum:
    """The checksum of a board, kept up to date message by message: a board of thousands is not added up each time."""

    def __init__(self) -> None:
        self._total = 0
        self._rows: dict[str, int] = {}

    def show(self, topic: str, payload: bytes) -> None:
        """Note what a topic shows; empty: nothing."""
        self._total -= self._rows.pop(topic, 0)
        if payload:
            self._rows[topic] = _sum([(topic, payload)])
            self._total += self._rows[topic]

    def before(self, changing: Collection[str]) -> BoardChecksum:
        """Return the checksum that holds while topics are being changed."""
        certain = self._total - sum(self._rows.get(topic, 0) for topic in changing)
        names = tuple(map(_name, changing)) if len(changing) <= MOST_CHANGING else None
        return BoardChecksum(_hexadecimal(certain), names)


def _sum(messages: Iterable[tuple[str, bytes]]) -> int:
    return sum(
        int.from_bytes(blake2b(topic.encode() + b"\0" + payload, digest_size=16).digest())
        for topic, payload in messages
    )


def _hexadecimal(total: int) -> str:
    return f"{total % _RANGE:032x}"


def _name(topic: str) -> str:
    """Return the hash of a topic: not everyone who reads the checksum may know of a silent alert."""
    return blake2b(topic.encode(), digest_size=8).hexdigest()
