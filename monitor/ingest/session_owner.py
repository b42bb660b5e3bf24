"""Finds another monitor with our client id at our broker: the younger of the two stops, before messages are split.

A broker gives the session to whoever connects last with its client id, so two monitors would take it from each other,
each with a part of the messages. Each has a second connection under a name of its own, on which it asks. Only a process
that runs now can answer, with the name of the one that asked, so nothing that a killed monitor left at the broker can
prevent a start. An answer that is not signed with the password of our account is reported and otherwise ignored.
"""

import asyncio
import hashlib
import hmac
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime
from random import SystemRandom
from typing import Any, Self
from uuid import uuid4

import msgspec
import structlog
from msgspec import Struct
from msgspec.structs import replace

from monitor.errors import BrokerUnavailable, SessionTaken
from monitor.mqtt import BrokerAddress, Connection
from monitor.runtime.backoff import waits

log = structlog.get_logger()

PATIENCE = 1.0
"""Seconds that a start waits for an answer; a running monitor answers within milliseconds."""
MOST_REPORTED = 100
"""The most other monitors that are reported: more are an attack, and the alert is open."""


class SessionClaim(Struct, frozen=True, kw_only=True):
    """What a monitor publishes: that it uses a client id, and whom it answers."""

    instance: str
    """Names this process."""
    client_id: str
    started_at: datetime
    host: str
    rival: str = ""
    """The instance that asked; empty: this one asks."""
    signature: str = ""

    def signed(self, key: bytes) -> Self:
        """Return it with its signature."""
        body = msgspec.json.encode(replace(self, signature=""))
        return replace(self, signature=hmac.new(key, body, hashlib.sha256).hexdigest())

    def is_signed(self, key: bytes) -> bool:
        """Return whether its signature is valid."""
        return hmac.compare_digest(self.signed(key).signature, self.signature)

    @property
    def age(self) -> tuple[datetime, str]:
        """Sorts the older before the younger."""
        return self.started_at, self.instance


class SessionOwner:
    """Asks for other monitors with our client id at each of its connections, and answers those that ask.

    Args:
        address: the broker.
        client_id: of our session.
        topic: on which monitors ask and answer; only they may write it.
        started_at: when this process started.
        report: is called for another monitor, once for each.

    """

    def __init__(
        self,
        address: BrokerAddress,
        client_id: str,
        topic: str,
        started_at: datetime,
        report: Callable[[SessionClaim], None],
    ) -> None:
        self._address = address
        self._topic = topic
        self._key = (address.password or "").encode()
        self._report = report
        self._own = SessionClaim(
            instance=uuid4().hex,
            client_id=client_id,
            started_at=started_at,
            host=socket.gethostname(),
        )
        self._outgoing: asyncio.Queue[SessionClaim] = asyncio.Queue()
        self._taken: asyncio.Future[SessionClaim] = asyncio.get_running_loop().create_future()
        self._reported: set[str] = set()
        self._connection: Connection | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Ask, and wait for an answer; without a broker there is none.

        Raises:
            SessionTaken: an older monitor has answered.

        """
        self._task = asyncio.create_task(self._connect(), name="session owner")
        async with AsyncExitStack() as on_failure:
            on_failure.push_async_callback(self.__aexit__)
            await asyncio.wait({self._taken}, timeout=PATIENCE)
            self._stop_if_taken()
            on_failure.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def run(self) -> None:
        """Answer until cancelled.

        Raises:
            SessionTaken: an older monitor has answered.

        """
        waiting: set[asyncio.Future[Any]] = {self._taken}
        if self._task is not None:
            waiting.add(self._task)
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        self._stop_if_taken()
        if self._task is not None:
            self._task.result()  # raises what has ended it

    def _stop_if_taken(self) -> None:
        if self._taken.done():
            claim = self._taken.result()
            raise SessionTaken(
                f"another monitor, on {claim.host} since {claim.started_at:%Y-%m-%d %H:%M:%S} UTC, uses the client id "
                f'"{claim.client_id}" at the broker {self._address}; stop it first, or give this one another client_id'
            )

    async def _connect(self) -> None:
        pauses = waits(SystemRandom())
        # A name of its own: this connection is never taken over.
        client_id = f"{self._own.client_id}-{self._own.instance[:8]}"
        while True:
            connection = self._connection = Connection(
                self._address, client_id, deliver=self._deliver
            )
            try:
                await connection.open()
                await connection.subscribe([self._topic])
                pauses = waits(SystemRandom())
                self._outgoing.put_nowait(self._own)
                await self._publish(connection)
            except BrokerUnavailable as error:
                log.debug("session_owner_unavailable", reason=str(error))
            finally:
                await connection.close()
            await asyncio.sleep(next(pauses).total_seconds())

    async def _publish(self, connection: Connection) -> None:
        """Publish what waits, until the connection ends.

        Raises:
            BrokerUnavailable: it has ended.

        """
        while not connection.lost.done():
            claim = asyncio.ensure_future(self._outgoing.get())
            try:
                waiting: set[asyncio.Future[Any]] = {claim, connection.lost}
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                if claim.done():
                    body = msgspec.json.encode(claim.result().signed(self._key))
                    await connection.publish([(self._topic, body)])
            finally:
                claim.cancel()

    def _deliver(self, _topic: str, payload: bytes, retained: bool, packet_id: int) -> None:  # noqa: FBT001 - as in `Deliver`
        if self._connection is not None:
            self._connection.acknowledge([packet_id])
        if retained:
            return  # only what is published now proves that someone is there
        try:
            claim = msgspec.json.decode(payload, type=SessionClaim)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return
        if claim.client_id == self._own.client_id and claim.instance != self._own.instance:
            self._meet(claim)

    def _meet(self, claim: SessionClaim) -> None:
        is_older = claim.age < self._own.age
        if not claim.is_signed(self._key):
            self._report_once(claim)
        elif is_older and claim.rival == self._own.instance:
            if not self._taken.done():
                self._taken.set_result(claim)
        elif is_older and not claim.rival:
            self._outgoing.put_nowait(self._own)  # its answer will name us
        elif not is_older and not claim.rival:
            self._report_once(claim)
            self._outgoing.put_nowait(replace(self._own, rival=claim.instance))

    def _report_once(self, claim: SessionClaim) -> None:
        if claim.instance in self._reported or len(self._reported) >= MOST_REPORTED:
            return
        self._reported.add(claim.instance)
        log.error("second_monitor", host=claim.host, client_id=claim.client_id)
        self._report(claim)
