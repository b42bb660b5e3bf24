"""Hears one monitor over its broker, and tells it that somebody listens."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from random import Random

import msgspec
import structlog

from monitor.deadman.heartbeat_message import beat_topic, standing_topic, watcher_topic
from monitor.deadman.settings import Watched, WatchFile
from monitor.deadman.silence_detector import Vigil
from monitor.errors import BrokerUnavailable
from monitor.mqtt import Connection
from monitor.runtime.backoff import waits

log = structlog.get_logger()


class Follower:
    """Keeps a connection to a broker and feeds a vigil.

    Args:
        vigil: what it hears goes there.
        monitor: which one, and where.
        file: who we are, and how often we say that we are there.
        now: the time.
        rng: for the pauses while the broker is away.

    """

    def __init__(
        self,
        vigil: Vigil,
        monitor: Watched,
        file: WatchFile,
        now: Callable[[], datetime],
        rng: Random,
    ) -> None:
        self.vigil = vigil
        self.address = monitor.address
        self.congress = monitor.congress
        self.watcher = file.name
        # Two monitors may be on one broker, which throws out the older of two connections with one id.
        self.client_id = f"venue-watch-{file.name}-{monitor.congress}"
        self.beat = file.beat
        self.now = now
        self.rng = rng
        self._connection: Connection | None = None

    async def run(self) -> None:
        """Listen, until cancelled."""
        pauses = waits(self.rng)
        while True:
            self._connection = connection = Connection(
                self.address, self.client_id, deliver=self._hear
            )
            try:
                await connection.open()
                await connection.subscribe(
                    [standing_topic(self.congress), beat_topic(self.congress)]
                )
                self.vigil.link_trouble, pauses = "", waits(self.rng)
                log.info("following", congress=self.congress, broker=str(self.address))
                await self._say_that_we_are_there(connection)
            except BrokerUnavailable as error:
                self.vigil.link_trouble = str(error)
                log.warning("broker_unavailable", reason=str(error))
            finally:
                await connection.close()
            await asyncio.sleep(next(pauses).total_seconds())

    async def _say_that_we_are_there(self, connection: Connection) -> None:
        """Return never; a connection that broke is found out at the latest by the next beat."""
        while True:
            said = {"type": "watcher.heartbeat", "at": self.now(), "watcher": self.watcher}
            topic = watcher_topic(self.congress, self.watcher)
            await connection.publish([(topic, msgspec.json.encode(said))])
            done, _ = await asyncio.wait({connection.lost}, timeout=self.beat.total_seconds())
            if done:
                raise BrokerUnavailable(f"MQTT broker {self.address}: {connection.lost.result()}")

    def _hear(self, topic: str, payload: bytes, retained: bool, packet_id: int) -> None:  # noqa: FBT001 - as `Deliver` has it
        if packet_id and self._connection is not None:
            self._connection.acknowledge([packet_id])
        if topic == standing_topic(self.congress):
            self.vigil.standing = payload[:500].decode(errors="replace")
        elif not retained:
            self.vigil.hear(self.now())
