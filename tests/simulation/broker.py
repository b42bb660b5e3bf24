"""The simulated broker: one persistent session of the monitor, its connection, and what is retained."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from tests.simulation.machine import call_later
from tests.simulation.packet import Packet
from tests.simulation.wire import Wire

LIMIT = 1000
"""Messages of a connection that are not acknowledged yet; see `monitor.ingest.inbox.Inbox`."""
KEEPALIVE = 45.0
"""Seconds after which the broker ends a connection that is half open."""
TAKEN_OVER = 0x8E
"""The code of a DISCONNECT to a client whose session another one has taken."""


@dataclass(slots=True)
class Weather:
    """How the broker and the network behave at present."""

    reorders: bool = False
    duplicates: bool = False
    delay: float = 0.0
    """Seconds that each message takes in addition."""
    half_answers: bool = False
    """A publication arrives, and its acknowledgement does not."""


@dataclass(slots=True)
class _Session:
    queue: deque[Packet] = field(default_factory=deque)
    under_way: dict[int, Packet] = field(default_factory=dict)
    """Delivered and not acknowledged, by packet id."""


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
        self.highest_version = rng.choice((5, 5, 5, 4))
        """Some brokers know MQTT 3.1.1 only, which is 4."""
        self.has_session = False
        self.wire: Wire | None = None
        """The connection of the monitor's inbox."""
        self.status = b""
        """What the monitor, or its last will, says of it."""
        self.heartbeat = b""
        """The latest heartbeat of the monitor."""
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
        self._closed_until = 0.0

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

    @property
    def accepts(self) -> bool:
        """Whether a connection can be opened."""
        return self.is_up and self._now() >= self._closed_until

    def connect(self, wire: Wire) -> bool:
        """Begin to deliver on a connection, again what was not acknowledged; return whether there was a session."""
        if self.wire is not None:
            self.disconnect(TAKEN_OVER)
        present, self.has_session = self.has_session, True
        self.wire = wire
        self._pump_soon()
        return present

    def subscribe(self) -> None:
        """Deliver what is retained."""
        for topic, payload in self.retained.items():
            self._n += 1
            packet = Packet(self._n, topic, payload, retained=True, kept_at=self._now())
            self._session.queue.append(packet)
        self._pump_soon()

    def keep(self, topic: str, payload: bytes) -> None:
        """Retain what the monitor publishes on its inbox's connection: its status."""
        assert topic.endswith("/monitor"), topic
        self.status = payload

    def gone(self, wire: Wire, *, in_order: bool) -> None:
        """Note that the monitor has ended its connection, with or without a DISCONNECT."""
        if self.wire is wire:
            self._forget_connection(in_order=in_order)

    def disconnect(self, code: int | None = None, *, again_in: float = 0.0) -> None:
        """End the connections of the monitor; for some time no other can be opened."""
        self.board_connection = 0
        self._closed_until = self._now() + again_in
        wire = self.wire
        self._forget_connection(in_order=False)
        if wire is not None:
            wire.lost(code)

    def _forget_connection(self, *, in_order: bool) -> None:
        """Take back what was not acknowledged."""
        session = self._session
        session.queue.extendleft(reversed(session.under_way.values()))
        session.under_way = {}
        if self.wire is not None and not in_order:
            self.status = b"offline"
        self.wire = None

    def is_under_way(self, packet_id: int) -> bool:
        """Return whether a packet id is in use."""
        return packet_id in self._session.under_way

    def kill(self, unwritten: float, down: float) -> None:
        """Kill the broker: it loses what it has not written, messages and acknowledgements alike."""
        since = self._now() - unwritten
        self.disconnect(again_in=down + 0.5)
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
        self.disconnect()
        self.has_session = False
        self._lose(lambda _: True)

    def steal(self, share: float) -> None:
        """Let another client use the session for a moment: it gets some of the messages."""
        self.disconnect(TAKEN_OVER)
        self._lose(lambda _: self._rng.random() < share)

    def freeze(self) -> None:
        """Leave the connection half open: nothing passes, until each end finds out by itself."""
        wire = self.wire
        if wire is None:
            return
        wire.is_cut = True

        def found_out() -> None:
            if self.wire is wire:
                self.disconnect()

        call_later(KEEPALIVE, found_out)

    def settle(self, packet_id: int) -> None:
        """Take an acknowledgement."""
        packet = self._session.under_way.pop(packet_id, None)
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
        session, wire = self._session, self.wire
        while session.queue and wire is not None:
            if len(session.under_way) >= LIMIT:
                return
            place = 0
            if self.weather.reorders:
                place = self._rng.randrange(min(5, len(session.queue)))
            session.queue.rotate(-place)
            packet = session.queue.popleft()
            session.queue.rotate(place)
            session.under_way[wire.deliver(packet)] = packet
