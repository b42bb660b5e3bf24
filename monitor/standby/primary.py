"""Finds out whether the primary is still running: over HTTP, and from what the broker knows of it."""

import asyncio
from datetime import datetime, timedelta
from secrets import token_hex

import msgspec

from monitor.config.standby import Standby
from monitor.deadman.heartbeat_message import HeartbeatMessage, heartbeat_topic, status_topic
from monitor.errors import BrokerUnavailable, SinkUnavailable
from monitor.mqtt import BrokerAddress, Connection
from monitor.runtime.http import HttpClient
from monitor.web.health import NOT_WELL, WELL, Health

RETAINED_WITHIN = 2.0
"""Seconds in which the broker sends what it has retained; it does so at once."""
MISSED = 3
"""Heartbeats that have to be missing before a primary counts as gone although the broker has not noticed: a broker
notices a machine without power only after 1.5 times the keepalive."""


class Primary:
    """What the broker has retained about the primary.

    Args:
        settings: where it answers over HTTP.
        address: the broker.
        congress: the id of the congress.

    """

    def __init__(self, settings: Standby, address: BrokerAddress, congress: str) -> None:
        self._settings = settings
        self._address = address
        self._congress = congress
        self.status = ""
        """``online``, ``offline`` or why it stopped; empty: the broker has retained nothing."""
        self.heartbeat: HeartbeatMessage | None = None
        """Its latest heartbeat."""

    async def why_alive(self, now: datetime) -> str:
        """Return why it counts as running, or why that can't be found out; empty if it is gone."""
        if await self._answers():
            return f"it answers at {self._settings.url}"
        try:
            await self._read_retained()
        except BrokerUnavailable as error:
            return f"whether it is running can't be found out: {error}"
        if self.status != "online":
            return ""
        if self.heartbeat is None:
            return f"the broker {self._address} has a connection to it"
        age = now - self.heartbeat.at
        if age > MISSED * timedelta(seconds=self.heartbeat.every_s):
            return ""
        return (
            f"its latest heartbeat is {age.total_seconds():.0f} s old; try again in half a minute"
        )

    async def _answers(self) -> bool:
        client = HttpClient("the primary", self._settings.timeout, ca_file=self._settings.ca_file)
        try:
            response = await client.send("GET", f"{self._settings.url.rstrip('/')}/healthz")
            # A proxy in front of it answers, too.
            if response.body not in {WELL.encode(), NOT_WELL.encode()}:
                msgspec.json.decode(response.body, type=Health)
        except (SinkUnavailable, msgspec.MsgspecError):
            return False
        finally:
            await client.close()
        return True

    async def _read_retained(self) -> None:
        """Read status and heartbeat.

        Raises:
            BrokerUnavailable: the broker can't be reached.

        """
        topics = status_topic(self._congress), heartbeat_topic(self._congress)
        waiting, done = set(topics), asyncio.Event()

        def deliver(topic: str, payload: bytes, _retained: bool, packet_id: int) -> None:  # noqa: FBT001 - as in `Deliver`
            connection.acknowledge([packet_id])
            if topic == topics[0]:
                self.status = payload[:500].decode(errors="replace")
            else:
                try:
                    self.heartbeat = msgspec.json.decode(payload, type=HeartbeatMessage)
                except msgspec.MsgspecError:
                    return
            waiting.discard(topic)
            if not waiting:
                done.set()

        connection = Connection(
            self._address, f"venue-standby-{self._congress}-{token_hex(4)}", deliver=deliver
        )
        try:
            await connection.open()
            await connection.subscribe(topics)
            async with asyncio.timeout(RETAINED_WITHIN):
                await done.wait()
        except TimeoutError:
            pass  # the broker has not retained both
        finally:
            await connection.close()
