"""Posts a page as JSON to a service and tells what became of it; two channels speak to theirs like this."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import aiohttp
import msgspec

from monitor.runtime.http import patience
from monitor.sinks.notify.channel import DELIVERED, UNSURE, Outcome
from monitor.sinks.notify.redact import hidden

LONGEST_ANSWER = 16_384
"""Bytes read of what the server says."""
Said = dict[str, Any]
_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.InvalidURL)
"""The connection was not even made: it has certainly not arrived."""
_FAILED = (aiohttp.ClientError, OSError, ValueError)


class Post:
    """A service that takes JSON.

    Args:
        address: the channel's; no part of it gets into a reason.
        headers: of every message.
        verify: whether somebody has to vouch for the service.

    """

    def __init__(self, address: str, headers: Mapping[str, str], *, verify: bool) -> None:
        self._address = address
        self._headers = {"Content-Type": "application/json", **headers}
        self._verify = verify
        self._session: aiohttp.ClientSession | None = None

    async def send(
        self,
        url: str,
        message: Said,
        wait: Callable[[Said], timedelta] = lambda _: timedelta(0),
    ) -> Outcome:
        """Post a message.

        Args:
            url: where to.
            message: what.
            wait: how long the service wants to be left in peace, where it says so in its answer.

        """
        try:
            async with self._open().post(
                url,
                data=msgspec.json.encode(message),
                headers=self._headers,
                ssl=self._verify,
                allow_redirects=False,
            ) as answer:
                said = _read(await answer.content.read(LONGEST_ANSWER))
                if answer.status == HTTPStatus.OK:
                    # Cut off in the middle, the answer proves nothing.
                    if said is None:
                        return Outcome(result="unknown", reason="half an answer")
                    return DELIVERED
                return Outcome(
                    result="unknown" if answer.status in UNSURE else "failed",
                    reason=f"HTTP {answer.status}",
                    retry_after=max(
                        patience(answer.headers.get("Retry-After", "")), wait(said or {})
                    ),
                )
        except _NOT_SENT as error:
            return Outcome(result="failed", reason=self._told(error))
        except _FAILED as error:
            return Outcome(result="unknown", reason=self._told(error))

    async def reach(self, url: str) -> str:
        """Tell why a page can't be read; empty if it can."""
        try:
            async with self._open().get(url, headers=self._headers, ssl=self._verify) as answer:
                return "" if answer.status == HTTPStatus.OK else f"HTTP {answer.status}"
        except _FAILED as error:
            return self._told(error)

    async def close(self) -> None:
        """Let go of the connection."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _told(self, error: Exception) -> str:
        return hidden(str(error) or type(error).__name__, self._address)

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        return self._session


def _read(body: bytes) -> Said | None:
    try:
        said = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return None
    return said if isinstance(said, dict) else None
