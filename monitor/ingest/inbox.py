"""Receives messages from the broker, and acknowledges them at the caller's request."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from types import TracebackType
from typing import Self

import structlog

from monitor.errors import BrokerUnavailable, ProtocolVersionRefused
from monitor.mqtt import BrokerAddress, Message, Subscriber, Will
from monitor.mqtt.codec import ProtocolVersion, Publish
from monitor.runtime.backoff import waits

log = structlog.get_logger()

STEADY = timedelta(seconds=30)
"""After a connection that lasted this long, the next wait is short again."""
_PACKET_ID = 0xFFFF


class Inbox:
    """The messages of one persistent MQTT session, in batches, over as many connections as it takes.

    ``async for`` waits for the first message and takes all others that have arrived, at most
    ``batch``. When a connection ends, it continues on the next one. It raises ConfigError if a
    filter is not a valid MQTT topic filter. Messages are delivered at least once: one that was not
    acknowledged on its own connection is delivered again, with another token.

    Above ``limit`` unacknowledged messages, the socket is not read, so that TCP slows the broker
    down; reading resumes below half of that. A consumer that has stopped loses the connection after
    two keepalive intervals, which the last will reports, and gets no other until there is room.
    """

    def __init__(  # noqa: PLR0913 (each is a setting of the deployment)
        self,
        address: BrokerAddress,
        *,
        client_id: str,
        filters: Sequence[str],
        clock: Callable[[], datetime],
        rng: Random,
        on_session_lost: Callable[[], None],
        on_session_known: Callable[[], None] = lambda: None,
        on_session_taken: Callable[[], None] = lambda: None,
        expect_session: bool = True,
        will: Will | None = None,
        online: bytes = b"",
        limit: int = 1000,
        batch: int = 500,
    ) -> None:
        self._brokers = deque(address.in_turn())
        """The one to connect to first."""
        self._protocol = address.protocol
        self._client_id = client_id
        self._filters = filters
        self._clock = clock
        self._rng = rng
        self._on_session_lost = on_session_lost
        self._on_session_known = on_session_known
        self._on_session_taken = on_session_taken
        self._expect_session = expect_session
        self._will = will
        self._online = online
        self._limit = limit

        self.batch = batch
        """The largest batch; may be changed at any time."""
        self.farewell = will.payload if will else b""
        """Published, retained, on the will's topic when the inbox is closed."""
        self.connected = False
        """Whether there is a connection with its subscriptions."""
        self.trouble = ""
        """Why there is no connection."""
        self.received = 0
        """Messages so far, including redelivered ones."""
        self.unacknowledged = 0
        """Messages received and not yet acknowledged, including those not yet taken."""

        self._waiting: deque[Message] = deque()
        self._arrived = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._connection: Subscriber | None = None
        self._generation = 0
        self._full_on = 0
        """The connection on which the log has said that the inbox is full."""
        self._connections = 0
        self._task: asyncio.Task[None] | None = None

    @property
    def depth(self) -> int:
        """Messages received and not yet taken."""
        return len(self._waiting)

    @property
    def reconnects(self) -> int:
        """Connections so far, without the first."""
        return max(0, self._connections - 1)

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="inbox")
        self._task.add_done_callback(lambda _: self._arrived.set())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        if error is None:
            self._end()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Sequence[Message]:
        await asyncio.sleep(0)  # lets the socket be read even when messages are always waiting
        while not self._waiting:
            if self._task is None or self._task.done():
                self._end()
                raise StopAsyncIteration
            self._arrived.clear()
            await self._arrived.wait()
        size = min(self.batch, len(self._waiting))
        return [self._waiting.popleft() for _ in range(size)]

    def acknowledge(self, batch: Sequence[Message]) -> None:
        """Acknowledge these messages; those of an earlier connection can't be, and are delivered again."""
        self.unacknowledged -= len(batch)
        if self._connection is not None:
            self._connection.acknowledge(
                [
                    packet_id
                    for message in batch
                    if message.token >> 16 == self._generation
                    and (packet_id := message.token & _PACKET_ID)
                ]
            )
        if self.unacknowledged <= self._limit // 2 and not self._room.is_set():
            self._room.set()
            if self._connection is not None:
                self._connection.resume()

    def _end(self) -> None:
        """Raise the error that ended the inbox, if any; only once."""
        task, self._task = self._task, None
        if task is not None and not task.cancelled():
            task.result()

    def _deliver(self, packets: Sequence[Publish]) -> None:
        now, connection = self._clock(), self._generation << 16
        self._waiting.extend(
            [
                Message(each.topic, each.payload, each.retain, now, connection | each.packet_id)
                for each in packets
            ]
        )
        self._arrived.set()
        self.received += len(packets)
        self.unacknowledged += len(packets)
        if self.unacknowledged > self._limit and self._room.is_set():
            self._room.clear()
            if self._connection is not None:
                self._connection.pause()
            if (
                self._full_on != self._generation
            ):  # once for each connection: a backlog fills it again and again
                self._full_on = self._generation
                log.warning("inbox_full", unacknowledged=self.unacknowledged)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        pauses = waits(self._rng)
        while True:
            # Without room, no one reads; the broker publishes the last will in the meantime.
            await self._room.wait()
            began = loop.time()
            try:
                await self._serve()
            except ProtocolVersionRefused as error:
                self.trouble = str(error)
                if self._protocol is None:
                    self._protocol = ProtocolVersion.V3_1_1
                    log.info("protocol_version", version=self._protocol.value, reason=self.trouble)
                    continue
            except BrokerUnavailable as error:
                self.trouble = str(error)
            if loop.time() - began > STEADY.total_seconds():
                pauses = waits(self._rng)
            pause = next(pauses).total_seconds()
            log.warning("broker_unavailable", reason=self.trouble, again_in=round(pause, 2))
            await asyncio.sleep(pause)

    async def _begin(self, connection: Subscriber) -> None:
        """Subscribe, and say that we are there, both at once: what is sent later waits behind acknowledgements."""
        if self._will is None:
            await connection.subscribe(self._filters)
        else:
            await asyncio.gather(
                connection.subscribe(self._filters),
                connection.publish(self._will.topic, self._online, retain=True),
            )

    async def _serve(self) -> None:
        """Run one connection to its end."""
        self._generation += 1
        address = replace(self._brokers[0], protocol=self._protocol)
        self._brokers.rotate(-1)
        connection = self._connection = Subscriber(
            address,
            self._client_id,
            deliver=self._deliver,
            room=lambda: self._limit + 1 - self.unacknowledged,
            will=self._will,
            receive_maximum=min(self._limit, _PACKET_ID),
        )
        try:
            await connection.open()
            self._brokers.rotate(1)  # it answers: also the first to try after this connection
            if self._expect_session and not connection.session_present:
                log.error("session_lost", broker=str(address), client_id=self._client_id)
                self._on_session_lost()
            if not self._expect_session and connection.session_present:
                log.error("journal_new", broker=str(address), client_id=self._client_id)
                self._on_session_known()
            await self._begin(connection)
            self._expect_session = True
            self.connected, self.trouble = True, ""
            self._connections += 1
            log.info("broker_connected", broker=str(address))
            reason = await asyncio.shield(connection.lost)
            if connection.is_taken_over:
                log.error("session_taken_over", broker=str(address), client_id=self._client_id)
                self._on_session_taken()
            raise BrokerUnavailable(f"MQTT broker {address}: {reason}")
        finally:
            if self._will and not connection.lost.done():
                # QoS 0 is enough: DISCONNECT follows on the same connection, and if that breaks, the
                # broker publishes the last will.
                with suppress(BrokerUnavailable):
                    await connection.publish(self._will.topic, self.farewell, retain=True, qos=0)
            self.connected = False
            self._connection = None
            await connection.close()
