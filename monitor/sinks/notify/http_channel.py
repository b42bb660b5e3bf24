"""Posts a page as JSON to a service and reports the outcome; the ntfy and Telegram channels are built on it."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import msgspec

from monitor.core.phrase import Phrase, phrase
from monitor.errors import SinkNotConnected, SinkUnavailable
from monitor.runtime.http import HttpClient
from monitor.sinks.notify.channel import DELIVERED, UNSURE, Outcome
from monitor.sinks.notify.redact import hidden_in

PATIENCE = timedelta(minutes=5)
"""The timeout of one request. The caller's own limit is shorter; this one ends what the caller has given up."""
JsonObject = dict[str, Any]


class HttpChannel:
    """A service that accepts JSON.

    Args:
        address: the channel's; no part of it gets into a reason.
        headers: of every message.
        verify: whether the service's certificate is checked.

    """

    def __init__(self, address: str, headers: Mapping[str, str], *, verify: bool) -> None:
        self._address = address
        self._headers = {"Content-Type": "application/json", **headers}
        self._client = HttpClient(phrase("channel-service"), PATIENCE, verify=verify)

    async def send(
        self,
        url: str,
        message: JsonObject,
        wait: Callable[[JsonObject], timedelta] = lambda _: timedelta(0),
    ) -> Outcome:
        """Post a message.

        Args:
            url: where it goes.
            message: its content.
            wait: returns how long the service asks us to wait, if the body of its response contains it.

        """
        body = msgspec.json.encode(message)
        try:
            response = await self._client.send("POST", url, body, self._headers)
        except SinkNotConnected as error:
            return Outcome(result="failed", reason=hidden_in(error.why, self._address))
        except SinkUnavailable as error:
            return Outcome(result="unknown", reason=hidden_in(error.why, self._address))
        answer = _object(response.body)
        if response.status == HTTPStatus.OK:
            # A body that is cut off proves nothing.
            if answer is not None:
                return DELIVERED
            return Outcome(result="unknown", reason=phrase("channel-half-answer"))
        return Outcome(
            result="unknown" if response.status in UNSURE else "failed",
            reason=phrase("channel-status", status=response.status),
            retry_after=max(response.retry_after, wait(answer or {})),
        )

    async def reach(self, url: str) -> Phrase | str:
        """Return why an address can't be read; empty if it can."""
        try:
            response = await self._client.send("GET", url, headers=self._headers)
        except SinkUnavailable as error:
            return hidden_in(error.why, self._address)
        if response.status == HTTPStatus.OK:
            return ""
        return phrase("channel-status", status=response.status)

    async def close(self) -> None:
        """Close the connection."""
        await self._client.close()


def _object(body: bytes) -> JsonObject | None:
    try:
        decoded = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return None
    return decoded if isinstance(decoded, dict) else None
