"""Publishes messages and waits until the broker has acknowledged them."""

from collections.abc import Iterable
from typing import Self

from monitor.mqtt.address import BrokerAddress
from monitor.mqtt.connection import Connection


class Publisher:
    """Publishes over one connection and does not reconnect: after BrokerUnavailable, open another one.

    ``async with`` connects; it raises BrokerUnavailable if that fails.
    """

    def __init__(self, address: BrokerAddress, client_id: str) -> None:
        self._connection = Connection(address, client_id)

    async def __aenter__(self) -> Self:
        await self._connection.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._connection.close()

    async def publish(
        self, topic: str, payload: bytes, *, retain: bool = False, qos: int = 1
    ) -> None:
        """Publish one message; return when the broker has acknowledged it (QoS 0: when it is sent).

        Raises:
            BrokerUnavailable: it may or may not have arrived.
            ValueError: the topic contains a wildcard.
        """
        await self._connection.publish([(topic, payload)], retain=retain, qos=qos)

    async def publish_many(
        self, messages: Iterable[tuple[str, bytes]], *, retain: bool = False, qos: int = 1
    ) -> None:
        """Publish pairs of topic and payload, many under way at once; return when all are acknowledged.

        Raises:
            BrokerUnavailable: any of those under way may or may not have arrived.
            ValueError: a topic contains a wildcard.
        """
        await self._connection.publish(messages, retain=retain, qos=qos)
