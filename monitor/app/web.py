"""Opens the web server: health, metrics, and what people see when they follow a link."""

import socket
import ssl
from collections.abc import Sequence
from contextlib import AsyncExitStack

from litestar.handlers import HTTPRouteHandler

from monitor.app.status import Status
from monitor.config.http import Http
from monitor.errors import ConfigError
from monitor.ingest.pipeline import Pipeline
from monitor.web.connection import Server, server
from monitor.web.health import web


class WebServer:
    """A server that listens as soon as it is created.

    Args:
        http: where it listens.
        status: what ``/healthz`` and ``/metrics`` show.
        pipeline: has the metrics.
        routes: what else is served.
        stack: closes the socket.

    Raises:
        ConfigError: the address is in use or not available, or a certificate is.

    """

    def __init__(
        self,
        http: Http,
        status: Status,
        pipeline: Pipeline,
        routes: Sequence[HTTPRouteHandler],
        stack: AsyncExitStack,
    ) -> None:
        self._socket = stack.enter_context(_listen(http))
        self.port: int = self._socket.getsockname()[1]
        registry = pipeline.metrics.registry
        self._server: Server = server(
            web(status.health, registry, status.update_metrics, routes),
            tls=_context(http),
            trusted_proxies=http.trusted_proxies,
        )

    async def run(self) -> None:
        """Serve, until cancelled."""
        await self._server.serve([self._socket])


def _listen(http: Http) -> socket.socket:
    try:
        return socket.create_server((http.host, http.port))
    except OSError as error:
        where = f"config.toml: [http] {http.host}:{http.port}: {error.strerror or error}"
        raise ConfigError(
            [f"{where}; stop the other monitor if one is running, or choose another port"]
        ) from error


def _context(http: Http) -> ssl.SSLContext | None:
    if http.tls is None:
        return None
    try:
        return http.tls.context()
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(
            [
                f"config.toml: [http.tls]: {reason}; write a certificate and its key, both in PEM, that belong together"
            ]
        ) from error
