"""HTTP requests to one server, with failures sorted by what to do about them."""

import asyncio
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from errno import ECONNREFUSED
from os import strerror
from pathlib import Path
from typing import NamedTuple

import aiohttp

from monitor.errors import SinkNotConnected, SinkRefused, SinkUnavailable

LONGEST_WAIT = timedelta(minutes=5)
"""The longest ``Retry-After`` that is respected; judgement."""
SHOWN = 200
"""Bytes of a response body that an error message quotes."""
REFUSALS = frozenset({400, 406, 409, 413, 414, 415, 422})
"""The server has read the request and will never accept it. Any other failure may pass: a token, an address or a disk
can be fixed."""
_ADVICE = {
    401: "check its credentials",
    403: "check its credentials",
    404: "check its address",
    405: "check its address and the method",
}


class HttpResponse(NamedTuple):
    """A complete response, with any status."""

    status: int
    body: bytes
    retry_after: timedelta = timedelta(0)
    """How long the server asks us to wait, at most `LONGEST_WAIT`."""


class HttpClient:
    """A client for one server; it keeps the connection open between requests and never follows a redirect.

    Args:
        name: the server's name in messages. Addresses may hold tokens and are never quoted.
        timeout: for one request and its complete response.
        login: name and password (HTTP basic).
        ca_file: certificates of the authorities that the server's certificate is checked against (PEM); ``None``: the
            system's.
        verify: whether the server's certificate is checked at all.
        longest: the bytes of a response beyond which it is given up; ``None``: the server is trusted with them.

    """

    def __init__(  # noqa: PLR0913 - what a client is
        self,
        name: str,
        timeout: timedelta,
        *,
        login: tuple[str, str] | None = None,
        ca_file: Path | None = None,
        verify: bool = True,
        longest: int | None = None,
    ) -> None:
        self.name = name
        self._timeout = aiohttp.ClientTimeout(total=timeout.total_seconds())
        self._headers = {"User-Agent": "venue-monitor"}
        if login is not None:
            self._headers["Authorization"] = aiohttp.encode_basic_auth(*login)
        self._ca_file = ca_file
        self._verify = verify
        self._longest = longest
        self._session: aiohttp.ClientSession | None = None

    async def send(
        self, method: str, url: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> HttpResponse:
        """Send one request; return the response, also when its status is an error.

        Raises:
            SinkNotConnected: no connection was made, so the server has certainly not received the request.
            SinkUnavailable: there was no complete response; the server may have received the request.

        """
        try:
            session = self._opened()
            # Following a redirect would turn a POST into a GET and lose its body.
            async with session.request(
                method, url, data=body or None, headers=headers, allow_redirects=False
            ) as response:
                wait = retry_after(response.headers.get("Retry-After", ""))
                return HttpResponse(response.status, await self._body(response), wait)
        except TimeoutError as error:
            seconds = self._timeout.total
            raise SinkUnavailable(f"{self.name}: no answer within {seconds:g} s") from error
        except aiohttp.InvalidURL as error:
            raise SinkNotConnected(f"{self.name}: its address is not valid") from error
        except aiohttp.ClientConnectorError as error:
            raise SinkNotConnected(f"{self.name} can't be reached: {_cause(error)}") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise SinkUnavailable(f"{self.name}: {_cause(error)}") from error

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        if self._longest is None:
            return await response.read()
        body = bytearray()
        async for part in response.content.iter_any():
            body += part
            if len(body) > self._longest:
                raise SinkUnavailable(
                    f"{self.name}: its answer is longer than {self._longest} bytes"
                )
        return bytes(body)

    async def ask(
        self, method: str, url: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> bytes:
        """Send one request; return the body of a successful response.

        Raises:
            SinkUnavailable: the server is down, busy, or denies access.
            SinkRefused: the server has read the request and will never accept it.

        """
        response = await self.send(method, url, body, headers)
        status = response.status
        if 200 <= status < 300:  # noqa: PLR2004 - what HTTP calls success
            return response.body
        shown = response.body[:SHOWN].decode(errors="replace").strip()
        parts = (f"{self.name}: HTTP {status}", _ADVICE.get(status), shown)
        reason = ": ".join(filter(None, parts))
        if status in REFUSALS:
            raise SinkRefused(reason)
        raise SinkUnavailable(reason, response.retry_after)

    async def close(self) -> None:
        """Close the connection."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()
            await asyncio.sleep(0)  # the event loop closes the sockets in its next iteration

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            trust = ssl.create_default_context(cafile=self._ca_file) if self._verify else False
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=trust),
                timeout=self._timeout,
                headers=self._headers,
            )
        return self._session


def retry_after(header: str) -> timedelta:
    """Return the wait that a ``Retry-After`` header asks for (RFC 9110, 10.2.3: seconds or a date); zero if none."""
    try:
        if header.isascii() and header.isdigit():
            wait = timedelta(seconds=int(header))
        else:
            wait = parsedate_to_datetime(header) - datetime.now(UTC)
    except (ValueError, TypeError, OverflowError):
        return timedelta(0)
    return max(timedelta(0), min(wait, LONGEST_WAIT))


def _cause(error: Exception) -> str:
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(cause, ConnectionRefusedError):
        return strerror(ECONNREFUSED)  # the error itself repeats the address
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return str(cause) or type(cause).__name__
