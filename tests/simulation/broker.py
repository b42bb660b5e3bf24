"""The simulated broker: one persistent session of the monitor, the inbox on it, and the retained board."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

from tests.simulation.machine import call_later

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


class Consumer(Protocol):
    """Whom the broker delivers to."""

    trouble: str

    def opened(self, *, session_present: bool) -> None:
        """Note a new connection."""
        ...

    def lost(self, reason: str, again_in: float) -> None:
        """Note the end of the connection."""
        ...

    def deliver(self, packet: Packet) -> int:
        """Receive a message; return its token."""
        ...


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
        self.inbox: Consumer | None = None
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

    def connect(self, inbox: Consumer) -> None:
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
