"""Someone elsewhere who is paged when the monitor falls silent, and the heartbeats that the broker passes on."""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from monitor.deadman.heartbeat_message import HeartbeatMessage
from monitor.deadman.silence_detector import SilenceDetector
from monitor.errors import SinkUnavailable
from tests.simulation.broker import SimulatedBroker
from tests.simulation.machine import BEGIN, wait

SILENT_AFTER, REPEAT = timedelta(minutes=1), timedelta(minutes=15)
CHECK_EVERY = timedelta(seconds=1)


class Watcher:
    """The real detector, which is asked as often as the real watcher asks it, on the true time.

    Args:
        now: the true time.

    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._checked = BEGIN
        self._detector = SilenceDetector(SILENT_AFTER, REPEAT, BEGIN)
        self.heard: list[datetime] = []
        """When heartbeats came."""
        self.told: list[datetime] = []
        """When people were paged that there is silence."""

    def receive(self) -> None:
        """Receive a heartbeat."""
        self.look()
        self._detector.receive(self._now())
        self.heard.append(self._now())

    def look(self) -> None:
        """Look whether the monitor has been silent until now."""
        while self._checked < self._now():
            self._checked = min(self._now(), self._checked + CHECK_EVERY)
            found = self._detector.check(self._checked)
            if found is not None:
                self._detector.delivered(found, self._checked)
                if found.kind != "back":
                    self.told.append(self._checked)


class SimulatedHeart:
    """The retained message with the heartbeat, on the simulated broker; see `monitor.deadman.heartbeat`."""

    name = "heartbeat/mqtt"
    every = timedelta(seconds=20)

    def __init__(
        self,
        broker: SimulatedBroker,
        watcher: Watcher,
        message: Callable[[timedelta], HeartbeatMessage],
        is_alive: Callable[[], bool],
    ) -> None:
        self._broker, self._watcher = broker, watcher
        self._message, self._is_alive = message, is_alive

    async def send(self) -> None:
        """Send one heartbeat."""
        message = msgspec.json.encode(self._message(self.every))
        await wait(0.01)
        if not self._is_alive():
            return
        if not self._broker.is_up:
            raise SinkUnavailable("connection refused")
        self._broker.heartbeat = message
        self._watcher.receive()

    async def close(self) -> None:
        """Nothing is open."""
