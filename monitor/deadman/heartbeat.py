"""Says that the monitor lives, at one place, every so often."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Protocol

import msgspec
import structlog

from monitor.config import Config
from monitor.config.outward import Heartbeat
from monitor.deadman.heartbeat_message import Beat, beat_topic
from monitor.errors import BrokerUnavailable, SinkRefused, SinkUnavailable
from monitor.mqtt import BrokerAddress, Publisher
from monitor.runtime.http import Remote

log = structlog.get_logger()


class Place(Protocol):
    """Where it is said."""

    name: str
    every: timedelta

    async def beat(self) -> None:
        """Say it once.

        Raises:
            SinkUnavailable, SinkRefused: nobody heard it.

        """
        ...

    async def close(self) -> None:
        """Let go of the connection."""
        ...


class Heart:
    """Beats at one place; a beat that nobody heard is a trouble, and the next one comes as usual."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.name = place.name
        self.trouble = ""
        """Why nobody hears it at the moment."""
        self.reached = False
        """It was heard since the start."""

    async def run(self) -> None:
        """Beat, until cancelled."""
        while True:
            try:
                await self.place.beat()
            except (SinkUnavailable, SinkRefused) as error:
                if not self.trouble:
                    log.warning("heartbeat_unheard", place=self.name, reason=str(error))
                self.trouble = str(error)
            else:
                self.trouble, self.reached = "", True
            await asyncio.sleep(self.place.every.total_seconds())


class OnMqtt:
    """The retained message on ``venue/<congress>/monitor/heartbeat``.

    Its connection is its own: what fills the other ones up must not delay it.
    """

    name = "heartbeat/mqtt"

    def __init__(
        self,
        address: BrokerAddress,
        client_id: str,
        congress: str,
        settings: Heartbeat,
        tell: Callable[[timedelta], Beat],
    ) -> None:
        self.every = settings.every
        self._topic = beat_topic(congress)
        self._address = address
        self._client_id = client_id
        self._tell = tell
        self._publisher: Publisher | None = None

    async def beat(self) -> None:
        """Say it once; see `Place`."""
        try:
            if self._publisher is None:
                self._publisher = await Publisher(self._address, self._client_id).__aenter__()
            told = msgspec.json.encode(self._tell(self.every))
            await self._publisher.publish(self._topic, told, retain=True)
        except BrokerUnavailable as error:
            await self.close()
            raise SinkUnavailable(str(error)) from error

    async def close(self) -> None:
        """Let go of the connection."""
        publisher, self._publisher = self._publisher, None
        if publisher is not None:
            await publisher.__aexit__(None, None, None)


class AtUrl:
    """An address that a watcher elsewhere gave us, e.g. of healthchecks.io or Uptime Kuma."""

    name = "heartbeat/url"

    def __init__(self, settings: Heartbeat) -> None:
        self.every = settings.url_every
        self._settings = settings
        self._remote = Remote(self.name, settings.timeout, ca_file=settings.ca_file)

    async def beat(self) -> None:
        """Say it once; see `Place`."""
        await self._remote.ask(self._settings.method, self._settings.address)

    async def close(self) -> None:
        """Let go of the connection."""
        await self._remote.close()


def heartbeats(
    config: Config,
    address: BrokerAddress,
    client_id: str,
    congress: str,
    tell: Callable[[timedelta], Beat],
) -> Iterator[OnMqtt | AtUrl]:
    """Yield the places that ``config.toml`` asks for; whoever takes them closes them."""
    if config.publish.enabled:
        yield OnMqtt(address, client_id, congress, config.heartbeat, tell)
    if config.heartbeat.address:
        yield AtUrl(config.heartbeat)
