"""The HTTP server: bounded in connections and in time, so that no client can take what the pipeline needs."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Iterator, Sequence
from typing import Any

import h11
import uvicorn
from litestar import Litestar
from msgspec import Struct
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState


class Limits(Struct, frozen=True, kw_only=True):
    """What a client may take."""

    connections: int = 256
    """Connections at a time; officers, health checks and scrapes need a few dozen."""
    request_timeout: float = 10.0
    """Seconds for a complete request to arrive, from when the connection is ready for it."""
    stall_timeout: float = 10.0
    """Seconds that a response may wait for its client to read on."""
    silence_timeout: float = 15.0
    """Seconds for which a client may leave unconfirmed what was sent: a phone without network says nothing."""
    handshake_timeout: float = 5.0
    """Seconds for the TLS handshake, in which a connection does not count yet."""


class BoundedConnection(H11Protocol):
    """A connection that is closed when its client is too slow, or when another client needs its place.

    When there are too many, the one that has waited longest for a request is closed. If all others are being served,
    the new one is closed.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        limits: Limits,
    ) -> None:
        super().__init__(config, server_state, app_state)
        self.limits = limits
        self._waiting_since = 0.0
        self._request_timer: asyncio.TimerHandle | None = None
        self._stall_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn does
        """Take a place, if need be that of another connection."""
        super().connection_made(transport)
        if (sock := transport.get_extra_info("socket")) is not None:
            # asyncio does it for sockets that name TCP as their protocol, which accepted ones do not.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            milliseconds = int(self.limits.silence_timeout * 1000)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)
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

    def __init__(
        self, config: uvicorn.Config, limits: Limits, tls: ssl.SSLContext | None = None
    ) -> None:
        super().__init__(config)
        self._limits = limits
        self._tls = tls

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen. uvicorn's own way gives each client a minute for the TLS handshake."""
        loop = asyncio.get_running_loop()
        for sock in sockets or [socket.create_server((self.config.host, self.config.port))]:
            listener = await loop.create_server(
                self._connection,
                sock=sock,
                backlog=self.config.backlog,
                ssl=self._tls,
                ssl_handshake_timeout=self._limits.handshake_timeout if self._tls else None,
            )
            self.servers.append(listener)
        self.started = True

    def _connection(self) -> asyncio.Protocol:
        return BoundedConnection(self.config, self.server_state, {}, self._limits)

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


def server(
    app: Litestar,
    limits: Limits | None = None,
    *,
    tls: ssl.SSLContext | None = None,
    trusted_proxies: Sequence[str] = (),
) -> Server:
    """Return a server for an application, ready to `serve` on a socket.

    Args:
        app: the application.
        limits: what a client may take.
        tls: certificate and key; without them, connections are not encrypted.
        trusted_proxies: addresses or networks whose X-Forwarded-For and X-Forwarded-Proto are believed.

    """
    config = uvicorn.Config(
        app,
        # asyncio accepts this many at once, before the limit on connections is checked.
        backlog=100,
        log_config=None,
        access_log=False,
        lifespan="off",
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=list(trusted_proxies),
    )
    return Server(config, limits or Limits(), tls)
