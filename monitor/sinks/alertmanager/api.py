"""Speaks Alertmanager's API v2 with one peer, in the form that 0.25 and later understand."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from urllib.parse import quote

import msgspec
from msgspec import Struct

from monitor.runtime.http import Remote

_JSON = {"Content-Type": "application/json"}


class Posted(Struct, frozen=True, kw_only=True, rename="camel"):
    """An alert as it is told. What has one set of labels is one alert there."""

    labels: dict[str, str]
    annotations: dict[str, str] = {}
    starts_at: datetime
    """Never left out: with ``endsAt`` alone it would begin when it ends."""
    ends_at: datetime
    """Until then it fires; in the past, it is resolved."""


class Status(Struct, frozen=True, kw_only=True, rename="camel"):
    """What Alertmanager does with an alert."""

    state: Literal["unprocessed", "active", "suppressed"]
    silenced_by: tuple[str, ...] = ()
    """Ids of silences."""


class Held(Posted, frozen=True, kw_only=True, rename="camel"):
    """An alert as Alertmanager has it."""

    status: Status


class Matcher(Struct, frozen=True, kw_only=True, rename="camel"):
    """One label that decides what a silence hides."""

    name: str
    value: str
    is_regex: bool = False
    is_equal: bool = True
    """``False``: every value but this one."""


class SilenceStatus(Struct, frozen=True, kw_only=True):
    """Whether a silence is in force."""

    state: Literal["pending", "active", "expired"]


class Silence(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Alerts that are told to nobody for a while."""

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
        SinkUnavailable: it is away.
        SinkRefused: it has read what was sent and will never take it.

    """

    def __init__(self, url: str, remote: Remote) -> None:
        self._api = f"{url.rstrip('/')}/api/v2"
        self._remote = remote

    async def post(self, alerts: Sequence[Posted]) -> None:
        """Tell alerts. Refused, some of them may have been taken all the same."""
        await self._remote.ask(
            "POST", f"{self._api}/alerts", msgspec.json.encode(alerts), headers=_JSON
        )

    async def held(self, monitor: str) -> list[Held]:
        """Return the firing alerts whose label ``monitor`` is this."""
        only = quote(f'monitor="{monitor}"', safe="")
        told = await self._remote.ask("GET", f"{self._api}/alerts?filter={only}")
        return msgspec.json.decode(told, type=list[Held])

    async def silences(self) -> list[Silence]:
        """Return all silences, those that ended lately too."""
        told = await self._remote.ask("GET", f"{self._api}/silences")
        return msgspec.json.decode(told, type=list[Silence])

    async def put(self, silence: Silence) -> None:
        """Make a silence, or change the one that has its id."""
        await self._remote.ask(
            "POST", f"{self._api}/silences", msgspec.json.encode(silence), headers=_JSON
        )

    async def expire(self, silence_id: str) -> None:
        """End a silence."""
        await self._remote.ask("DELETE", f"{self._api}/silence/{quote(silence_id, safe='')}")

    async def close(self) -> None:
        """Let go of the connection."""
        await self._remote.close()
