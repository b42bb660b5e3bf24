"""A publisher for sinks: connects when it is first used, and again after the broker was unavailable."""

from collections.abc import Callable, Iterable

from monitor.core.phrase import phrase
from monitor.errors import BrokerUnavailable, SinkUnavailable
from monitor.mqtt.address import BrokerAddress
from monitor.mqtt.publisher import Publisher

TopicPayload = tuple[str, bytes]


class ReconnectingPublisher:
    """Publishes over one connection at a time.

    Args:
        address: the broker.
        client_id: the client id at the broker.
        retained: returns the topics and payloads that each new connection starts with, as retained messages: a broker
            that was restarted may have lost them.

    """

    def __init__(
        self,
        address: BrokerAddress,
        client_id: str,
        retained: Callable[[], Iterable[TopicPayload]] = tuple,
    ) -> None:
        self._address = address
        self._client_id = client_id
        self._retained = retained
        self._publisher: Publisher | None = None

    async def publish(self, messages: Iterable[TopicPayload], *, retain: bool = False) -> None:
        """Publish topics with their payloads; returns when the broker has acknowledged all.

        Raises:
            SinkUnavailable: the broker cannot be reached, or it is unknown which messages have arrived.

        """
        try:
            publisher = await self._connected()
            await publisher.publish_many(messages, retain=retain)
        except BrokerUnavailable as error:
            await self.close()
            raise SinkUnavailable(phrase("broker-unreachable", error=str(error))) from error

    async def close(self) -> None:
        """Close the connection."""
        publisher, self._publisher = self._publisher, None
        if publisher is not None:
            await publisher.__aexit__(None, None, None)

    async def _connected(self) -> Publisher:
        if self._publisher is None:
            self._publisher = await Publisher(self._address, self._client_id).__aenter__()
            await self._publisher.publish_many(self._retained(), retain=True)
        return self._publisher
