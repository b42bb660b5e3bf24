"""How inputs and transitions look in the journal's rows, and back."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zlib import crc32

import msgspec

from monitor.core.decode import decode
from monitor.core.events.commands import Masking, Relief, Staff
from monitor.core.inputs import Arrival, Input, Notice, Rejected, RosterChanged, RulesChanged, Tick
from monitor.core.transitions import (
    AlertChanged,
    OverrideChanged,
    PageOrdered,
    StaffRefused,
    Transition,
)

LARGEST_REJECTED = 64 * 1024
"""Bytes kept of a message that could not be read."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

InputRow = tuple[int, bytes | None, int, str, str | None, int, bytes | None, bytes | None, int]

ENCODE = msgspec.json.Encoder()
_PACK = msgspec.msgpack.Encoder()
_INPUT: msgspec.json.Decoder[Input] = msgspec.json.Decoder(Input)
TRANSITION: msgspec.json.Decoder[Transition] = msgspec.json.Decoder(Transition)


class Record(NamedTuple):
    """One input with what followed from it, to be written down."""

    input: Input
    transitions: list[Transition]
    id: bytes | None = None
    topic: str | None = None
    payload: bytes | None = None


class Written(NamedTuple):
    """A transition as the journal has it."""

    seq: int
    n: int
    transition: Transition


class Entry:
    """An input as the journal has it, with what followed from it; both are decoded when they are asked for."""

    __slots__ = ("_bodies", "_row")

    def __init__(self, row: InputRow, bodies: Sequence[bytes]) -> None:
        self._row = row
        self._bodies = bodies

    @property
    def seq(self) -> int:
        """Its number."""
        return self._row[0]

    @property
    def id(self) -> bytes | None:
        """The message's identity; ``None`` for what the monitor itself has to say."""
        return self._row[1]

    @property
    def received_at(self) -> datetime:
        """When it came in, by our clock."""
        return EPOCH + timedelta(microseconds=self._row[2])

    def input(self) -> Input:
        """Return the input.

        Raises:
            msgspec.MsgspecError, UnicodeDecodeError: the row doesn't hold what the journal once wrote.

        """
        return read_input(self._row)

    def transitions(self) -> list[Transition]:
        """Return what followed, in order."""
        return [TRANSITION.decode(body) for body in self._bodies]


def input_row(seq: int, record: Record, followed: Sequence[bytes]) -> InputRow:
    """Return the row of an input; `followed` is how its transitions are written."""
    given, payload, retained = record.input, record.payload, False
    body: bytes | None = None
    match given:
        case Arrival():
            retained = given.retained
            if record.topic is None or not record.topic.startswith("venue/"):
                # A vendor's message may hold card numbers and names; what it was understood as doesn't.
                body, payload = ENCODE.encode(given), None
        case Rejected():
            body = ENCODE.encode(given)
            payload = None if payload is None else payload[:LARGEST_REJECTED]
        case Notice() | RulesChanged() | RosterChanged():
            body = ENCODE.encode(given)
        case Tick():
            pass
    kind = str(given.__struct_config__.tag)
    received = microseconds(given.received_at)
    row = (seq, record.id, received, kind, record.topic, int(retained), payload, body)
    return (*row, checksum(row, followed))


def checksum(row: Sequence[object], followed: Sequence[bytes]) -> int:
    """Return the checksum of an input's row and of all that followed: a letter that a disk changed gives another."""
    return crc32(_PACK.encode((*row[:8], *followed)))


def read_input(row: InputRow) -> Input:
    """Return the input that a row holds.

    Raises:
        msgspec.MsgspecError, UnicodeDecodeError: the row doesn't hold what the journal once wrote.

    """
    _, _, received, kind, topic, retained, payload, body, _ = row
    if body is not None:
        return _INPUT.decode(body)
    received_at = EPOCH + timedelta(microseconds=received)
    if kind == "tick":
        return Tick(received_at=received_at)
    return decode(topic or "", payload or b"", received_at, retained=bool(retained))


def microseconds(at: datetime) -> int:
    """Return the microseconds since 1970."""
    return (at - EPOCH) // _MICROSECOND


def audited(record: Record) -> list[bytes]:
    """Return what of a record goes into the audit trail, as JSON: orders, rule changes, starts, steps of alerts.

    Occurrences that were only counted are not steps.
    """
    rows: list[object] = []
    match record.input:
        case RulesChanged(received_at=at, who=who, diff=diff, book=book):
            digest = msgspec.json.encode(book)
            rows.append({"at": at, "who": who, "what": "rules", "diff": diff, "bytes": len(digest)})
        case RosterChanged(received_at=at, who=who, diff=diff):
            rows.append({"at": at, "who": who, "what": "roster", "diff": diff})
        case Notice():
            rows.append(record.input)
        case Arrival(events=events):
            rows.extend(said for said in events if isinstance(said, Staff | Masking | Relief))
        case _:
            pass
    for transition in record.transitions:
        match transition:
            case AlertChanged(change=change) if change != "recurred":
                alert = transition.alert
                told = {
                    "at": transition.at,
                    "who": transition.who,
                    "what": change,
                    "note": transition.note,
                }
                rows.append(told | {"alert": alert.id, "rule": alert.rule, "key": alert.key})
            case PageOrdered(at=at, id=page, person=person, kind=kind, reason=reason):
                alerts = [*(row.id for row in transition.alerts), *transition.more]
                told = {"at": at, "what": "page", "page": page, "person": person, "kind": kind}
                rows.append(told | {"reason": reason, "alerts": alerts})
            case StaffRefused() | OverrideChanged():
                rows.append(transition)
            case _:
                pass
    return [ENCODE.encode(row) for row in rows]
