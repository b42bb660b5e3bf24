"""Publishes retained topics that only this program may write, and notices what anyone else writes there."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence

from monitor.core.phrase import phrase
from monitor.errors import BrokerUnavailable, SinkUnavailable
from monitor.mqtt.address import BrokerAddress
from monitor.mqtt.connection import Connection

TopicPayload = tuple[str, bytes]
MOST_WRITTEN = 10_000
"""Topics written by others that are remembered until they are taken; senders choose their names."""


class RetainedTopics:
    """Topics of which this program is the only writer, over one connection at a time.

    The broker returns every message on the topics. What returns without having been published here was written by
    someone else.

    Args:
        address: the broker.
        client_id: the client id at the broker.
        filters: the topics.

    All methods raise:
        SinkUnavailable: the broker can't be reached, or it is unknown which messages have arrived.

    """

    def __init__(self, address: BrokerAddress, client_id: str, filters: Sequence[str]) -> None:
        self._address = address
        self._client_id = client_id
        self._filters = filters
        self._connection: Connection | None = None
        self._expected: dict[str, deque[bytes]] = {}
        """By topic: what was published and has not returned yet, in order."""
        self._kept: dict[str, bytes] = {}
        self._written: dict[str, None] = {}
        self._empty = filters[0].replace("+", "-").replace("#", "-")
        """One topic on which there is nothing."""

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection."""
        return self._connection is not None and not self._connection.lost.done()

    async def connect(self) -> None:
        """Connect, and listen to the topics."""
        await self.close()
        self._expected = {}
        connection = Connection(self._address, self._client_id, deliver=self._deliver)
        try:
            await connection.open()
        except BrokerUnavailable as error:
            raise SinkUnavailable(phrase("broker-unreachable", error=str(error))) from error
        self._connection = connection

    async def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def publish(self, messages: Iterable[TopicPayload], *, retain: bool = False) -> None:
        """Publish topics with their payloads; return when the broker has acknowledged all."""
        sent = list(messages)
        for topic, payload in sent:
            self._expected.setdefault(topic, deque()).append(payload)
        try:
            await self._connected().publish(sent, retain=retain)
        except BrokerUnavailable as error:
            await self._lost(error)

    async def kept(self) -> Mapping[str, bytes]:
        """Return what the broker keeps on the topics now."""
        self._kept = {}
        try:
            # A repeated subscription brings all retained messages once more, and the broker processes one subscription
            # after the other: when it has acknowledged the second, it has sent everything for the first. QoS 0, because
            # brokers limit what they queue for QoS 1.
            await self._connected().subscribe(self._filters, qos=0)
            await self._connected().subscribe([self._empty], qos=0)
        except BrokerUnavailable as error:
            await self._lost(error)
        # What was published before has returned by now, or never will.
        self._expected.clear()
        return self._kept

    def take_written(self) -> list[str]:
        """Return the topics that others have written to since the last call."""
        found, self._written = list(self._written), {}
        return found

    def _connected(self) -> Connection:
        if self._connection is None:
            raise SinkUnavailable(phrase("broker-not-connected", server=str(self._address)))
        return self._connection

    async def _lost(self, error: BrokerUnavailable) -> None:
        await self.close()
        raise SinkUnavailable(phrase("broker-unreachable", error=str(error))) from error

    def _deliver(self, topic: str, payload: bytes, retained: bool, _packet_id: int) -> None:  # noqa: FBT001 - see `Deliver`
        if retained:
            self._kept[topic] = payload
            return
        expected = self._expected.get(topic, deque())
        if payload not in expected:
            if len(self._written) < MOST_WRITTEN:
                self._written[topic] = None
            return
        # One that never returns was dropped by the broker: QoS 0 allows it.
        while expected.popleft() != payload:
            pass
        if not expected:
            del self._expected[topic]
