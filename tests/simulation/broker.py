"""The simulated broker: one persistent session of the monitor, the inbox on it, and the retained board."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Self

from monitor.errors import SinkUnavailable
from monitor.mqtt import Message
from tests.simulation.machine import call_later, wait

LIMIT = 1000
"""Messages of a connection that are not acknowledged yet; see `monitor.ingest.inbox.Inbox`."""
KEEPALIVE = 45.0
"""Seconds after which a connection that is half open is found out."""


@dataclass(eq=False, slots=True)
class Packet:
    """A message on its way to the monitor."""

    n: int
    topic: str
    payload: bytes
    retained: bool
    kept_at: float
    """When the broker took it in; a kill loses what it has not written since."""
    acknowledged_at: float | None = None


@dataclass(slots=True)
class Weather:
    """How the broker and the network behave at present."""

    reorders: bool = False
    duplicates: bool = False
    half_open: bool = False
    delay: float = 0.0
    """Seconds that each message takes in addition."""
    half_answers: bool = False
    """A publication arrives, and its acknowledgement does not."""


@dataclass(slots=True)
class _Session:
    queue: deque[Packet] = field(default_factory=deque)
    under_way: dict[int, Packet] = field(default_factory=dict)
    """Delivered and not acknowledged, by token."""


class SimulatedBroker:
    """A broker that keeps what it has until it is acknowledged, as long as it is not killed.

    Args:
        rng: draws orders and delays.
        now: the running time in seconds.

    """

    def __init__(self, rng: Random, now: Callable[[], float]) -> None:
        self._rng, self._now = rng, now
        self._session = _Session()
        self._recent: deque[Packet] = deque(maxlen=200)
        """The packets that were acknowledged last: a killed broker may have forgotten that."""
        self.is_up = True
        self.weather = Weather()
        self.has_session = False
        self.inbox: SimulatedInbox | None = None
        self.retained: dict[str, bytes] = {}
        self.board: dict[str, bytes] = {}
        """The retained topics of the monitor."""
        self.board_connection = 0
        self.written: list[str] = []
        """Topics of the board that others have written to."""
        self.acknowledged: dict[int, Packet] = {}
        self.lost: dict[int, Packet] = {}
        """What a killed broker, a lost session or a thief had and has no more."""
        self._n = 0

    @property
    def waiting(self) -> int:
        """Messages that are not acknowledged."""
        return len(self._session.queue) + len(self._session.under_way)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> bool:
        """Take a message from a device, unless the broker is down; return whether it has it."""
        if not self.is_up:
            return False
        if retain:
            self.retained[topic] = payload
        if not self.has_session:
            return False
        for _ in range(2 if self.weather.duplicates and self._rng.random() < 0.3 else 1):
            self._n += 1
            packet = Packet(self._n, topic, payload, retained=False, kept_at=self._now())
            self._session.queue.append(packet)
        self._pump_soon()
        return True

    # Connections ----------------------------------------------------------------------------------------------------

    def connect(self, inbox: "SimulatedInbox") -> None:
        """Connect an inbox: what was not acknowledged is delivered again, and what is retained as well."""
        if not self.is_up:
            inbox.trouble = "connection refused"
            return
        present, self.has_session = self.has_session, True
        self.inbox = inbox
        inbox.opened(session_present=present)
        for topic, payload in self.retained.items():
            self._n += 1
            packet = Packet(self._n, topic, payload, retained=True, kept_at=self._now())
            self._session.queue.append(packet)
        self._pump_soon()

    def disconnect(self, reason: str, *, again_in: float = 1.0) -> None:
        """End the connections of the monitor."""
        self.board_connection = 0
        self.weather.half_open = False
        session = self._session
        session.queue.extendleft(reversed(session.under_way.values()))
        session.under_way = {}
        inbox, self.inbox = self.inbox, None
        if inbox is not None:
            inbox.lost(reason, again_in)

    def kill(self, unwritten: float, down: float) -> None:
        """Kill the broker: it loses what it has not written, messages and acknowledgements alike."""
        since = self._now() - unwritten
        self.disconnect("connection reset", again_in=down + 0.5)
        self.is_up = False
        self._lose(lambda packet: packet.kept_at > since and not packet.retained)
        forgotten = [
            row
            for row in self._recent
            if (row.acknowledged_at or 0.0) > since and row.kept_at <= since
        ]
        self._session.queue.extendleft(reversed(forgotten))
        self._recent.clear()
        call_later(down, self._start)

    def lose_session(self) -> None:
        """Lose the session with all that it holds."""
        self.disconnect("session expired")
        self.has_session = False
        self._lose(lambda _: True)

    def steal(self, share: float) -> None:
        """Let another client use the session for a moment: it gets some of the messages."""
        self.disconnect("session taken over")
        self._lose(lambda _: self._rng.random() < share)

    def freeze(self) -> None:
        """Leave the connection half open: nothing passes, until the keepalive finds out."""
        self.weather.half_open = True
        inbox = self.inbox

        def found_out() -> None:
            if self.weather.half_open and self.inbox is inbox:
                self.disconnect("keepalive timeout")
            self.weather.half_open = False

        call_later(KEEPALIVE, found_out)

    def settle(self, token: int) -> None:
        """Take an acknowledgement."""
        if self.weather.half_open:
            return
        packet = self._session.under_way.pop(token, None)
        if packet is not None:
            packet.acknowledged_at = self._now()
            self.acknowledged[packet.n] = packet
            self._recent.append(packet)
        if self._session.queue:
            self._pump_soon()

    def _start(self) -> None:
        self.is_up = True

    def _lose(self, is_gone: Callable[[Packet], bool]) -> None:
        kept: deque[Packet] = deque()
        for packet in self._session.queue:
            if is_gone(packet):
                self.lost[packet.n] = packet
            else:
                kept.append(packet)
        self._session.queue = kept

    def _pump_soon(self) -> None:
        call_later(self._rng.uniform(0.005, 0.05) + self.weather.delay, self._pump)

    def _pump(self) -> None:
        session, inbox = self._session, self.inbox
        while session.queue and inbox is not None and not self.weather.half_open:
            if len(session.under_way) >= LIMIT:
                return
            place = 0
            if self.weather.reorders:
                place = self._rng.randrange(min(5, len(session.queue)))
            session.queue.rotate(-place)
            packet = session.queue.popleft()
            session.queue.rotate(place)
            token = inbox.deliver(packet)
            session.under_way[token] = packet


class SimulatedInbox:
    """What `monitor.ingest.inbox.Inbox` promises, on the simulated broker."""

    def __init__(
        self,
        broker: SimulatedBroker,
        *,
        now: Callable[[], "object"],
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
        self._waiting.append(Message(packet.topic, packet.payload, packet.retained, now, token))  # type: ignore[arg-type]
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
