"""Inputs and transitions as rows of the journal, and rows as inputs and transitions."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple, assert_never, get_args
from zlib import crc32

import msgspec
from msgspec import Struct

from monitor.core.decode import decode
from monitor.core.ids import digest
from monitor.core.inputs import Arrival, Input, Notice, Rejected, RosterChanged, RulesChanged, Tick
from monitor.core.transitions import Transition
from monitor.journal.database_errors import as_journal_errors

LARGEST_REJECTED = 64 * 1024
"""Bytes of an unreadable message that are kept."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

InputRow = tuple[
    int,
    bytes | None,
    int,
    str,
    str | None,
    int,
    bytes | None,
    bytes | None,
    int,
    bytes | None,
]

ENCODE = msgspec.json.Encoder()
_PACK = msgspec.msgpack.Encoder()
_INPUT: msgspec.json.Decoder[Input] = msgspec.json.Decoder(Input)
_KINDS = {kind: str(kind.__struct_config__.tag) for kind in get_args(Input)}
TRANSITION: msgspec.json.Decoder[Transition] = msgspec.json.Decoder(Transition)


class Record(Struct, frozen=True, gc=False):
    """An input with its transitions, to be written."""

    input: Input
    transitions: list[Transition]
    id: bytes | None = None
    topic: str | None = None
    payload: bytes | None = None


class Written(NamedTuple):
    """A transition as read from the journal: its input's number, and its position among that input's transitions."""

    seq: int
    n: int
    transition: Transition


class Entry:
    """An input with its transitions as read from the journal; decoded on demand.

    Args:
        row: of the input.
        bodies: its transitions, in order.
        path: the journal, for messages.

    """

    __slots__ = ("_bodies", "_path", "_row")

    def __init__(self, row: InputRow, bodies: Sequence[bytes], path: Path) -> None:
        self._row = row
        self._bodies = bodies
        self._path = path

    @property
    def seq(self) -> int:
        """The number of the input."""
        return self._row[0]

    @property
    def id(self) -> bytes | None:
        """The message's identity; ``None`` for the monitor's own inputs."""
        return self._row[1]

    @property
    def received_at(self) -> datetime:
        """When the input was received, by the monitor's clock."""
        return EPOCH + timedelta(microseconds=self._row[2])

    def input(self) -> Input:
        """Return the input.

        Raises:
            JournalDamaged: the row is not as it was written.

        """
        with as_journal_errors(self._path):
            return read_input(self._row)

    def transitions(self) -> list[Transition]:
        """Return the transitions, in order.

        Raises:
            JournalDamaged: a row is not as it was written.

        """
        with as_journal_errors(self._path):
            return [TRANSITION.decode(body) for body in self._bodies]


def input_row(
    seq: int, record: Record, transitions: Sequence[bytes], before: bytes
) -> tuple[InputRow, bytes]:
    """Return the row of an input, and its hash.

    Args:
        seq: the number of the input.
        record: the input.
        transitions: its encoded transitions, which checksum and hash cover.
        before: the hash of the input before.

    """
    given, own_id, topic, payload = record.input, record.id, record.topic, record.payload
    retained = 0
    body: bytes | None = None
    match given:
        case Arrival():
            retained = int(given.retained)
            if topic is None or not topic.startswith("venue/"):
                # A vendor's message may hold card numbers and names; the events translated from it do not.
                body, payload = ENCODE.encode(given), None
        case Rejected():
            body = ENCODE.encode(given)
            payload = None if payload is None else payload[:LARGEST_REJECTED]
        case Notice() | RulesChanged() | RosterChanged():
            body = ENCODE.encode(given)
        case Tick():
            pass
        case _:
            assert_never(given)
    received = microseconds(given.received_at)
    row = (seq, own_id, received, _KINDS[type(given)], topic, retained, payload, body)
    checksum, own = digests(row, transitions, before)
    return (*row, checksum, own), own


def digests(
    row: Sequence[object], transitions: Sequence[bytes], before: bytes
) -> tuple[int, bytes]:
    """Return checksum and hash over the other columns and the transitions; the hash covers the one before, too."""
    packed = _PACK.encode((*row, *transitions) if transitions else row)
    return crc32(packed), sha256(before + packed).digest()


def snapshot_digest(body: bytes) -> bytes:
    """Return the digest that is stored with a snapshot."""
    return digest(body, size=16)


def read_input(row: InputRow) -> Input:
    """Decode the input of a row.

    Raises:
        msgspec.MsgspecError, UnicodeDecodeError: the row is damaged.

    """
    _, _, received, kind, topic, retained, payload, body, *_ = row
    if body is not None:
        return _INPUT.decode(body)
    received_at = EPOCH + timedelta(microseconds=received)
    if kind == "tick":
        return Tick(received_at=received_at)
    return decode(topic or "", payload or b"", received_at, retained=bool(retained), recorded=True)


@lru_cache(maxsize=8)  # what is received at once has one time
def microseconds(at: datetime) -> int:
    """Return the microseconds since 1970."""
    return (at - EPOCH) // _MICROSECOND
