"""One connection of the monitor's inbox with the simulated broker: bytes both ways, in pieces of any size.

The broker's end reads and writes packets by itself, apart from the monitor's codec (MQTT 3.1.1 and 5.0, chapter 3).
"""

import asyncio
from collections.abc import Callable, Iterator
from enum import IntEnum
from random import Random
from typing import Protocol

from tests.simulation.machine import call_later
from tests.simulation.packet import Packet

_V5 = 5
_REFUSAL = bytes([0, 0x84, 0])
"""A CONNACK for a version of MQTT that the broker does not know."""
_LEVEL_AT = 6
"""Where in a CONNECT the version is."""
_CONTINUES = 0x80
_SERVER_KEEPALIVE = bytes([3, 0x13, 0, 15])
"""The properties of a CONNACK by which the broker asks for a keepalive of 15 s."""


class _Kind(IntEnum):
    """The packets that a subscriber sends."""

    CONNECT = 1
    PUBLISH = 3
    PUBACK = 4
    SUBSCRIBE = 8
    PINGREQ = 12
    DISCONNECT = 14


class Peer(Protocol):
    """The broker, as a connection needs it."""

    highest_version: int
    """4 is MQTT 3.1.1."""

    def connect(self, wire: "Wire") -> bool:
        """Begin to deliver on a connection; return whether there was a session."""
        ...

    def subscribe(self) -> None:
        """Deliver what is retained."""
        ...

    def settle(self, packet_id: int) -> None:
        """Take an acknowledgement."""
        ...

    def is_under_way(self, packet_id: int) -> bool:
        """Return whether a packet id is in use."""
        ...

    def keep(self, topic: str, payload: bytes) -> None:
        """Retain what the monitor publishes."""
        ...

    def gone(self, wire: "Wire", *, in_order: bool) -> None:
        """Note that the monitor has ended its connection, with or without a DISCONNECT."""
        ...


class Wire(asyncio.Transport):
    """A connection, from its opening to its end.

    Args:
        broker: the broker's end.
        protocol: the monitor's end.
        rng: draws the pieces in which bytes arrive.
        is_alive: whether the monitor that has opened it is still running.
        arrived: called when it has received bytes.

    """

    def __init__(
        self,
        broker: Peer,
        protocol: asyncio.BufferedProtocol,
        rng: Random,
        is_alive: Callable[[], bool],
        arrived: Callable[[], None],
    ) -> None:
        super().__init__()
        self._broker, self._protocol = broker, protocol
        self._rng, self._is_alive, self._arrived = rng, is_alive, arrived
        self._is_v5 = True
        self._from_monitor = bytearray()
        self._to_monitor = bytearray()
        self._is_flushing = False
        self._is_paused = False
        self._has_ended_here = False
        """The monitor's end is closed."""
        self._has_ended_there = False
        """The broker's end is closed."""
        self._latest_id = 0
        self.is_cut = False
        """Nothing passes any more, and neither end knows."""

    # The monitor's end ----------------------------------------------------------------------------------------------

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send bytes to the broker."""
        if self.is_cut or self._has_ended_there or not self._is_alive():
            return
        self._from_monitor += data
        for first, body in taken_off(self._from_monitor):
            self._take(_Kind(first >> 4), first, body)

    def pause_reading(self) -> None:
        """Let bytes pile up."""
        self._is_paused = True

    def resume_reading(self) -> None:
        """Let them through again."""
        self._is_paused = False
        self._flush_soon()

    def can_write_eof(self) -> bool:
        """Return that half a connection can be closed."""
        return True

    def write_eof(self) -> None:
        """Send no more."""

    def abort(self) -> None:
        """End the connection at once."""
        self._end_here(None)
        if not self.is_cut:
            self._end_there(in_order=False)

    # The broker's end -----------------------------------------------------------------------------------------------

    def deliver(self, packet: Packet) -> int:
        """Send a message; return its packet id."""
        self._latest_id = self._latest_id % 0xFFFF + 1
        while self._broker.is_under_way(self._latest_id):
            self._latest_id = self._latest_id % 0xFFFF + 1
        topic = packet.topic.encode()
        properties = b"\0" if self._is_v5 else b""
        body = b"".join(
            (
                len(topic).to_bytes(2),
                topic,
                self._latest_id.to_bytes(2),
                properties,
                packet.payload,
            )
        )
        self.send(0x32 | packet.is_repeated << 3 | packet.retained, body)
        packet.is_repeated = True
        return self._latest_id

    def send(self, first: int, body: bytes) -> None:
        """Send a packet."""
        self._to_monitor += bytes([first]) + _length(len(body)) + body
        self._flush_soon()

    def send_garbage(self, garbage: bytes) -> None:
        """Send what no broker sends."""
        self._to_monitor += garbage
        self._flush_soon()

    def lost(self, code: int | None = None) -> None:
        """End the connection from the broker's end, in MQTT 5.0 with a DISCONNECT if there is a code for it."""
        self._has_ended_there = True
        if self.is_cut and self._is_alive():
            return
        if code is not None and self._is_alive() and self._is_v5:
            self._to_monitor += bytes([0xE0, 2, code, 0])
            self._flush(whole=True)
        self._end_here(ConnectionResetError())

    def _take(self, kind: _Kind, first: int, body: bytes) -> None:
        match kind:
            case _Kind.CONNECT:
                self._connect(body[_LEVEL_AT])
            case _Kind.PUBLISH:
                end = 2 + int.from_bytes(body[:2])
                packet_id = body[end : end + 2] if first & 6 else b""
                start = end + len(packet_id) + self._is_v5
                self._broker.keep(body[2:end].decode(), body[start:])
                if packet_id:
                    self.send(_Kind.PUBACK << 4, packet_id)
            case _Kind.PUBACK:
                self._broker.settle(int.from_bytes(body[:2]))
            case _Kind.SUBSCRIBE:
                self.send(0x90, body[:2] + (b"\0" if self._is_v5 else b"") + b"\1")
                self._broker.subscribe()
            case _Kind.PINGREQ:
                self.send(0xD0, b"")
            case _Kind.DISCONNECT:
                self._end_there(in_order=True)
                call_later(0.01, lambda: self._end_here(None))

    def _connect(self, level: int) -> None:
        self._is_v5 = level == _V5
        if level > self._broker.highest_version:
            self.send(0x20, _REFUSAL)
            return
        properties = self._rng.choice((b"\0", _SERVER_KEEPALIVE)) if self._is_v5 else b""
        self.send(0x20, bytes([self._broker.connect(self), 0]) + properties)

    # In between -----------------------------------------------------------------------------------------------------

    def _flush_soon(self) -> None:
        if not self._is_flushing:
            self._is_flushing = True
            call_later(self._rng.uniform(0.001, 0.02), self._flush)

    def _flush(self, *, whole: bool = False) -> None:
        """Let bytes arrive, often not all of them."""
        self._is_flushing = False
        left, rng = self._to_monitor, self._rng
        while left and not (self._is_paused or self.is_cut or self._has_ended_here):
            if not self._is_alive():
                return
            size = len(left) if whole or rng.random() < 0.7 else rng.randrange(1, len(left) + 1)
            self._arrive(size)
            if left and not whole and rng.random() < 0.5:
                self._flush_soon()
                return

    def _arrive(self, size: int) -> None:
        room = memoryview(self._protocol.get_buffer(-1))
        size = min(size, len(room))
        room[:size] = self._to_monitor[:size]
        del self._to_monitor[:size]
        self._protocol.buffer_updated(size)
        self._arrived()

    def _end_here(self, error: Exception | None) -> None:
        if not self._has_ended_here:
            self._has_ended_here = True
            asyncio.get_running_loop().call_soon(self._protocol.connection_lost, error)

    def _end_there(self, *, in_order: bool) -> None:
        if not self._has_ended_there:
            self._has_ended_there = True
            self._broker.gone(self, in_order=in_order)


def taken_off(data: bytearray) -> Iterator[tuple[int, bytes]]:
    """Take whole packets off the front; yield the first byte and the body of each."""
    while len(data) > 1:
        length = place = 0
        for n, byte in enumerate(data[1:5]):
            length |= (byte & ~_CONTINUES) << 7 * n
            if byte < _CONTINUES:
                place = n + 2
                break
        if not place or len(data) < place + length:
            return
        first, body = data[0], bytes(data[place : place + length])
        del data[: place + length]
        yield first, body


def _length(size: int) -> bytes:
    written = bytearray()
    while size >= _CONTINUES:
        written.append(size & 0x7F | _CONTINUES)
        size >>= 7
    return bytes([*written, size])
