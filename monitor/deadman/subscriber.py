"""Receives the heartbeats of one monitor, and sends it those of the watcher."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from random import Random

import msgspec
import structlog

from monitor.deadman.heartbeat_message import heartbeat_topic, status_topic, watcher_topic
from monitor.deadman.settings import Watched, WatchFile
from monitor.deadman.silence_detector import SilenceDetector
from monitor.errors import BrokerUnavailable
from monitor.mqtt import Connection
from monitor.runtime.backoff import waits

log = structlog.get_logger()


class Subscriber:
    """Keeps a connection to a broker and feeds a silence detector.

    Args:
        detector: receives the heartbeats.
        monitor: the monitor and its broker.
        file: the watcher's name and the interval of its own heartbeats.
        now: returns the present time.
        rng: for the waits while the broker can't be reached.

    """

    def __init__(
        self,
        detector: SilenceDetector,
        monitor: Watched,
        file: WatchFile,
        now: Callable[[], datetime],
        rng: Random,
    ) -> None:
        self.detector = detector
        self.address = monitor.address
        self.congress = monitor.congress
        self.watcher = file.name
        # Two monitors may share a broker, which closes the older of two connections with the same id.
        self.client_id = f"venue-watch-{file.name}-{monitor.congress}"
        self.beat = file.beat
        self.now = now
        self.rng = rng
        self._connection: Connection | None = None

    async def run(self) -> None:
        """Receive, until cancelled; reconnect when the connection ends."""
        pauses = waits(self.rng)
        while True:
            self._connection = connection = Connection(
                self.address, self.client_id, deliver=self._receive
            )
            try:
                await connection.open()
                await connection.subscribe(
                    [status_topic(self.congress), heartbeat_topic(self.congress)]
                )
                self.detector.link_trouble, pauses = "", waits(self.rng)
                log.info("watching", congress=self.congress, broker=str(self.address))
                await self._send_heartbeats(connection)
            except BrokerUnavailable as error:
                self.detector.link_trouble = str(error)
                log.warning("broker_unavailable", reason=str(error))
            finally:
                await connection.close()
            await asyncio.sleep(next(pauses).total_seconds())

    async def _send_heartbeats(self, connection: Connection) -> None:
        """Send the watcher's heartbeats until the connection ends; the next one detects that at the latest.

        Raises:
            BrokerUnavailable: the connection has ended.

        """
        topic = watcher_topic(self.congress, self.watcher)
        while True:
            event = {"type": "watcher.heartbeat", "at": self.now(), "watcher": self.watcher}
            await connection.publish([(topic, msgspec.json.encode(event))])
            done, _ = await asyncio.wait({connection.lost}, timeout=self.beat.total_seconds())
            if done:
                raise BrokerUnavailable(f"MQTT broker {self.address}: {connection.lost.result()}")

    def _receive(self, topic: str, payload: bytes, retained: bool, packet_id: int) -> None:  # noqa: FBT001 - as in `Deliver`
        if self._connection is not None:
            self._connection.acknowledge([packet_id])
        if topic == status_topic(self.congress):
            self.detector.status = payload[:500].decode(errors="replace")
        elif not retained:
            self.detector.receive(self.now())
