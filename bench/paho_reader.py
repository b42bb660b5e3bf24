"""Reads a persistent session with paho-mqtt on asyncio, as the monitor did before it had a session of its own."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from struct import Struct

from paho.mqtt.client import PUBACK, MQTTMessage
from paho.mqtt.client import Client as Paho
from paho.mqtt.enums import CallbackAPIVersion

from bench.broker import FILTER
from monitor.mqtt import BrokerAddress, Message

READ_AT_ONCE = 500
_PUBACK = Struct("!BBH")


class PahoReader:
    """One connection; acknowledges when it is told to, a batch in one write."""

    def __init__(self, address: BrokerAddress, client_id: str) -> None:
        self._address = address
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[Message] = deque()
        self._received: deque[MQTTMessage] = deque()
        self._unacknowledged: set[int] = set()
        self._arrived = asyncio.Event()
        self._paho = Paho(
            CallbackAPIVersion.VERSION2, client_id, clean_session=False, manual_ack=True
        )
        self._paho.on_message = lambda _client, _data, message: self._received.append(message)

    def open(self) -> None:
        """Connect and subscribe."""
        self._paho.connect(self._address.host, self._address.port, 60)
        self._loop.add_reader(self._descriptor(), self._read)
        self._paho.subscribe(FILTER, 1)
        self._paho.loop_write()

    def close(self) -> None:
        """Disconnect."""
        self._loop.remove_reader(self._descriptor())
        self._paho.disconnect()
        self._paho.loop_write()

    async def batches(self, most: int) -> AsyncIterator[Sequence[Message]]:
        """Yield what has arrived, at most this many messages at a time."""
        while True:
            await asyncio.sleep(0)
            while not self._waiting:
                self._arrived.clear()
                await self._arrived.wait()
            size = min(most, len(self._waiting))
            yield [self._waiting.popleft() for _ in range(size)]

    def acknowledge(self, batch: Sequence[Message]) -> None:
        """Send the PUBACKs of a batch in one write."""
        self._unacknowledged.difference_update(message.token for message in batch)
        packets = b"".join(
            _PUBACK.pack(PUBACK, 2, message.token) for message in batch if message.token
        )
        self._paho._packet_queue(PUBACK, packets, 0, 1)  # noqa: SLF001 - paho's own takes a write for each
        self._paho.loop_write()

    def _descriptor(self) -> int:
        sock = self._paho.socket()
        if sock is None:
            raise SystemExit("paho lost its connection")
        return sock.fileno()

    def _read(self) -> None:
        for _ in range(READ_AT_ONCE):
            self._paho.loop_read()
            if not self._received:
                return
            while self._received:
                self._take(self._received.popleft())

    def _take(self, message: MQTTMessage) -> None:
        if message.mid in self._unacknowledged:
            return
        self._unacknowledged.add(message.mid)
        topic = message._topic.decode(errors="backslashreplace")  # noqa: SLF001
        now = datetime.now(UTC)
        self._waiting.append(
            Message(topic, bytes(message.payload), message.retain, now, message.mid)
        )
        self._arrived.set()
