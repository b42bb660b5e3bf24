"""Holds one connection to a broker: the only place that reaches into aiomqtt and the paho client inside it."""

import asyncio
import os
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from struct import Struct
from typing import Any, cast

import aiomqtt
from paho.mqtt.client import PUBACK, ConnectFlags, MQTTMessage
from paho.mqtt.client import Client as Paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from monitor.errors import BrokerUnavailable
from monitor.mqtt.address import BrokerAddress
from monitor.mqtt.message import Will

PATIENCE = timedelta(seconds=10)
"""A broker that answers a request later than this counts as away."""
GOODBYE = timedelta(seconds=2)
"""So long a DISCONNECT may take to get out."""
AT_ONCE = 500
"""Packets read in one go, before the loop's other tasks get their turn: 5 to 10 ms."""

Deliver = Callable[[str, bytes, bool, int], None]
"""Takes one message: topic, payload, retained, packet id (0: nothing to acknowledge)."""

_WORDS = {
    "Unspecified error": "the other end hung up",
    "Keep alive timeout": "nothing heard for two keepalives",
    "Not authorized": "refused us; check user name, password and client id",
    "Bad user name or password": "refused us; check user name and password",
}
"""Of paho's reasons, those that say too little."""
_PUBACK = Struct("!BBH")


class Link:
    """One connection from CONNECT to its end; the next one is a new object.

    Nothing that it delivers is acknowledged before ``acknowledge``.
    """

    def __init__(
        self,
        address: BrokerAddress,
        client_id: str,
        *,
        persistent: bool = False,
        will: Will | None = None,
        deliver: Deliver | None = None,
    ) -> None:
        self._address = address
        self._deliver = deliver
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._client = aiomqtt.Client(
            address.host,
            address.port,
            username=address.username,
            password=address.password,
            identifier=client_id,
            clean_session=not persistent,
            will=aiomqtt.Will(will.topic, will.payload, qos=1, retain=True) if will else None,
            keepalive=max(1, round(address.keepalive.total_seconds())),
            timeout=PATIENCE.total_seconds(),
            tls_context=address.tls.context() if address.tls else None,
            # A PUBACK is small, and must not wait for the one before it.
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
        )
        self.session_present = False
        """The broker remembers our session; known once open."""
        self.lost: asyncio.Future[str] = self._loop.create_future()
        """Done when the connection has ended; says why."""
        self._unacknowledged: set[int] = set()
        self._taken = 0
        self._paused = False
        self._news = asyncio.Event()

        # aiomqtt 2 lets paho, the client inside it, acknowledge a message before anybody has stored
        # it. paho can do better, but aiomqtt keeps it private. Of paho itself three private names
        # are used: `_packet_queue`, `_sock_close` and a message's `_topic`. A test watches over all.
        self._paho: Paho = self._client._client  # noqa: SLF001
        self._paho.manual_ack_set(True)  # noqa: FBT003
        self._paho.max_inflight_messages_set(0)  # no limit: the publisher has its own
        self._paho.disable_logger()
        # All of it before CONNECT: what the broker has queued follows its CONNACK at once.
        self._accept = cast("Callable[..., None]", self._paho.on_connect)
        self._paho.on_connect = self._on_connect
        self._paho.on_disconnect = self._on_disconnect
        self._paho.on_message = self._on_message
        self._paho.on_socket_register_write = self._on_socket_register_write

    async def open(self) -> None:
        """Connects.

        Raises:
            BrokerUnavailable: it is not there, or refuses us.
        """
        entering = asyncio.ensure_future(self._client.__aenter__())
        try:
            await asyncio.shield(entering)
        except (aiomqtt.MqttError, ValueError) as error:
            self.drop("never opened")
            raise self._unavailable(_in_words(error)) from error
        except asyncio.CancelledError:
            # The thread that connects can't be stopped; left alone, it would take the messages of
            # our session with nobody there to read them.
            self._refused(ReasonCode(PacketTypes.CONNACK, "Unspecified error"))
            try:
                with suppress(aiomqtt.MqttError, ValueError):
                    await asyncio.shield(entering)
            finally:
                await self.close()
            raise
        sock = self._paho.socket()
        if sock is None:
            raise self._unavailable("hung up after CONNACK")
        if not self._paused:
            self._loop.add_reader(sock.fileno(), self._read)  # takes the place of aiomqtt's

    def acknowledge(self, packet_ids: Sequence[int]) -> None:
        """Sends the PUBACKs in this order, in one write (paho's own way is a write each)."""
        self._unacknowledged.difference_update(packet_ids)
        packets = b"".join(_PUBACK.pack(PUBACK, 2, packet_id) for packet_id in packet_ids)
        if packets and not self.lost.done():
            self._paho._packet_queue(PUBACK, packets, 0, 1)  # noqa: SLF001
            self._paho.loop_write()

    def pause(self) -> None:
        """Leaves in the socket what comes, so that the broker feels it."""
        self._paused = True
        if (sock := self._paho.socket()) is not None:
            self._loop.remove_reader(sock.fileno())

    def resume(self) -> None:
        """Reads again."""
        self._paused = False
        if (sock := self._paho.socket()) is not None:
            self._loop.add_reader(sock.fileno(), self._read)
            self._loop.call_soon(self._read)  # TLS may hold something that it has decrypted already

    def drop(self, why: str) -> None:
        """Ends it without a word, as a broken network would."""
        self._end(why)
        self._paho._sock_close()  # noqa: SLF001

    async def close(self) -> None:
        """Ends it with DISCONNECT, so that the broker keeps the last will to itself."""
        sock = self._paho.socket()
        try:
            if sock is not None and not self.lost.done():
                with socket.socket(fileno=os.dup(sock.fileno())) as copy, suppress(OSError):
                    async with asyncio.timeout(GOODBYE.total_seconds()):
                        self._paho.disconnect()
                        await asyncio.shield(self.lost)
                        await self._hear_out(copy)
        finally:
            self.drop("closed")

    async def _hear_out(self, sock: socket.socket) -> None:
        """Reads on until the broker hangs up, as it does when it has heard all that we said.

        A socket that is closed with something unread takes back what it has sent: our last PUBACKs.
        """
        sock.setblocking(False)  # noqa: FBT003
        sock.shutdown(socket.SHUT_WR)
        while await self._loop.sock_recv(sock, 65536):
            pass

    def _read(self) -> None:
        """Reads what there is: paho goes back to the loop after every packet."""
        try:
            for _ in range(AT_ONCE):
                before = self._taken
                self._paho.loop_read()
                if self._paused or (self._taken == before and not self._decrypted()):
                    return
        except BaseException:
            self.drop("sent a packet that nobody can read")  # paho would meet it again and again
            raise
        if self._decrypted():
            self._loop.call_soon(self._read)

    def _decrypted(self) -> bool:
        """TLS holds bytes of which the loop can't know."""
        sock = self._paho.socket()
        return isinstance(sock, ssl.SSLSocket) and sock.pending() > 0

    def _on_message(self, _client: Paho, _data: object, message: MQTTMessage) -> None:
        self._taken += 1
        if message.mid in self._unacknowledged:
            return  # the same message again, for a broker that waits no longer: NATS does that
        if message.mid:
            self._unacknowledged.add(message.mid)
        if self._deliver is not None:
            # The public `message.topic` raises for bytes that are no UTF-8.
            topic = message._topic.decode(errors="backslashreplace")  # noqa: SLF001
            self._deliver(topic, bytes(message.payload), message.retain, message.mid)

    def _on_connect(self, client: Paho, data: object, flags: ConnectFlags, *rest: Any) -> None:  # noqa: ANN401
        self.session_present = flags.session_present
        self._accept(client, data, flags, *rest)

    def _on_disconnect(
        self, _client: Paho, _data: object, _flags: object, code: ReasonCode, *_: object
    ) -> None:
        self._end(_in_words(code))
        self._refused(code)

    def _refused(self, code: ReasonCode) -> None:
        """Ends aiomqtt's wait for a CONNACK that will not come; after one, does nothing."""
        self._accept(self._paho, None, ConnectFlags(session_present=False), code, None)

    def _on_socket_register_write(self, *_: object) -> None:
        """Takes the place of aiomqtt's, which registers the writer one turn of the loop later.

        By then the descriptor may be closed already, or belong to the next connection.
        """
        if threading.get_ident() == self._thread:
            self._register_write()
        else:
            self._loop.call_soon_threadsafe(self._register_write)

    def _register_write(self) -> None:
        if (sock := self._paho.socket()) is not None:
            self._loop.add_writer(sock.fileno(), self._paho.loop_write)

    def _end(self, why: str) -> None:
        if not self.lost.done():
            self.lost.set_result(why)
        self._news.set()

    def _unavailable(self, why: str) -> BrokerUnavailable:
        return BrokerUnavailable(f"MQTT broker {self._address}: {why}")


def _in_words(reason: Exception | ReasonCode) -> str:
    """What went wrong, for people."""
    code = reason.rc if isinstance(reason, aiomqtt.MqttCodeError) else reason
    if not isinstance(code, ReasonCode):
        return str(reason)
    return _WORDS.get(str(code), str(code))
