"""One network connection of a publisher to a broker: the only file that uses private names of paho."""

import asyncio
import os
import socket
import ssl
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from struct import Struct
from typing import Protocol

from paho.mqtt.client import MQTT_ERR_SUCCESS, PUBACK, ConnectFlags, MQTTMessage
from paho.mqtt.client import Client as Paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from monitor.errors import BrokerUnavailable
from monitor.mqtt.address import BrokerAddress
from monitor.mqtt.reason import reason_of

PATIENCE = timedelta(seconds=10)
"""A broker that takes longer to answer a request is treated as unavailable."""
GOODBYE = timedelta(seconds=2)
"""The longest time that a DISCONNECT may take."""
READ_AT_ONCE = 500
"""Packets read before other tasks of the event loop run: 5 to 10 ms."""
_CHECK_KEEPALIVE_EVERY = 1.0

Deliver = Callable[[str, bytes, bool, int], None]
"""Receives one message: topic, payload, retained, packet id (0: nothing to acknowledge)."""

_PUBACK = Struct("!BBH")


class _Socket(Protocol):
    """What paho passes to its socket callbacks."""

    def fileno(self) -> int: ...


class NetworkConnection:
    """One connection from CONNECT to its end; reconnecting takes a new object.

    No message that it delivers is acknowledged before `acknowledge`.
    """

    def __init__(
        self,
        address: BrokerAddress,
        client_id: str,
        *,
        persistent: bool = False,
        deliver: Deliver | None = None,
    ) -> None:
        self._address = address
        self._deliver = deliver
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self.lost: asyncio.Future[str] = self._loop.create_future()
        """Done when the connection has ended, with the reason."""
        self._connack: ReasonCode | None = None
        self._unacknowledged: set[int] = set()
        self._received: deque[MQTTMessage] = deque()
        """Messages that paho has read and that are not delivered yet."""
        self._changed = asyncio.Event()
        self._keepalive_timer: asyncio.TimerHandle | None = None
        self._paho = self._client(client_id, persistent=persistent)

    def _client(self, client_id: str, *, persistent: bool) -> Paho:
        client = Paho(
            CallbackAPIVersion.VERSION2,
            client_id,
            clean_session=not persistent,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        client.disable_logger()
        client.max_inflight_messages_set(0)  # no limit: `Connection.publish` has its own
        if self._address.username is not None:
            client.username_pw_set(self._address.username, self._address.password)
        if self._address.tls is not None:
            client.tls_set_context(self._address.tls.context())
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_socket_close = self._on_socket_close
        client.on_socket_register_write = self._on_socket_register_write
        client.on_socket_unregister_write = self._on_socket_unregister_write
        return client

    async def open(self) -> None:
        """Connect.

        Raises:
            BrokerUnavailable: the broker can't be reached, or denies access.

        """
        connecting = self._loop.run_in_executor(None, self._connect)
        try:
            await asyncio.shield(connecting)
            self._start_reading()
            await self._until(self._is_answered)
            if self._connack is not None and self._connack.is_failure:
                raise self._unavailable(reason_of(self._connack))
        except (OSError, ValueError) as error:
            self.drop("never opened")
            raise self._unavailable(str(error)) from error
        except BrokerUnavailable:
            self.drop("never opened")
            raise
        except asyncio.CancelledError:
            # The connecting thread can't be stopped. Left alone, it would open a connection that
            # receives the messages of our session while no one reads them.
            try:
                with suppress(OSError, ValueError):
                    await asyncio.shield(connecting)
            finally:
                await self.close()
            raise

    def acknowledge(self, packet_ids: Sequence[int]) -> None:
        """Send the PUBACKs in this order, in one write (paho's `ack` takes one write for each); skip 0."""
        self._unacknowledged.difference_update(packet_ids)
        packets = b"".join(_PUBACK.pack(PUBACK, 2, each) for each in packet_ids if each)
        if packets and not self.lost.done():
            self._paho._packet_queue(PUBACK, packets, 0, 1)  # noqa: SLF001
            self._paho.loop_write()

    def drop(self, reason: str) -> None:
        """End the connection without DISCONNECT, as a network failure would."""
        self._end(reason)
        self._paho._sock_close()  # noqa: SLF001

    async def close(self) -> None:
        """End the connection with DISCONNECT, so that the broker does not publish the last will."""
        sock = self._paho.socket()
        try:
            if sock is not None and not self.lost.done():
                with socket.socket(fileno=os.dup(sock.fileno())) as copy, suppress(OSError):
                    async with asyncio.timeout(GOODBYE.total_seconds()):
                        self._paho.disconnect()
                        await asyncio.shield(self.lost)
                        await self._drain(copy)
        finally:
            self.drop("closed")

    async def _drain(self, sock: socket.socket) -> None:
        """Read until the broker closes the connection, which it does after it has read everything that we sent.

        Closing a socket with unread data discards what it has sent, including our last PUBACKs.
        """
        sock.setblocking(False)  # noqa: FBT003
        sock.shutdown(socket.SHUT_WR)
        while await self._loop.sock_recv(sock, 65536):
            pass

    def _connect(self) -> None:
        """Connect and send CONNECT; this blocks, so it runs in a thread."""
        keepalive = max(1, round(self._address.keepalive.total_seconds()))
        *others, last = self._address.in_turn()
        for address in others:
            with suppress(OSError):
                self._paho.connect(address.host, address.port, keepalive)
                break
        else:
            self._paho.connect(last.host, last.port, keepalive)
        if isinstance(sock := self._paho.socket(), socket.socket):
            # A PUBACK is small, and must not wait for the one before it.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _is_answered(self) -> bool:
        return self._connack is not None

    async def _until(self, arrived: Callable[[], bool]) -> None:
        """Wait for an answer of the broker.

        Raises:
            BrokerUnavailable: the connection has ended, or there was no answer in time.

        """
        while not arrived():
            if self.lost.done():
                raise self._gone()
            self._changed.clear()
            try:
                async with asyncio.timeout(PATIENCE.total_seconds()):
                    await self._changed.wait()
            except TimeoutError as error:
                raise self._unavailable(f"no answer for {PATIENCE.total_seconds():g} s") from error

    def _start_reading(self) -> None:
        if (sock := self._paho.socket()) is not None:
            self._loop.add_reader(sock.fileno(), self._read)
            self._check_keepalive()

    def _read(self) -> None:
        """Read what is there: paho returns to the event loop after each packet.

        Messages are delivered after paho's callback has returned. paho holds a lock while it calls back, and takes the
        same one when a write fails: an acknowledgement from the callback would stop the event loop for good.
        """
        try:
            for _ in range(READ_AT_ONCE):
                self._paho.loop_read()
                has_received = bool(self._received)
                while self._received:
                    self._take(self._received.popleft())
                if not (has_received or self._has_decrypted()):
                    return
        except BaseException:  # whatever it was: paho would read the same packet again and again
            self.drop("the broker sent an invalid packet")
            raise
        if self._has_decrypted():
            self._loop.call_soon(self._read)

    def _has_decrypted(self) -> bool:
        """Return whether TLS holds bytes that the event loop does not know of."""
        sock = self._paho.socket()
        return isinstance(sock, ssl.SSLSocket) and sock.pending() > 0

    def _check_keepalive(self) -> None:
        if self._paho.loop_misc() == MQTT_ERR_SUCCESS:
            self._keepalive_timer = self._loop.call_later(
                _CHECK_KEEPALIVE_EVERY, self._check_keepalive
            )

    def _on_connect(
        self, _client: Paho, _data: object, _flags: ConnectFlags, code: ReasonCode, *_: object
    ) -> None:
        self._connack = code
        self._changed.set()

    def _on_disconnect(
        self, _client: Paho, _data: object, _flags: object, code: ReasonCode, *_: object
    ) -> None:
        self._end(reason_of(code))

    def _on_message(self, _client: Paho, _data: object, message: MQTTMessage) -> None:
        self._received.append(message)

    def _take(self, message: MQTTMessage) -> None:
        """Deliver a message, unless it waits for its acknowledgement already."""
        if message.mid in self._unacknowledged:
            return  # the same message again: NATS does not wait long for an acknowledgement
        if message.mid:
            self._unacknowledged.add(message.mid)
        if self._deliver is not None:
            # The public `message.topic` raises for bytes that are not UTF-8.
            topic = message._topic.decode(errors="backslashreplace")  # noqa: SLF001
            self._deliver(topic, bytes(message.payload), message.retain, message.mid)

    def _on_socket_close(self, _client: Paho, _data: object, sock: _Socket) -> None:
        if self._keepalive_timer is not None:
            self._keepalive_timer.cancel()
        self._loop.remove_reader(sock.fileno())

    def _on_socket_register_write(self, *_: object) -> None:
        if threading.get_ident() == self._thread:
            self._register_write()
        else:
            self._loop.call_soon_threadsafe(self._register_write)

    def _register_write(self) -> None:
        if (sock := self._paho.socket()) is not None:
            self._loop.add_writer(sock.fileno(), self._paho.loop_write)

    def _on_socket_unregister_write(self, _client: Paho, _data: object, sock: _Socket) -> None:
        self._loop.remove_writer(sock.fileno())

    def _end(self, reason: str) -> None:
        if not self.lost.done():
            self.lost.set_result(reason)
        self._changed.set()

    def _gone(self) -> BrokerUnavailable:
        return self._unavailable(self.lost.result() if self.lost.done() else "not connected")

    def _unavailable(self, reason: str) -> BrokerUnavailable:
        return BrokerUnavailable(f"MQTT broker {self._address}: {reason}")
