"""A subscriber's connection: carries bytes between a broker and a session, which decides what they mean."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, TypeVar, assert_never, cast

from monitor.errors import BrokerUnavailable, ConfigError, ProtocolVersionRefused
from monitor.mqtt.address import BrokerAddress
from monitor.mqtt.codec import (
    ConnAck,
    Connect,
    Disconnect,
    LocalProtocolError,
    PingReq,
    PingResp,
    Property,
    ProtocolVersion,
    PubAck,
    PubComp,
    Publish,
    PubRec,
    PubRel,
    Received,
    RemoteProtocolError,
    SubAck,
    Subscribe,
)
from monitor.mqtt.codec.reason_code import (
    SESSION_TAKEN_OVER,
    is_unsupported_version,
    reason,
    refusal,
)
from monitor.mqtt.message import Will
from monitor.mqtt.phase import Phase
from monitor.mqtt.session import Session
from monitor.mqtt.transport import failure, set_user_timeout

PATIENCE = timedelta(seconds=10)
"""A broker that takes longer to answer a request is treated as unavailable."""
GOODBYE = timedelta(seconds=2)
"""The longest time that a DISCONNECT may take."""
LONGEST_PACKET = timedelta(minutes=5)
"""The longest time that one packet may take: the largest one that MQTT allows takes less at 10 Mbit/s. Judgement."""
AT_ONCE = 256 * 1024
"""Bytes that are read before other tasks of the event loop run: about 700 messages of 300 bytes."""
FOR_EVER = 0xFFFF_FFFF
"""Session expiry: the session lasts until the broker's own limit, as in MQTT 3.1.1."""
_REFUSED = 0x80
_Answer = TypeVar("_Answer")

Deliver = Callable[[Sequence[Publish]], None]
"""Receives messages, in the order of arrival."""


class Subscriber(asyncio.BufferedProtocol):
    """One connection of a persistent session, from CONNECT to its end; reconnecting takes a new object.

    No message that it delivers is acknowledged before `acknowledge`.

    Args:
        address: the broker; without a version, MQTT 5.0 is used.
        client_id: the name of the session.
        deliver: receives messages.
        room: returns how many more messages may be delivered now.
        will: the last will.
        receive_maximum: the most messages that the broker may send before the first is acknowledged (MQTT 5.0).
        patience: how long the broker may take to answer.
        longest_packet: how long bytes may arrive of which no packet comes: the stream is garbled, and we are deaf.

    """

    def __init__(  # noqa: PLR0913 (each is a part of the connection)
        self,
        address: BrokerAddress,
        client_id: str,
        *,
        deliver: Deliver,
        room: Callable[[], int],
        will: Will | None = None,
        receive_maximum: int = 0xFFFF,
        patience: timedelta = PATIENCE,
        longest_packet: timedelta = LONGEST_PACKET,
    ) -> None:
        self._address = address
        self._client_id = client_id
        self._deliver = deliver
        self._room = room
        self._will = will
        self._receive_maximum = receive_maximum
        self._patience = patience.total_seconds()
        self._longest_packet = longest_packet.total_seconds()
        self._loop = asyncio.get_running_loop()
        self._session = Session(address.protocol or ProtocolVersion.V5)
        self._transport: asyncio.Transport | None = None
        self._buffer = memoryview(bytearray(AT_ONCE))
        self._connack: asyncio.Future[ConnAck] = self._loop.create_future()
        self._answers: dict[int, asyncio.Future[SubAck | PubAck]] = {}
        """By packet id: our requests that wait for an answer."""
        self._keepalive = max(1, round(address.keepalive.total_seconds()))
        self._keepalive_timer: asyncio.TimerHandle | None = None
        self._heard_at = self._understood_at = self._loop.time()
        """When bytes, and when a packet was last received."""
        self._is_full = False
        """There is no room for messages."""
        self._is_blocked = False
        """The broker does not read what we send."""
        self._is_opening = False
        """The broker has accepted us, and the caller of `open` does not know it yet."""
        self._closed = asyncio.Event()

        self.session_present = False
        """Whether the broker has kept our session; known once the connection is open."""
        self.is_taken_over = False
        """Whether the broker has given our session to another client (MQTT 5.0)."""
        self.lost: asyncio.Future[str] = self._loop.create_future()
        """Done when the connection has ended, with the reason."""

    async def open(self) -> None:
        """Connect.

        What the broker has kept is delivered once the caller has had its turn. What the caller asks for then goes out
        before the first acknowledgement: while Mosquitto has a backlog to send, it reads acknowledgements so slowly
        that what is behind them waits until the end.

        Raises:
            BrokerUnavailable: the broker can't be reached, or denies access.
            ProtocolVersionRefused: it does not support the version.

        """
        await self._connect()
        try:
            connack = await self._answer(self._connack)
        except BrokerUnavailable:
            self.drop("never opened")
            raise
        if connack.code:
            self.drop("never opened")
            refused = is_unsupported_version(connack.code)
            made = ProtocolVersionRefused if refused else BrokerUnavailable
            raise made(self._described(refusal(connack.code, self._session.version)))
        self.session_present = connack.session_present
        self._is_opening = False
        self._loop.call_soon(self._process)

    async def subscribe(self, filters: Sequence[str], *, qos: int = 1) -> None:
        """Subscribe.

        Raises:
            BrokerUnavailable: the connection ended, or the broker refused one of the filters.
            ConfigError: one of the filters is not valid in MQTT.

        """
        packet = Subscribe(self._session.next_id(), tuple(filters), qos)
        try:
            suback = await self._request(packet)
        except LocalProtocolError as error:
            raise ConfigError([f"MQTT topic filters {', '.join(filters)}: {error}"]) from error
        codes = suback.codes if isinstance(suback, SubAck) else ()
        if refused := [f for f, code in zip(filters, codes, strict=True) if code >= _REFUSED]:
            raise self._unavailable(
                f"subscription to {', '.join(map(repr, refused))} refused; "
                "check the filter and the broker's access list"
            )

    async def publish(self, topic: str, payload: bytes, *, retain: bool, qos: int = 1) -> None:
        """Publish one message; return when the broker has acknowledged it (QoS 0: when it is sent).

        Raises:
            BrokerUnavailable: it may or may not have arrived, or the broker does not take it.

        """
        qos = min(qos, self._session.highest_qos)
        packet_id = self._session.next_id() if qos else 0
        try:
            await self._request(Publish(topic, payload, qos, packet_id, retain))
        except LocalProtocolError as error:
            raise self._unavailable(str(error)) from error

    def acknowledge(self, packet_ids: Sequence[int]) -> None:
        """Send the acknowledgements of messages in this order, in one write."""
        if packet_ids and not self.lost.done():
            self._write(self._session.acknowledge(packet_ids))

    def pause(self) -> None:
        """Stop reading, so that the broker's messages pile up in the socket and TCP slows it down."""
        self._is_full = True
        self._read_or_not()

    def resume(self) -> None:
        """Read again, first what has arrived already."""
        self._is_full = False
        self._read_or_not()
        self._loop.call_soon(self._process)

    def drop(self, reason: str) -> None:
        """End the connection without DISCONNECT, as a network failure would."""
        self._end(reason)
        if self._transport is not None:
            self._transport.abort()

    async def close(self) -> None:
        """End the connection with DISCONNECT, so that the broker does not publish the last will.

        It waits until the broker has closed the connection, which it does when it has read everything: closing a
        socket with unread data discards what it has sent, including our last acknowledgements.
        """
        try:
            is_connected = self._session.phase is Phase.CONNECTED
            if self._transport is not None and is_connected and not self.lost.done():
                self._write(self._session.send(Disconnect()))
                self._end("closed")
                self._transport.resume_reading()  # what still arrives is discarded
                if self._transport.can_write_eof():
                    self._transport.write_eof()
                with suppress(TimeoutError):
                    async with asyncio.timeout(GOODBYE.total_seconds()):
                        await self._closed.wait()
        finally:
            self.drop("closed")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send CONNECT."""
        self._transport = cast("asyncio.Transport", transport)
        set_user_timeout(self._transport, 2 * self._keepalive)
        properties: list[tuple[Property, int]] = [
            (Property.SESSION_EXPIRY, FOR_EVER),
            (Property.RECEIVE_MAXIMUM, self._receive_maximum),
        ]
        packet = Connect(
            client_id=self._client_id,
            clean=False,
            keepalive=self._keepalive,
            username=self._address.username,
            password=self._address.password,
            will_topic=self._will.topic if self._will else "",
            will_payload=self._will.payload if self._will else b"",
            properties=tuple(properties),
        )
        self._write(self._session.send(packet))

    def get_buffer(self, _sizehint: int) -> memoryview:
        """Return where to put what is read."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Take in what was read."""
        self._heard_at = self._loop.time()
        if not self.lost.done():
            self._session.receive(bytes(self._buffer[:nbytes]))
            self._process()

    def pause_writing(self) -> None:
        """Stop reading while the broker does not read: otherwise our acknowledgements pile up here."""
        self._is_blocked = True
        self._read_or_not()

    def resume_writing(self) -> None:
        """Read again."""
        self._is_blocked = False
        self._read_or_not()
        self._loop.call_soon(self._process)

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end."""
        self._end(failure(exc))
        self._closed.set()

    async def _connect(self) -> None:
        address = self._address
        context = address.tls.context() if address.tls else None
        try:
            async with asyncio.timeout(self._patience):
                await self._loop.create_connection(
                    lambda: self, address.host, address.port, ssl=context
                )
        except TimeoutError as error:
            raise self._unavailable(f"no answer for {self._patience:g} s") from error
        except (OSError, ValueError) as error:
            raise self._unavailable(failure(error)) from error

    async def _request(self, packet: Subscribe | Publish) -> SubAck | PubAck | None:
        """Send a request and return its answer; ``None`` if it has none.

        Raises:
            BrokerUnavailable: the connection has ended, or there was no answer in time.
            LocalProtocolError: the request is not valid.

        """
        if self.lost.done():
            raise self._gone()
        self._write(self._session.send(packet))
        if not packet.packet_id:
            return None
        future: asyncio.Future[SubAck | PubAck] = self._loop.create_future()
        self._answers[packet.packet_id] = future
        return await self._answer(future)

    async def _answer(self, future: "asyncio.Future[_Answer]") -> _Answer:
        waiting: set[asyncio.Future[Any]] = {future, self.lost}
        await asyncio.wait(waiting, timeout=self._patience, return_when=asyncio.FIRST_COMPLETED)
        if future.done():
            return future.result()
        if self.lost.done():
            raise self._gone()
        raise self._unavailable(f"no answer for {self._patience:g} s")

    def _process(self) -> None:
        """Deliver what has arrived, as far as there is room."""
        try:
            while not (self._is_opening or self._is_full or self._is_blocked or self.lost.done()):
                packets = self._session.packets(self._room())
                if not packets:
                    break
                self._understood_at = self._heard_at
                self._take(packets)
        except RemoteProtocolError as error:
            if (
                self._session.version is ProtocolVersion.V5
                and self._session.phase is Phase.CONNECTED
            ):
                self._write(self._session.send(Disconnect(error.code)))
            self.drop(str(error))
        if self._session.answers and not self.lost.done():
            self._write(self._session.answers)
            self._session.answers = b""

    def _take(self, packets: list[Received]) -> None:
        """Deliver messages, and follow the packet behind them that is none."""
        last = None if isinstance(packets[-1], Publish) else packets.pop()
        if packets:
            self._deliver(cast("list[Publish]", packets))
        if last is not None:
            self._follow(last)

    def _follow(self, packet: Received) -> None:
        match packet:
            case ConnAck():
                if self._session.keepalive is not None:
                    self._keepalive = self._session.keepalive
                if not self._connack.done():
                    self._is_opening = True
                    self._connack.set_result(packet)
                self._check_keepalive()
            case SubAck() | PubAck():
                future = self._answers.pop(packet.packet_id, None)
                if future is not None and not future.done():
                    future.set_result(packet)
            case Disconnect():
                self.is_taken_over = packet.code == SESSION_TAKEN_OVER
                self.drop(reason(packet.code))
            case PingResp() | Publish() | PubRec() | PubRel() | PubComp():
                pass  # the session follows them
            case _:
                assert_never(packet)

    def _check_keepalive(self) -> None:
        """Ask for a sign of life twice in each interval, and give up after two intervals without one."""
        if self.lost.done() or not self._keepalive:
            return
        if self._loop.time() - self._heard_at >= 2 * self._keepalive:
            self.drop("no packet received for two keepalive intervals")
            return
        if self._heard_at - self._understood_at >= self._longest_packet:
            self.drop("a packet that does not end")
            return
        if self._session.phase is Phase.CONNECTED:
            self._write(self._session.send(PingReq()))
        self._keepalive_timer = self._loop.call_later(self._keepalive / 2, self._check_keepalive)

    def _read_or_not(self) -> None:
        if self._transport is None or self.lost.done():
            return
        if self._is_full or self._is_blocked:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def _write(self, content: bytes) -> None:
        if self._transport is not None:
            self._transport.write(content)

    def _end(self, why: str) -> None:
        if self._keepalive_timer is not None:
            self._keepalive_timer.cancel()
        if not self.lost.done():
            self.lost.set_result(why)

    def _gone(self) -> BrokerUnavailable:
        return self._unavailable(self.lost.result())

    def _unavailable(self, why: str) -> BrokerUnavailable:
        return BrokerUnavailable(self._described(why))

    def _described(self, why: str) -> str:
        return f"MQTT broker {self._address}: {why}"
