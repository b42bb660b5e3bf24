"""Speaks HTTP with one server, and sorts what can go wrong by what to do about it."""

import asyncio
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import aiohttp

from monitor.errors import SinkRefused, SinkUnavailable

LONGEST_WAIT = timedelta(minutes=5)
"""A server that asks for more patience than this is asked again all the same; judgement."""
SHOWN = 200
"""So much of what a server answers is repeated."""
REFUSALS = frozenset({400, 406, 409, 413, 414, 415, 422})
"""It has read what we sent and will never take it. All else may change: somebody mends a token, an address, a disk."""
_ADVICE = {
    401: "look at its credentials",
    403: "look at its credentials",
    404: "look at the address",
    405: "look at the address and the method",
}


class Remote:
    """One server; the connection is kept from one request to the next.

    Args:
        name: what the server is called in messages. Addresses may hold tokens and are never repeated.
        timeout: a server that hasn't answered in full by then counts as away.
        login: name and password (HTTP basic).
        ca_file: certificates of who may vouch for the server (PEM); without it, the system's.

    """

    def __init__(
        self,
        name: str,
        timeout: timedelta,
        *,
        login: tuple[str, str] | None = None,
        ca_file: Path | None = None,
    ) -> None:
        self.name = name
        self._timeout = aiohttp.ClientTimeout(total=timeout.total_seconds())
        self._login = aiohttp.BasicAuth(*login, encoding="utf-8") if login else None
        self._ca_file = ca_file
        self._session: aiohttp.ClientSession | None = None

    async def ask(
        self, method: str, url: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> bytes:
        """Send one request; return the body of the answer.

        Raises:
            SinkUnavailable: it is away, busy, or doesn't let us in.
            SinkRefused: it has read the request and will never take it.

        """
        try:
            session = self._opened()
            # Followed, a redirected POST would become a GET, and what it brought would be gone.
            async with session.request(
                method, url, data=body or None, headers=headers, allow_redirects=False
            ) as answer:
                told = await answer.read()
                status, after = answer.status, answer.headers.get("Retry-After", "")
        except TimeoutError as error:
            seconds = self._timeout.total
            raise SinkUnavailable(f"{self.name}: no answer within {seconds:g} s") from error
        except aiohttp.InvalidURL as error:
            raise SinkUnavailable(f"{self.name}: its address is none") from error
        except (aiohttp.ClientError, OSError) as error:
            raise SinkUnavailable(f"{self.name}: {_in_words(error)}") from error
        if 200 <= status < 300:  # noqa: PLR2004 - what HTTP calls success
            return told
        shown = told[:SHOWN].decode(errors="replace").strip()
        why = ": ".join(filter(None, (f"{self.name}: HTTP {status}", _ADVICE.get(status), shown)))
        if status in REFUSALS:
            raise SinkRefused(why)
        raise SinkUnavailable(why, patience(after))

    async def close(self) -> None:
        """Let go of the connection."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()
            await asyncio.sleep(0)  # the loop closes the sockets at its next turn

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            trust = ssl.create_default_context(cafile=self._ca_file)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=trust),
                timeout=self._timeout,
                auth=self._login,
                headers={"User-Agent": "venue-monitor"},
            )
        return self._session


def _in_words(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorError):
        return error.os_error.strerror or str(error.os_error)
    return str(error) or type(error).__name__


def patience(told: str) -> timedelta:
    """Return how long a server asks us to wait (RFC 9110, 10.2.3): seconds, or a date."""
    try:
        if told.isascii() and told.isdigit():
            wait = timedelta(seconds=int(told))
        else:
            wait = parsedate_to_datetime(told) - datetime.now(UTC)
    except (ValueError, TypeError, OverflowError):
        return timedelta(0)
    return max(timedelta(0), min(wait, LONGEST_WAIT))
