"""What `RetainedTopics` and `Publisher` promise to the rest of the monitor, on the simulated broker."""

from collections.abc import Callable, Iterable, Mapping
from typing import Self

from monitor.errors import BrokerUnavailable, SinkUnavailable
from tests.simulation.broker import SimulatedBroker
from tests.simulation.machine import wait


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


class SimulatedPublisher:
    """What `monitor.mqtt.Publisher` promises, on the simulated broker."""

    def __init__(self, broker: SimulatedBroker) -> None:
        self._broker = broker

    async def __aenter__(self) -> Self:
        await wait(0.01)
        if not self._broker.accepts:
            raise BrokerUnavailable("connection refused")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is open."""

    async def publish(self, topic: str, payload: bytes, **_: object) -> None:
        """Publish the status of the monitor."""
        await wait(0.01)
        self._broker.keep(topic, payload)
