"""Brings in messages from the broker, and acknowledges them when the journal has them."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random
from types import TracebackType
from typing import Self

import structlog

from monitor.errors import BrokerUnavailable
from monitor.mqtt import BrokerAddress, Connection, Message, Will
from monitor.runtime.backoff import waits

log = structlog.get_logger()

STEADY = timedelta(seconds=30)
"""A connection that held for so long was a good one: the next wait is short again."""
_PACKET_ID = 0xFFFF


class Inbox:
    """The messages of one persistent MQTT session, in batches, over as many connections as it takes.

    ``async for`` waits for the first message and takes what else is waiting, at most ``batch``. It
    goes on over the next connection when one ends, and raises ConfigError when a filter is no MQTT
    topic filter. Delivered at least once: what was not acknowledged on the connection it came by
    comes again, with a token of its own.

    Above ``limit`` unacknowledged messages it leaves the rest in the socket, and below half of that
    takes more. A consumer that has stopped loses the connection after two keepalives, which the
    last will tells everybody, and gets no other before there is room.
    """

    def __init__(  # noqa: PLR0913 (each of them is a fact of the deployment)
        self,
        address: BrokerAddress,
        *,
        client_id: str,
        filters: Sequence[str],
        clock: Callable[[], datetime],
        rng: Random,
        on_session_lost: Callable[[], None],
        expect_session: bool = True,
        will: Will | None = None,
        online: bytes = b"",
        limit: int = 1000,
        batch: int = 500,
    ) -> None:
        self._address = address
        self._client_id = client_id
        self._filters = filters
        self._clock = clock
        self._rng = rng
        self._on_session_lost = on_session_lost
        self._expect_session = expect_session
        self._will = will
        self._online = online
        self._limit = limit

        self.batch = batch
        """So many messages are taken at once at the most; it may be changed at any time."""
        self.farewell = will.payload if will else b""
        """What is published, retained, on the will's topic when the inbox is closed."""
        self.connected = False
        """Subscribed, and the connection stands."""
        self.trouble = ""
        """Why it is not connected."""
        self.received = 0
        """Messages so far, those delivered again included."""
        self.unacknowledged = 0
        """Messages received and not acknowledged, those still waiting included."""

        self._waiting: deque[Message] = deque()
        self._arrived = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._connection: Connection | None = None
        self._generation = 0
        self._connections = 0
        self._task: asyncio.Task[None] | None = None

    @property
    def depth(self) -> int:
        """Messages received that nobody has taken yet."""
        return len(self._waiting)

    @property
    def reconnects(self) -> int:
        """Connections so far, less the first."""
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
        await asyncio.sleep(0)  # the socket gets its turn even when something is always waiting
        while not self._waiting:
            if self._task is None or self._task.done():
                self._end()
                raise StopAsyncIteration
            self._arrived.clear()
            await self._arrived.wait()
        size = min(self.batch, len(self._waiting))
        return [self._waiting.popleft() for _ in range(size)]

    def acknowledge(self, batch: Sequence[Message]) -> None:
        """Tells the broker that it may forget these; what came by an earlier connection it can't be told."""
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
        """Raises what ended it, if anything did: once."""
        task, self._task = self._task, None
        if task is not None and not task.cancelled():
            task.result()

    def _deliver(self, topic: str, payload: bytes, retained: bool, packet_id: int) -> None:  # noqa: FBT001
        token = self._generation << 16 | packet_id
        self._waiting.append(Message(topic, payload, retained, self._clock(), token))
        self._arrived.set()
        self.received += 1
        self.unacknowledged += 1
        if self.unacknowledged > self._limit and self._room.is_set():
            self._room.clear()
            if self._connection is not None:
                self._connection.pause()
            log.warning("inbox_full", unacknowledged=self.unacknowledged)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        pauses = waits(self._rng)
        while True:
            # Without room there is nobody to read for; the broker's last will says so meanwhile.
            await self._room.wait()
            began = loop.time()
            try:
                await self._serve()
            except BrokerUnavailable as error:
                self.trouble = str(error)
            if loop.time() - began > STEADY.total_seconds():
                pauses = waits(self._rng)
            pause = next(pauses).total_seconds()
            log.warning("broker_unavailable", reason=self.trouble, again_in=round(pause, 2))
            await asyncio.sleep(pause)

    async def _serve(self) -> None:
        """Lives through one connection."""
        self._generation += 1
        connection = self._connection = Connection(
            self._address,
            self._client_id,
            persistent=True,
            will=self._will,
            deliver=self._deliver,
        )
        try:
            await connection.open()
            if self._expect_session and not connection.session_present:
                log.error("session_lost", broker=str(self._address), client_id=self._client_id)
                self._on_session_lost()
            await connection.subscribe(self._filters)
            self._expect_session = True
            if self._will:
                await connection.publish([(self._will.topic, self._online)], retain=True)
            self.connected, self.trouble = True, ""
            self._connections += 1
            log.info("broker_connected", broker=str(self._address))
            why = await asyncio.shield(connection.lost)
            raise BrokerUnavailable(f"MQTT broker {self._address}: {why}")
        finally:
            if self._will and not connection.lost.done():
                # QoS 0 is enough: DISCONNECT follows it on the same wire, and if that breaks the
                # last will says so.
                with suppress(BrokerUnavailable):
                    await connection.publish(
                        [(self._will.topic, self.farewell)], retain=True, qos=0
                    )
            self.connected = False
            self._connection = None
            await connection.close()
