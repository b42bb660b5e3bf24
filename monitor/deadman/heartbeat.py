"""Sends heartbeats, to MQTT and to a URL."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

import msgspec
import structlog

from monitor.config import Config
from monitor.config.outward import Heartbeat
from monitor.deadman.heartbeat_message import HeartbeatMessage, heartbeat_topic
from monitor.errors import SinkRefused, SinkUnavailable
from monitor.mqtt import BrokerAddress, ReconnectingPublisher
from monitor.runtime.http import HttpClient

if TYPE_CHECKING:
    from monitor.core.phrase import Phrase

log = structlog.get_logger()


class HeartbeatTarget(Protocol):
    """A place that receives heartbeats."""

    name: str
    every: timedelta

    async def send(self) -> None:
        """Send one heartbeat.

        Raises:
            SinkUnavailable, SinkRefused: it was not received.

        """
        ...

    async def close(self) -> None:
        """Close the connection."""
        ...


class HeartbeatLoop:
    """Sends heartbeats to one target; one that fails is reported, and the next follows as usual."""

    def __init__(self, target: HeartbeatTarget) -> None:
        self.target = target
        self.name = target.name
        self.trouble: Phrase | str = ""
        """Why heartbeats fail at present; empty if they do not."""
        self.reached = False
        """Whether one has been received since the start."""

    async def run(self) -> None:
        """Send heartbeats, until cancelled."""
        while True:
            try:
                await self.target.send()
            except (SinkUnavailable, SinkRefused) as error:
                if not self.trouble:
                    log.warning("heartbeat_failed", target=self.name, reason=str(error))
                self.trouble = error.why
            else:
                self.trouble, self.reached = "", True
            await asyncio.sleep(self.target.every.total_seconds())


class MqttTarget:
    """The retained message on ``venue/<congress>/monitor/heartbeat``.

    It has a connection of its own, so that traffic on the others can't delay it.
    """

    name = "heartbeat/mqtt"

    def __init__(
        self,
        address: BrokerAddress,
        client_id: str,
        congress: str,
        settings: Heartbeat,
        message: Callable[[timedelta], HeartbeatMessage],
    ) -> None:
        self.every = settings.every
        self._topic = heartbeat_topic(congress)
        self._message = message
        self._publisher = ReconnectingPublisher(address, client_id)

    async def send(self) -> None:
        """Send one heartbeat; see `HeartbeatTarget`."""
        message = msgspec.json.encode(self._message(self.every))
        await self._publisher.publish([(self._topic, message)], retain=True)

    async def close(self) -> None:
        """Close the connection."""
        await self._publisher.close()


class UrlTarget:
    """The URL of an external watcher, e.g. healthchecks.io or Uptime Kuma."""

    name = "heartbeat/url"

    def __init__(self, settings: Heartbeat) -> None:
        self.every = settings.url_every
        self._settings = settings
        self._client = HttpClient(self.name, settings.timeout, ca_file=settings.ca_file)

    async def send(self) -> None:
        """Send one heartbeat; see `HeartbeatTarget`."""
        await self._client.ask(self._settings.method, self._settings.address)

    async def close(self) -> None:
        """Close the connection."""
        await self._client.close()


def heartbeats(
    config: Config,
    address: BrokerAddress,
    client_id: str,
    congress: str,
    message: Callable[[timedelta], HeartbeatMessage],
) -> Iterator[MqttTarget | UrlTarget]:
    """Yield the targets in ``config.toml``; the caller closes them."""
    if config.publish.enabled:
        yield MqttTarget(address, client_id, congress, config.heartbeat, message)
    if config.heartbeat.address:
        yield UrlTarget(config.heartbeat)
