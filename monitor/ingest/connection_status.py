"""Reports to the core when the broker is lost, when it is back, and when its backlog has been received."""

import math
import time
from datetime import datetime, timedelta
from typing import Protocol

from monitor.core.events.monitor import (
    MonitorCaughtUp,
    MonitorConnected,
    MonitorDisconnected,
    Noticed,
)
from monitor.ingest.inbox import Inbox
from monitor.mqtt import Message
from monitor.runtime.clock import Clock

SETTLED = 3.0
"""Seconds after a connection in which brokers redeliver what was not acknowledged (the embedded one after 2)."""
PROVEN = 1.0
"""Seconds for which a received message proves the connection: a broker sends what it kept before the SUBACK."""


class Line(Protocol):
    """What takes in the messages, and what is noticed about the connection."""

    @property
    def clock(self) -> Clock:
        """The monitor's clock."""

    @property
    def behind(self) -> timedelta:
        """The age of the latest live event when it was processed."""

    @property
    def lateness(self) -> timedelta:
        """How late a message may be and still not belong to a backlog."""

    @property
    def resumed_at(self) -> float:
        """When the monitor last noticed a pause or a step of the clock, by `time.monotonic`."""

    @property
    def is_catching_up(self) -> bool:
        """Whether the watermark is held until the backlog has been received."""

    def notice(self, event: Noticed) -> None:
        """Process an event that the monitor noticed about itself."""


class ConnectionStatus:
    """The connection to the broker as the core knows it."""

    def __init__(self, inbox: Inbox, pipeline: Line, broker: str) -> None:
        self.broker = broker
        """The broker's name in events."""
        self._inbox = inbox
        self._pipeline = pipeline
        self._connection: int | None = None
        """The number of the connection at the latest check."""
        self._connected_at: float | None = None
        self._received_at = -math.inf
        """When a message last proved the connection."""
        self._backlog_at = -math.inf
        """When an old message was last processed: a broker that still sends its backlog has not sent all of it."""
        self._lost_at = pipeline.clock.now()
        self._is_lost = False
        """A loss has been reported and no connection since."""

    @property
    def lost_at(self) -> datetime | None:
        """When the connection was lost; the start, if there was none since; ``None`` while it is there."""
        return self._lost_at if self._connected_at is None else None

    def received(self, message: Message) -> None:
        """Take a message as proof of the connection, unless it was left over from one that broke."""
        if message.received_at > self._lost_at:
            self._received_at = time.monotonic()

    def processed(self) -> None:
        """Note whether the batch just processed belongs to a backlog."""
        if self._pipeline.behind > self._pipeline.lateness:
            self._backlog_at = time.monotonic()

    def check(self) -> None:
        """Report what has changed since the latest check."""
        inbox, clock = self._inbox, self._pipeline.clock
        connection = inbox.reconnects if inbox.connected else None
        if self._connection is not None and connection != self._connection:
            self._connected_at, self._received_at, self._lost_at = None, -math.inf, clock.now()
        self._connection = connection
        if connection is None and time.monotonic() - self._received_at > PROVEN:
            self._connected_at = None
            if not self._is_lost and inbox.trouble:
                self._is_lost = True
                event = MonitorDisconnected(
                    at=clock.now(), broker=self.broker, reason=inbox.trouble
                )
                self._pipeline.notice(event)
            return
        if self._connected_at is None:
            self._connected_at = time.monotonic()
            self._is_lost = False
            self._pipeline.notice(MonitorConnected(at=clock.now(), broker=self.broker))
        latest = max(self._connected_at, self._backlog_at, self._pipeline.resumed_at)
        settled = time.monotonic() - latest > SETTLED
        if self._pipeline.is_catching_up and settled and inbox.depth == 0:
            self._pipeline.notice(MonitorCaughtUp(at=clock.now()))
