"""Writes lines to an InfluxDB: one request, one answer; neither batches nor tries again."""

import gzip
from collections.abc import Mapping
from ssl import create_default_context
from typing import NamedTuple, Protocol

import aiohttp
from influxdb_client.client.influxdb_client_async import InfluxDBClientAsync
from influxdb_client.rest import ApiException

from monitor.config.influx import Influx
from monitor.config.secret import Secret
from monitor.errors import SinkUnavailable

STORED = 204
NOT_STORED = 202
"""What is told of an answer that sounds well and says that nothing was stored."""
_AWAY = (aiohttp.ClientError, OSError, TimeoutError)
_GZIP = 1
"""The level: a third of the size for a few milliseconds a batch."""


class Answer(NamedTuple):
    """What the server said."""

    status: int
    reason: str = ""
    retry_after: float | None = None
    """Seconds that it wants us to wait."""


class Client(Protocol):
    """A connection to a server."""

    async def write(self, text: str) -> Answer:
        """Write lines whose times are in nanoseconds.

        Raises:
            SinkUnavailable: there was no answer.

        """
        ...

    async def close(self) -> None:
        """Let go of the connection."""
        ...


def connect(influx: Influx) -> Client:
    """Return a client for what ``[influx]`` describes; inside a running loop."""
    return ClientV1(influx) if influx.api == "v1" else ClientV2(influx)


class ClientV2:
    """``POST /api/v2/write``, by InfluxData's own client: InfluxDB 1.8, 2 and 3."""

    def __init__(self, influx: Influx) -> None:
        self._influx = influx
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

    async def write(self, text: str) -> Answer:
        """Write; see `Client`."""
        try:
            is_stored = await self._api.write(self._influx.database, record=text)
        except ApiException as error:
            return Answer(error.status or 0, _said(error.body), _wait(error.headers))
        except _AWAY as error:
            raise SinkUnavailable(_why(error, self._influx)) from error
        return Answer(STORED if is_stored else NOT_STORED)

    async def close(self) -> None:
        """Let go of the connection."""
        await self._client.close()  # type: ignore[no-untyped-call]  # it has no types


class ClientV1:
    """``POST /write``: InfluxDB 1.7 and older, which know no other way."""

    def __init__(self, influx: Influx) -> None:
        self._influx = influx
        self._headers = {"Content-Type": "text/plain; charset=utf-8"}
        if influx.auth == "token":
            self._headers["Authorization"] = f"Token {_reveal(influx.token)}"
        elif influx.auth == "basic":
            password = _reveal(influx.password)
            self._headers["Authorization"] = aiohttp.encode_basic_auth(influx.username, password)
        if influx.gzip:
            self._headers["Content-Encoding"] = "gzip"
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=influx.timeout.total_seconds()),
            connector=aiohttp.TCPConnector(ssl=create_default_context(cafile=influx.ca_file)),
        )

    async def write(self, text: str) -> Answer:
        """Write; see `Client`."""
        body = text.encode()
        try:
            async with self._session.post(
                f"{self._influx.url.rstrip('/')}/write",
                params={"db": self._influx.database, "precision": "ns"},
                data=gzip.compress(body, _GZIP) if self._influx.gzip else body,
                headers=self._headers,
                allow_redirects=False,
            ) as answer:
                said = _said(await answer.read())
                return Answer(answer.status, said, _wait(answer.headers))
        except _AWAY as error:
            raise SinkUnavailable(_why(error, self._influx)) from error

    async def close(self) -> None:
        """Let go of the connection."""
        await self._session.close()


def _reveal(secret: Secret | None) -> str:
    return "" if secret is None else secret.reveal()


def _said(body: str | bytes | None) -> str:
    """Return what the server said, as much of it as an alert can show."""
    text = body.decode(errors="replace") if isinstance(body, bytes) else body or ""
    return " ".join(text.split())[:400]


def _wait(headers: Mapping[str, str] | None) -> float | None:
    try:
        return float((headers or {}).get("Retry-After") or "")
    except ValueError:
        return None  # a date, or none


def _why(error: Exception, influx: Influx) -> str:
    if isinstance(error, TimeoutError):
        seconds = influx.timeout.total_seconds()
        return f"{influx.url} has not answered within {seconds:g} s"
    return f"{influx.url} can't be reached: {error or type(error).__name__}"
