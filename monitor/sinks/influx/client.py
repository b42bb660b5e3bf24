"""Clients that write lines to an InfluxDB: one request, one response, no batching and no retries."""

import gzip
from datetime import timedelta
from math import ceil
from typing import NamedTuple, Protocol
from urllib.parse import urlencode

import aiohttp

from monitor.config.influx import Influx
from monitor.config.secret import Secret
from monitor.core.phrase import Phrase, phrase
from monitor.errors import SinkUnavailable
from monitor.runtime.http import HttpClient, cause_of, retry_after

STORED = 204
NOT_STORED = 202
"""The status reported for a successful response that confirms nothing."""
_AWAY = (aiohttp.ClientError, OSError, TimeoutError)
_GZIP = 1
"""The compression level: a third of the size for a few milliseconds per batch."""


class Response(NamedTuple):
    """The server's response."""

    status: int
    reason: str = ""
    retry_after: timedelta = timedelta(0)
    """How long the server asks us to wait."""


class Client(Protocol):
    """A connection to a server."""

    async def write(self, text: str) -> Response:
        """Write lines with timestamps in nanoseconds.

        Raises:
            SinkUnavailable: there was no response.

        """
        ...

    async def close(self) -> None:
        """Close the connection."""
        ...


def connect(influx: Influx) -> Client:
    """Return a client for the ``[influx]`` section; call it inside a running event loop."""
    return ClientV1(influx) if influx.api == "v1" else ClientV2(influx)


class ClientV2:
    """``POST /api/v2/write``, through InfluxData's own client: InfluxDB 1.8, 2 and 3."""

    def __init__(self, influx: Influx) -> None:
        # A sixth of a second, only in a deployment that uses it.
        from influxdb_client.client.influxdb_client_async import (  # noqa: PLC0415
            InfluxDBClientAsync,
        )
        from influxdb_client.rest import ApiException  # noqa: PLC0415

        self._influx = influx
        self._refusal = ApiException
        token = _reveal(influx.token)
        if influx.auth == "basic":
            token = f"{influx.username}:{_reveal(influx.password)}"
        self._client = InfluxDBClientAsync(
            influx.url,
            token=token,
            org=influx.org,
            timeout=influx.timeout.total_seconds() * 1000,
            enable_gzip=influx.gzip,
            auth_basic=influx.auth == "basic",
            ssl_ca_cert=None if influx.ca_file is None else str(influx.ca_file),
            allow_redirects=False,
        )
        self._api = self._client.write_api()

    async def write(self, text: str) -> Response:
        """Write; see `Client`."""
        try:
            is_stored = await self._api.write(self._influx.database, record=text)
        except self._refusal as error:
            wait = retry_after(error.headers.get("Retry-After", "") if error.headers else "")
            return Response(error.status or 0, _excerpt(error.body), wait)
        except _AWAY as error:
            raise SinkUnavailable(_reason(error, self._influx)) from error
        return Response(STORED if is_stored else NOT_STORED)

    async def close(self) -> None:
        """Close the connection."""
        await self._client.close()  # type: ignore[no-untyped-call]  # it is untyped


class ClientV1:
    """``POST /write``: InfluxDB 1.7 and older, which have no other interface."""

    def __init__(self, influx: Influx) -> None:
        query = urlencode({"db": influx.database, "precision": "ns"})
        self._url = f"{influx.url.rstrip('/')}/write?{query}"
        self._gzip = influx.gzip
        self._headers = {"Content-Type": "text/plain; charset=utf-8"}
        if influx.auth == "token":
            self._headers["Authorization"] = f"Token {_reveal(influx.token)}"
        if influx.gzip:
            self._headers["Content-Encoding"] = "gzip"
        login = (influx.username, _reveal(influx.password)) if influx.auth == "basic" else None
        self._client = HttpClient(influx.url, influx.timeout, login=login, ca_file=influx.ca_file)

    async def write(self, text: str) -> Response:
        """Write; see `Client`."""
        body = text.encode()
        if self._gzip:
            body = gzip.compress(body, _GZIP)
        response = await self._client.send("POST", self._url, body, self._headers)
        return Response(response.status, _excerpt(response.body), response.retry_after)

    async def close(self) -> None:
        """Close the connection."""
        await self._client.close()


def _reveal(secret: Secret | None) -> str:
    return "" if secret is None else secret.reveal()


def _excerpt(body: str | bytes | None) -> str:
    """Return the start of a response body, as much of it as an alert can show."""
    text = body.decode(errors="replace") if isinstance(body, bytes) else body or ""
    return " ".join(text.split())[:400]


def _reason(error: Exception, influx: Influx) -> Phrase:
    if isinstance(error, TimeoutError):
        seconds = ceil(influx.timeout.total_seconds())
        return phrase("sink-no-answer", server=influx.url, within=seconds)
    if isinstance(error, aiohttp.ClientConnectorError):
        error = error.os_error
    return phrase("sink-unreachable", server=influx.url, error=cause_of(error))
