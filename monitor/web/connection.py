"""The HTTP server: bounded in connections and in time, so that no client can take what the pipeline needs."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import ClassVar

import h11
import uvicorn
from litestar import Litestar
from msgspec import Struct
from uvicorn.protocols.http.h11_impl import H11Protocol


class Limits(Struct, frozen=True, kw_only=True):
    """What a client may take."""

    connections: int = 256
    """Connections at a time; officers, health checks and scrapes need a few dozen."""
    request_timeout: float = 10.0
    """Seconds for a complete request to arrive, from when the connection is ready for it."""
    stall_timeout: float = 10.0
    """Seconds that a response may wait for its client to read on."""


class BoundedConnection(H11Protocol):
    """A connection that is closed when its client is too slow, or when another client needs its place.

    When there are too many, the one that has waited longest for a request is closed. If all others are being served,
    the new one is closed.
    """

    limits: ClassVar[Limits] = Limits()
    _waiting_since = 0.0
    _request_timer: asyncio.TimerHandle | None = None
    _stall_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn does
        """Take a place, if need be that of another connection."""
        super().connection_made(transport)
        self._await_request()
        if len(self.connections) > self.limits.connections:
            others = [other for other in self.connections if isinstance(other, BoundedConnection)]
            longest_waiting = min(
                (other for other in others if other.is_waiting),
                key=lambda other: other._waiting_since,  # noqa: SLF001 - of the same class
            )
            longest_waiting.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Free the place."""
        for timer in (self._request_timer, self._stall_timer):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        self._await_request()
        super().on_response_complete()

    def pause_writing(self) -> None:
        """Give the client some time to read on."""
        super().pause_writing()
        self._stall_timer = self.loop.call_later(self.limits.stall_timeout, self.abort)

    def resume_writing(self) -> None:
        """Go on: the client has read."""
        if self._stall_timer is not None:
            self._stall_timer.cancel()
        super().resume_writing()
        self._await_request()

    @property
    def is_waiting(self) -> bool:
        """Whether a request, or the rest of one, has yet to arrive, and nothing is left to send."""
        return self.conn.their_state in {h11.IDLE, h11.SEND_BODY} and not self.flow.write_paused

    def abort(self) -> None:
        """Close the connection at once, and free its place."""
        self.connections.discard(self)
        self.transport.abort()

    def _await_request(self) -> None:
        if self._request_timer is not None:
            self._request_timer.cancel()
        self._waiting_since = self.loop.time()
        self._request_timer = self.loop.call_later(
            self.limits.request_timeout, self._abort_if_waiting
        )

    def _abort_if_waiting(self) -> None:
        if self.is_waiting:
            self.abort()


class Server(uvicorn.Server):
    """A server that runs in the monitor's own event loop and leaves signals to it."""

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until cancelled; then close everything.

        uvicorn leaves its sockets in the event loop when it is cancelled: the next one with the same file descriptor
        would never be read.
        """
        self.servers = []
        try:
            await super().serve(sockets)
        finally:
            for listener in self.servers:
                listener.close()
            for connection in list(self.server_state.connections):
                if isinstance(connection, BoundedConnection):
                    connection.abort()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signal handlers alone."""
        yield


def server(app: Litestar, limits: Limits | None = None) -> Server:
    """Return a server for an application, ready to `serve` on a socket."""
    connection = type("Connection", (BoundedConnection,), {"limits": limits or Limits()})
    return Server(
        uvicorn.Config(
            app,
            http=connection,
            # asyncio accepts this many at once, before the limit above is checked.
            backlog=100,
            log_config=None,
            access_log=False,
            lifespan="off",
        )
    )
