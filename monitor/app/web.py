"""Opens the web server."""

import socket
import ssl
from contextlib import AsyncExitStack

from litestar import Litestar

from monitor.config.http import Http
from monitor.errors import ConfigError
from monitor.web.connection import Server, server


class WebServer:
    """A server that listens as soon as it is created.

    Args:
        http: where it listens.
        app: what it serves.
        stack: closes the socket.

    Raises:
        ConfigError: the address is in use or not available, or a certificate is.

    """

    def __init__(self, http: Http, app: Litestar, stack: AsyncExitStack) -> None:
        self._socket = stack.enter_context(_listen(http))
        self.port: int = self._socket.getsockname()[1]
        self._server: Server = server(app, tls=_context(http), trusted_proxies=http.trusted_proxies)

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
