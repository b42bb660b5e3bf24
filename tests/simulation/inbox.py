"""What `Inbox` and `RetainedTopics` promise to the rest of the monitor, on the simulated broker."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Self

from monitor.errors import SinkUnavailable
from monitor.mqtt import Message
from tests.simulation.broker import Packet, SimulatedBroker
from tests.simulation.machine import wait


class SimulatedInbox:
    """What `monitor.ingest.inbox.Inbox` promises, on the simulated broker."""

    def __init__(
        self,
        broker: SimulatedBroker,
        *,
        now: Callable[[], datetime],
        is_alive: Callable[[], bool],
        on_session_lost: Callable[[], None],
        expect_session: bool,
        batch: int,
    ) -> None:
        self._broker, self._clock, self._is_alive = broker, now, is_alive
        self._on_session_lost = on_session_lost
        self._expect_session = expect_session
        self.batch = batch
        self.farewell = b""
        self.connected = False
        self.trouble = ""
        self.received = 0
        self.unacknowledged = 0
        self.most_unacknowledged = 0
        self._waiting: deque[Message] = deque()
        self._arrived = asyncio.Event()
        self._generation = 0
        self._connections = 0
        self._tokens = 0
        self._lost_session = False
        self._task: asyncio.Task[None] | None = None
        self._again_in = 0.0
        self._changed = asyncio.Event()

    @property
    def depth(self) -> int:
        """Messages received and not yet taken."""
        return len(self._waiting)

    @property
    def reconnects(self) -> int:
        """Connections so far, without the first."""
        return max(0, self._connections - 1)

    async def run(self) -> None:
        """Keep a connection, until cancelled."""
        while True:
            self._changed.clear()
            if not self.connected:
                self._broker.connect(self)
                if self._lost_session:
                    self._lost_session = False
                    self._on_session_lost()
            if self.connected:
                await self._changed.wait()
            await wait(max(1.0, self._again_in))

    def opened(self, *, session_present: bool) -> None:
        """Note a new connection."""
        self._generation += 1
        self._connections += 1
        self.connected, self.trouble = True, ""
        self._lost_session = self._expect_session and not session_present
        self._expect_session = True

    def lost(self, reason: str, again_in: float) -> None:
        """Note the end of the connection."""
        self.connected, self.trouble, self._again_in = False, reason, again_in
        self._changed.set()

    def deliver(self, packet: Packet) -> int:
        """Receive a message; return its token."""
        self._tokens += 1
        token = self._generation << 32 | self._tokens
        now = self._clock()
        self._waiting.append(Message(packet.topic, packet.payload, packet.retained, now, token))
        self._arrived.set()
        self.received += 1
        self.unacknowledged += 1
        self.most_unacknowledged = max(self.most_unacknowledged, self.unacknowledged)
        return token

    def acknowledge(self, batch: Sequence[Message]) -> None:
        """Acknowledge messages; those of an earlier connection can't be, and are delivered again."""
        self.unacknowledged -= len(batch)
        for message in batch:
            if message.token >> 32 == self._generation and self.connected and self._is_alive():
                self._broker.settle(message.token)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Sequence[Message]:
        await asyncio.sleep(0)
        while not self._waiting:
            self._arrived.clear()
            await self._arrived.wait()
        size = min(self.batch, len(self._waiting))
        return [self._waiting.popleft() for _ in range(size)]


class SimulatedTopics:
    """What `monitor.mqtt.RetainedTopics` promises, on the simulated broker."""

    def __init__(self, broker: SimulatedBroker, is_alive: Callable[[], bool], number: int) -> None:
        self._broker, self._is_alive, self._number = broker, is_alive, number

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection."""
        return self._broker.board_connection == self._number

    async def connect(self) -> None:
        """Connect."""
        await wait(0.01)
        if not self._broker.is_up:
            raise SinkUnavailable("connection refused")
        self._broker.board_connection = self._number
        self._broker.written.clear()

    async def close(self) -> None:
        """Close the connection."""
        if self.is_connected:
            self._broker.board_connection = 0

    async def publish(self, messages: Iterable[tuple[str, bytes]], *, retain: bool = False) -> None:
        """Publish; when the connection breaks, some may have arrived."""
        sent = list(messages)
        self._check()
        half = len(sent) // 2 if self._broker.weather.half_answers else len(sent)
        for topic, payload in sent[:half] if retain else ():
            if not self._is_alive():
                break
            if payload:
                self._broker.board[topic] = payload
            else:
                self._broker.board.pop(topic, None)
        await wait(0.01)
        if self._broker.weather.half_answers:
            self._broker.board_connection = 0
        self._check()

    async def kept(self) -> Mapping[str, bytes]:
        """Return what the broker keeps."""
        await wait(0.01)
        self._check()
        return dict(self._broker.board)

    def take_written(self) -> list[str]:
        """Return the topics that others have written to since the last call."""
        found = list(dict.fromkeys(self._broker.written))
        self._broker.written.clear()
        return found

    def _check(self) -> None:
        if not self.is_connected:
            raise SinkUnavailable("connection lost")
