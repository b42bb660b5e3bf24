"""A client that subscribes at a real broker and keeps what it receives."""

import asyncio
from typing import Self

from monitor.mqtt import BrokerAddress, Connection


class Subscriber:
    """One connection; each message is acknowledged when it is taken.

    Args:
        address: the broker, with an account.
        client_id: the client id at the broker.

    """

    def __init__(self, address: BrokerAddress, client_id: str) -> None:
        self.received: asyncio.Queue[tuple[str, bytes, int]] = asyncio.Queue()
        """Topic, payload and packet id of each message not yet taken."""
        self.connection = Connection(
            address,
            client_id,
            deliver=lambda topic, payload, _, packet_id: self.received.put_nowait(
                (topic, payload, packet_id)
            ),
        )

    async def __aenter__(self) -> Self:
        """Connect; raises BrokerUnavailable."""
        await self.connection.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Disconnect."""
        await self.connection.close()

    async def subscribe(self, *filters: str) -> None:
        """Subscribe with QoS 1; return when everything that the broker sent before its answer has been received."""
        await self.connection.subscribe(filters)

    async def take(self) -> tuple[str, bytes]:
        """Return topic and payload of the next message."""
        topic, payload, packet_id = await self.received.get()
        if packet_id:
            self.connection.acknowledge([packet_id])
        return topic, payload
