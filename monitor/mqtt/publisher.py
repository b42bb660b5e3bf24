"""Publishes to the broker, and knows what has arrived there."""

from collections.abc import Iterable
from types import TracebackType
from typing import Self

from monitor.mqtt.address import BrokerAddress
from monitor.mqtt.connection import Connection


class Publisher:
    """Publishes over one connection, which it doesn't renew: after BrokerUnavailable, open another.

    ``async with`` connects and raises BrokerUnavailable when that can't be done.
    """

    def __init__(self, address: BrokerAddress, client_id: str) -> None:
        self._connection = Connection(address, client_id)

    async def __aenter__(self) -> Self:
        await self._connection.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._connection.close()

    async def publish(
        self, topic: str, payload: bytes, *, retain: bool = False, qos: int = 1
    ) -> None:
        """Returns when the broker has acknowledged it (QoS 0: when it is sent).

        Raises:
            BrokerUnavailable: nobody knows whether it arrived.
            ValueError: the topic holds a wildcard.
        """
        await self._connection.publish([(topic, payload)], retain=retain, qos=qos)

    async def publish_many(
        self, messages: Iterable[tuple[str, bytes]], *, retain: bool = False, qos: int = 1
    ) -> None:
        """Publishes pairs of topic and payload, many under way at once; returns when all are acknowledged.

        Raises:
            BrokerUnavailable: nobody knows which of those under way arrived.
            ValueError: a topic holds a wildcard.
        """
        await self._connection.publish(messages, retain=retain, qos=qos)
