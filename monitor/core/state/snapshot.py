"""Snapshots: the state as JSON, and back from this version's or the one before."""

from typing import Any

import msgspec
from msgspec import Raw, Struct

from monitor.core.state.state import State
from monitor.core.state.timers import (
    TimerHeap,
    WallClockHeap,
    WallClockTimer,
    WatermarkHeap,
    WatermarkTimer,
)
from monitor.core.state.version_1 import rearranged


def encode(state: State) -> bytes:
    """Return a snapshot of the state."""
    return _WRITE.encode(state)


def decode(body: bytes) -> State:
    """Return the state in a snapshot.

    Raises:
        msgspec.MsgspecError: it is damaged, or from an unknown version.

    """
    if msgspec.json.decode(body, type=_Marker).version == 1:
        body = msgspec.json.encode(rearranged(msgspec.json.decode(body, type=dict[str, Raw])))
    return _READ.decode(body)


class _Marker(Struct):
    version: int = 1
    """The first version wrote none."""


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
