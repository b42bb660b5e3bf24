"""Snapshots: the state as JSON, and back from this version's or the one before.

Most events that wait for the watermark are messages in the journal as well. A lean snapshot has only their numbers.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar, Literal

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from monitor.core.inputs import Arrival, Input
from monitor.core.meaning.passage import with_holder
from monitor.core.state.state import State
from monitor.core.state.time import TimestampedEvent
from monitor.core.state.timers import (
    TimerHeap,
    WallClockHeap,
    WallClockTimer,
    WatermarkHeap,
    WatermarkTimer,
)
from monitor.core.state.version_1 import rearranged
from monitor.core.utc import utc

Find = Callable[[Sequence[int]], Iterable[tuple[int, Input]]]
"""Returns the inputs with these numbers that the journal has, each with its number."""


def encode(state: State) -> bytes:
    """Return a snapshot of the state."""
    return _WRITE.encode(state)


def encode_lean(state: State) -> bytes:
    """Return a snapshot of the state that has only the numbers of messages that wait."""
    waiting = state.time.waiting
    messages = [row for row in waiting if row.message]
    time = replace(state.time, waiting=[row for row in waiting if not row.message])
    lean = _Lean(
        messages=[row.message for row in messages],
        numbers=[row.n for row in messages],
        state=Raw(_WRITE.encode(replace(state, time=time))),
    )
    return _WRITE.encode(lean)


def decode(body: bytes, find: Find | None = None) -> State:
    """Return the state in a snapshot.

    Args:
        body: the snapshot.
        find: finds the messages that wait; ``None``: leave them out, where only the rest is of interest.

    Raises:
        msgspec.MsgspecError: it is damaged, or from an unknown version, or the journal lacks a message.

    """
    version = msgspec.json.decode(body, type=_Marker).version
    if version == _Lean.VERSION:
        lean = msgspec.json.decode(body, type=_Lean)
        state = _READ.decode(lean.state)
        if find is not None:
            state.time.waiting += _found(lean, find)
        return state
    if version == 1:
        body = msgspec.json.encode(rearranged(msgspec.json.decode(body, type=dict[str, Raw])))
    return _READ.decode(body)


def _found(lean: "_Lean", find: Find) -> Iterator[TimestampedEvent]:
    """Yield the events that wait as they were when their messages arrived."""
    messages = dict(find(lean.messages))
    for number, n in zip(lean.messages, lean.numbers, strict=True):
        match messages.get(number):
            case Arrival(events=(event,), retained=retained):
                live = not (retained or event.replay)
                yield TimestampedEvent(
                    utc(event.at), n, with_holder(event), live=live, message=number
                )
            case _:
                raise msgspec.ValidationError(f"message {number} is not in the journal")


class _Marker(Struct):
    version: int = 1
    """The first version wrote none."""


class _Lean(Struct, frozen=True, kw_only=True):
    """A snapshot without the messages that wait; earlier monitors, which would lose them, refuse it."""

    VERSION: ClassVar = 3
    version: Literal[3] = 3
    messages: list[int]
    """Their numbers in the journal."""
    numbers: list[int]
    """Their numbers in the order of arrival."""
    state: Raw


def _write(part: object) -> object:
    if isinstance(part, TimerHeap):
        return list(part)
    raise NotImplementedError(type(part))


def _read(kind: type, part: Any) -> object:  # noqa: ANN401 - whatever the JSON has
    match kind:
        case _ if kind is WatermarkHeap:
            return WatermarkHeap(msgspec.convert(part, list[WatermarkTimer]))
        case _ if kind is WallClockHeap:
            return WallClockHeap(msgspec.convert(part, list[WallClockTimer]))
        case _:
            raise NotImplementedError(kind)


_WRITE = msgspec.json.Encoder(enc_hook=_write)
_READ = msgspec.json.Decoder(State, dec_hook=_read)
