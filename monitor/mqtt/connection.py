"""Asks the broker over one connection, and waits for its answers."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence

from paho.mqtt.client import MQTT_ERR_SUCCESS
from paho.mqtt.client import Client as Paho
from paho.mqtt.reasoncodes import ReasonCode

from monitor.errors import BrokerUnavailable, ConfigError
from monitor.mqtt.address import BrokerAddress
from monitor.mqtt.message import Will
from monitor.mqtt.network_connection import PATIENCE, Deliver, Link

WINDOW = 200
"""So many messages are under way at once when publishing, waiting for their PUBACKs."""
_REFUSED = 0x80


class Connection(Link):
    """One connection from CONNECT to its end, to subscribe and to publish."""

    def __init__(
        self,
        address: BrokerAddress,
        client_id: str,
        *,
        persistent: bool = False,
        will: Will | None = None,
        deliver: Deliver | None = None,
    ) -> None:
        super().__init__(address, client_id, persistent=persistent, will=will, deliver=deliver)
        self._under_way: set[int] = set()
        self._granted: dict[int, Sequence[ReasonCode]] = {}
        self._paho.on_publish = self._on_publish
        self._paho.on_subscribe = self._on_subscribe

    async def subscribe(self, filters: Sequence[str]) -> None:
        """Subscribes with QoS 1.

        Raises:
            BrokerUnavailable: the connection ended, or the broker refused one of the filters.
            ConfigError: MQTT knows no such filter.
        """
        try:
            _, mid = self._paho.subscribe([(each, 1) for each in filters])
        except ValueError as error:
            raise ConfigError([f"MQTT topic filters {', '.join(filters)}: {error}"]) from error
        if mid is None:
            raise self._gone()
        await self._until(lambda: mid in self._granted)
        codes = [code.value for code in self._granted.pop(mid)]
        if refused := [f for f, code in zip(filters, codes, strict=False) if code >= _REFUSED]:
            raise self._unavailable(
                f"refused the subscription to {', '.join(map(repr, refused))}; "
                "it takes no such filter, or doesn't let us read there"
            )

    async def publish(
        self, messages: Iterable[tuple[str, bytes]], *, retain: bool = False, qos: int = 1
    ) -> None:
        """Publishes pairs of topic and payload; returns when the broker has acknowledged all.

        Raises:
            BrokerUnavailable: nobody knows which of those under way arrived.
            ValueError: a topic holds a wildcard.
        """
        mine: deque[int] = deque()
        for topic, payload in messages:
            info = self._paho.publish(topic, payload, qos, retain)
            if info.rc != MQTT_ERR_SUCCESS:
                raise self._gone()
            self._under_way.add(info.mid)
            mine.append(info.mid)
            if len(mine) >= WINDOW:
                await self._until(lambda: mine[0] not in self._under_way)
                mine.popleft()
        await self._until(lambda: self._under_way.isdisjoint(mine))

    async def _until(self, arrived: Callable[[], bool]) -> None:
        while not arrived():
            if self.lost.done():
                raise self._gone()
            self._news.clear()
            try:
                async with asyncio.timeout(PATIENCE.total_seconds()):
                    await self._news.wait()
            except TimeoutError as error:
                raise self._unavailable(f"no answer for {PATIENCE.total_seconds():g} s") from error

    def _on_publish(self, _client: Paho, _data: object, mid: int, *_: object) -> None:
        self._under_way.discard(mid)
        self._news.set()

    def _on_subscribe(
        self, _client: Paho, _data: object, mid: int, codes: Sequence[ReasonCode], *_: object
    ) -> None:
        self._granted[mid] = codes
        self._news.set()

    def _gone(self) -> BrokerUnavailable:
        return self._unavailable(self.lost.result() if self.lost.done() else "not connected")
