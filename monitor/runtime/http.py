"""HTTP requests to one server, with failures sorted by what to do about them."""

import asyncio
import socket
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from math import ceil
from pathlib import Path
from typing import NamedTuple

import aiohttp

from monitor.core.phrase import Phrase, phrase
from monitor.errors import SinkNotConnected, SinkRefused, SinkUnavailable

LONGEST_WAIT = timedelta(minutes=5)
"""The longest ``Retry-After`` that is respected; judgement."""
SHOWN = 200
"""Bytes of a response body that an error message quotes."""
REFUSALS = frozenset({400, 406, 409, 413, 414, 415, 422})
"""The server has read the request and will never accept it. Any other failure may pass: a token, an address or a disk
can be fixed."""
_ADVICE: Mapping[int, Phrase] = {
    401: phrase("http-credentials"),
    403: phrase("http-credentials"),
    404: phrase("http-address"),
    405: phrase("http-method"),
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
        name: the server's name in messages, or what to call it. Addresses may hold tokens and are never quoted.
        timeout: for one request and its complete response.
        login: name and password (HTTP basic).
        ca_file: certificates of the authorities that the server's certificate is checked against (PEM); ``None``: the
            system's.
        verify: whether the server's certificate is checked at all.
        longest: the bytes of a response beyond which it is given up; ``None``: the server is trusted with them.

    """

    def __init__(  # noqa: PLR0913 - what a client is
        self,
        name: str | Phrase,
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
            why = phrase("sink-no-answer", server=self.name, within=ceil(self._timeout.total or 0))
            raise SinkUnavailable(why) from error
        except aiohttp.InvalidURL as error:
            raise SinkNotConnected(phrase("sink-address-invalid", server=self.name)) from error
        except aiohttp.ClientConnectorError as error:
            why = phrase("sink-unreachable", server=self.name, error=cause_of(error.os_error))
            raise SinkNotConnected(why) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            why = phrase("sink-failed", server=self.name, error=cause_of(error))
            raise SinkUnavailable(why) from error

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        if self._longest is None:
            return await response.read()
        body = bytearray()
        async for part in response.content.iter_any():
            body += part
            if len(body) > self._longest:
                raise SinkUnavailable(
                    phrase("sink-answer-too-long", server=self.name, most=self._longest)
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
        why = phrase(
            "http-status",
            server=self.name,
            status=status,
            advice=_ADVICE.get(status, ""),
            error=shown,
        )
        if status in REFUSALS:
            raise SinkRefused(why)
        raise SinkUnavailable(why, response.retry_after)

    async def close(self) -> None:
        """Close the connection."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()
            await asyncio.sleep(0)  # the event loop closes the sockets in its next iteration

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            trust = trusted(self._ca_file) if self._verify else False
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=trust),
                timeout=self._timeout,
                headers=self._headers,
            )
        return self._session


def trusted(ca_file: Path | None) -> ssl.SSLContext:
    """Return what checks the certificates of servers."""
    return _trusted_by_system() if ca_file is None else ssl.create_default_context(cafile=ca_file)


@cache
def _trusted_by_system() -> ssl.SSLContext:
    """Return what all clients share: to read the system's authorities takes 20 to 50 ms, and there are many clients."""
    return ssl.create_default_context()


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


def cause_of(error: Exception) -> Phrase | str:
    """Return why a connection failed; none of the sentences holds an address."""
    match error:
        case ConnectionRefusedError():
            return phrase("cause-refused")
        case ConnectionError() | aiohttp.ServerDisconnectedError():
            return phrase("cause-closed")
        case socket.gaierror():
            return phrase("cause-name-unknown")
        case ssl.SSLCertVerificationError():
            return phrase("cause-certificate", error=error.verify_message)
        case TimeoutError():
            return phrase("cause-timed-out")
        case OSError() if error.strerror:
            return error.strerror
        case _:
            return str(error) or type(error).__name__
