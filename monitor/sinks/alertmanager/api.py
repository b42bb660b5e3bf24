"""A client of Alertmanager's API v2 for one peer, compatible with 0.25 and later."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from urllib.parse import quote

import msgspec
from msgspec import Struct

from monitor.runtime.http import HttpClient

_JSON = {"Content-Type": "application/json"}


class PostableAlert(Struct, frozen=True, kw_only=True, rename="camel"):
    """An alert as it is posted. Alerts with the same labels are the same alert."""

    labels: dict[str, str]
    annotations: dict[str, str] = {}
    starts_at: datetime
    """Always given: with ``endsAt`` alone the alert would start when it ends."""
    ends_at: datetime
    """The alert fires until then; in the past: it is resolved."""


class AlertStatus(Struct, frozen=True, kw_only=True, rename="camel"):
    """What Alertmanager does with an alert."""

    state: Literal["unprocessed", "active", "suppressed"]
    silenced_by: tuple[str, ...] = ()
    """Ids of silences."""


class GettableAlert(PostableAlert, frozen=True, kw_only=True, rename="camel"):
    """An alert as Alertmanager returns it."""

    status: AlertStatus


class Matcher(Struct, frozen=True, kw_only=True, rename="camel"):
    """A condition on one label of the alerts that a silence covers."""

    name: str
    value: str
    is_regex: bool = False
    is_equal: bool = True
    """``False``: every other value."""


class SilenceStatus(Struct, frozen=True, kw_only=True):
    """Whether a silence is in force."""

    state: Literal["pending", "active", "expired"]


class Silence(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A silence: Alertmanager sends no notifications for the alerts that it covers."""

    matchers: tuple[Matcher, ...]
    starts_at: datetime
    ends_at: datetime
    created_by: str
    comment: str
    id: str = ""
    status: SilenceStatus | None = None


class Peer:
    """One Alertmanager.

    All methods raise:
        SinkUnavailable: the peer cannot be reached.
        SinkRefused: the peer has read the request and will never accept it.

    """

    def __init__(self, url: str, http: HttpClient) -> None:
        self._api = f"{url.rstrip('/')}/api/v2"
        self._client = http

    async def post(self, alerts: Sequence[PostableAlert]) -> None:
        """Post alerts. If they are refused, some of them may have been accepted all the same."""
        await self._client.ask(
            "POST", f"{self._api}/alerts", msgspec.json.encode(alerts), headers=_JSON
        )

    async def firing(self, monitor: str) -> list[GettableAlert]:
        """Return the firing alerts with this value of the label ``monitor``."""
        only = quote(f'monitor="{monitor}"', safe="")
        body = await self._client.ask("GET", f"{self._api}/alerts?filter={only}")
        return msgspec.json.decode(body, type=list[GettableAlert])

    async def silences(self) -> list[Silence]:
        """Return all silences, including those that expired recently."""
        body = await self._client.ask("GET", f"{self._api}/silences")
        return msgspec.json.decode(body, type=list[Silence])

    async def put(self, silence: Silence) -> None:
        """Create a silence, or change the one with its id."""
        await self._client.ask(
            "POST", f"{self._api}/silences", msgspec.json.encode(silence), headers=_JSON
        )

    async def expire(self, silence_id: str) -> None:
        """Expire a silence."""
        await self._client.ask("DELETE", f"{self._api}/silence/{quote(silence_id, safe='')}")

    async def close(self) -> None:
        """Close the connection."""
        await self._client.close()
