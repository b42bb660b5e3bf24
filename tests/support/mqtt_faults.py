"""Faults between a client and its broker: a connection that breaks, and a broker that misbehaves."""

import asyncio
import ssl
from contextlib import suppress
from struct import pack, unpack
from typing import Protocol, Self, cast

from monitor.mqtt import BrokerAddress, Connection
from monitor.mqtt.codec import ProtocolVersion
from tests.support.servers import HOST, PATIENCE


class Listener(Protocol):
    """A server on this machine."""

    @property
    def port(self) -> int:
        """Where it listens."""
        ...


class TcpProxy:
    """A TCP proxy in front of a server whose connections can be reset, or stop without notice."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._server: asyncio.Server | None = None
        self._ends: list[asyncio.StreamWriter] = []
        self._alive = asyncio.Event()
        self._pumps: set[asyncio.Task[None]] = set()
        self._to_server: set[asyncio.Task[None]] = set()
        self.connections = 0
        """Connections so far."""

    @property
    def address(self) -> BrokerAddress:
        """The address that it listens on."""
        assert self._server is not None
        return BrokerAddress(*self._server.sockets[0].getsockname())

    def cut(self) -> None:
        """Reset every connection, as when the process at the other end is killed."""
        for end in self._ends:
            end.transport.abort()
        self._ends.clear()

    def freeze(self) -> None:
        """Stop forwarding on the present connections; new ones are forwarded."""
        for pump in self._pumps:
            pump.cancel()
        self._pumps.clear()

    def hold_answers(self) -> None:
        """On the present connections, forward only what the server sends."""
        for pump in self._to_server:
            pump.cancel()
        self._pumps -= self._to_server
        self._to_server.clear()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._carry, HOST, 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        pumps = set(self._pumps)
        self.freeze()
        self.cut()
        if pumps:
            await asyncio.wait(pumps)

    async def _carry(self, here: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        self.connections += 1
        there, forth = await asyncio.open_connection(HOST, self._listener.port)
        self._ends += (back, forth)
        for reader, writer in ((here, forth), (there, back)):
            pump = asyncio.create_task(_pump(reader, writer))
            self._pumps.add(pump)
            if writer is forth:
                self._to_server.add(pump)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
    except ConnectionError:
        pass
    writer.transport.abort()


async def wait_until_retained(address: BrokerAddress, topic: str, payload: bytes) -> None:
    """Wait until the broker has this payload retained on a topic.

    NATS acknowledges a retained message before it has stored it.
    """
    received: list[bytes] = []
    connection = Connection(
        address, "visitor", deliver=lambda _topic, payload, _retained, _id: received.append(payload)
    )
    await connection.open()
    async with asyncio.timeout(PATIENCE):
        while received[-1:] != [payload]:
            await connection.subscribe([topic])
            await asyncio.sleep(0.01)
    await connection.close()


def publish_packet(topic: bytes, payload: bytes, packet_id: int, *, again: bool = False) -> bytes:
    """Return a short PUBLISH packet of QoS 1; with ``again``, it has the DUP flag."""
    body = pack("!H", len(topic)) + topic + pack("!H", packet_id) + payload
    return bytes([0x3A if again else 0x32, len(body)]) + body


class ScriptedBroker:
    """A broker for one client that grants everything and then sends exactly what the test asks for.

    ``subscribed`` and ``gone`` refer to the latest connection.
    """

    def __init__(
        self,
        *,
        connack: bytes = b"\x20\x02\x00\x00",
        hangs_up: bool = False,
        pubacks: bool = True,
        grants: bool = True,
        refuses_5: bool = False,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._tls = tls
        self._grants = grants
        self._refuses_5 = refuses_5
        self._level = 0
        self.protocol: ProtocolVersion | None = ProtocolVersion.V3_1_1
        """The version that subscribers use."""
        self._connack = connack
        self._hangs_up = hangs_up
        self._pubacks = pubacks
        self._server: asyncio.Server | None = None
        self._client: asyncio.StreamWriter | None = None
        self.connections = 0
        """The number of CONNECTs received."""
        self.subscribed = asyncio.Event()
        self.gone = asyncio.Event()
        """The client has closed the connection."""
        self.acknowledged: list[int] = []
        """The packet ids of the PUBACKs received."""
        self.published: list[bytes] = []
        """The payloads of the PUBLISHes received."""

    @property
    def address(self) -> BrokerAddress:
        """The address that it listens on."""
        assert self._server is not None
        host, port = self._server.sockets[0].getsockname()
        return BrokerAddress(host, port, protocol=self.protocol)

    def send(self, *packets: bytes) -> None:
        """Send packets, all at once."""
        assert self._client is not None
        self._client.write(b"".join(packets))

    def stop_reading(self) -> None:
        """Read nothing more until `resume_reading`."""
        assert self._client is not None
        cast("asyncio.Transport", self._client.transport).pause_reading()

    def resume_reading(self) -> None:
        """Read again."""
        assert self._client is not None
        cast("asyncio.Transport", self._client.transport).resume_reading()

    def disconnect(self) -> None:
        """Abort the connection."""
        assert self._client is not None
        self._client.transport.abort()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, HOST, 0, ssl=self._tls)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        if self._client is not None:
            self._client.transport.abort()
            await self.gone.wait()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._client = writer
        self.subscribed.clear()
        self.gone.clear()
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                self._take(*await _packet(reader))
        writer.transport.abort()
        self.gone.set()

    def _take(self, kind: int, body: bytes) -> None:
        assert self._client is not None
        match kind & 0xF0:
            case 0x10:
                self.connections += 1
                self._level = body[6]
                refused = self._refuses_5 and self._level == ProtocolVersion.V5.level
                self.send(b"\x20\x02\x00\x01" if refused else self._connack)
                if self._hangs_up:
                    self._client.close()
            case 0x30:
                end = 2 + int.from_bytes(body[:2])
                packet_id, payload = body[end : end + 2], body[end + 2 :]
                if not kind & 0x06:  # QoS 0 has no packet id
                    packet_id, payload = b"", body[end:]
                self.published.append(payload)
                if packet_id and self._pubacks:
                    self.send(b"\x40\x02" + packet_id)
            case 0x40:
                self.acknowledged += unpack("!H", body)
            case 0x80 if self._grants:
                properties = b"\x00" if self._level == ProtocolVersion.V5.level else b""
                granted = body[:2] + properties + b"\x01"
                self.send(bytes([0x90, len(granted)]) + granted)
                self.subscribed.set()
            case 0xC0:
                self.send(b"\xd0\x00")
            case 0xE0:
                self._client.close()
            case _:
                pass


async def _packet(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    kind = (await reader.readexactly(1))[0]
    length = shift = 0
    while True:
        byte = (await reader.readexactly(1))[0]
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return kind, await reader.readexactly(length)
