"""Requests to the broker over one connection: subscribe and publish."""

from collections import deque
from collections.abc import Iterable, Sequence

from paho.mqtt.client import MQTT_ERR_SUCCESS
from paho.mqtt.client import Client as Paho
from paho.mqtt.reasoncodes import ReasonCode

from monitor.errors import ConfigError
from monitor.mqtt.address import BrokerAddress
from monitor.mqtt.network_connection import Deliver, NetworkConnection

WINDOW = 200
"""The most messages published and not yet acknowledged by the broker."""
_REFUSED = 0x80


class Connection(NetworkConnection):
    """A network connection that subscribes and publishes."""

    def __init__(
        self,
        address: BrokerAddress,
        client_id: str,
        *,
        persistent: bool = False,
        deliver: Deliver | None = None,
    ) -> None:
        super().__init__(address, client_id, persistent=persistent, deliver=deliver)
        self._under_way: set[int] = set()
        self._granted: dict[int, Sequence[ReasonCode]] = {}
        self._paho.on_publish = self._on_publish
        self._paho.on_subscribe = self._on_subscribe

    async def subscribe(self, filters: Sequence[str], *, qos: int = 1) -> None:
        """Subscribe.

        Raises:
            BrokerUnavailable: the connection ended, or the broker refused one of the filters.
            ConfigError: one of the filters is not valid in MQTT.
        """
        try:
            _, mid = self._paho.subscribe([(each, qos) for each in filters])
        except ValueError as error:
            raise ConfigError([f"MQTT topic filters {', '.join(filters)}: {error}"]) from error
        if mid is None:
            raise self._gone()
        await self._until(lambda: mid in self._granted)
        codes = [code.value for code in self._granted.pop(mid)]
        if refused := [f for f, code in zip(filters, codes, strict=False) if code >= _REFUSED]:
            raise self._unavailable(
                f"subscription to {', '.join(map(repr, refused))} refused; "
                "check the filter and the broker's access list"
            )

    async def publish(
        self, messages: Iterable[tuple[str, bytes]], *, retain: bool = False, qos: int = 1
    ) -> None:
        """Publish pairs of topic and payload; return when the broker has acknowledged all of them.

        Raises:
            BrokerUnavailable: any of those under way may or may not have arrived.
            ValueError: a topic contains a wildcard.
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

    def _on_publish(self, _client: Paho, _data: object, mid: int, *_: object) -> None:
        self._under_way.discard(mid)
        self._changed.set()

    def _on_subscribe(
        self, _client: Paho, _data: object, mid: int, codes: Sequence[ReasonCode], *_: object
    ) -> None:
        self._granted[mid] = codes
        self._changed.set()
