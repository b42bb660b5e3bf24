"""Sends pages to an ntfy server, with a button to acknowledge; the first choice in a venue without internet access."""

from typing import Any

import aiohttp
from apprise.plugins.ntfy import NotifyNtfy, NtfyMode
from msgspec.structs import replace

from monitor.core.phrase import Phrase, phrase
from monitor.core.rules.model import Severity
from monitor.errors import AddressInvalid
from monitor.sinks.notify.channel import DELIVERED, Outcome
from monitor.sinks.notify.http_channel import HttpChannel
from monitor.texts import Text

PRIORITY: dict[Severity, int] = {"life_safety": 5, "critical": 5, "high": 4, "medium": 3, "low": 2}
"""ntfy's own scale (docs.ntfy.sh/publish, message priority): 5 rings until it is dismissed, 2 makes no sound."""
LONGEST_BODY = 4000
"""Bytes: a message of more than 4,096 becomes an attachment, which a phone does not show."""


class NtfyChannel:
    """One or more topics of a server; a page is delivered when each topic has accepted it.

    Apprise parses the address, but does not send: it reports neither the server's response nor how long to wait, and
    puts the button's label in a header, where only Latin letters are safe (docs/adr/0013).

    Raises:
        AddressInvalid: the address is invalid.

    """

    def __init__(self, url: str) -> None:
        found = NotifyNtfy.parse_url(url)  # type: ignore[no-untyped-call] # Apprise has no types here
        plugin = NotifyNtfy(**found) if found else None  # type: ignore[no-untyped-call] # nor here
        if plugin is None or not plugin.topics:
            raise AddressInvalid(phrase("channel-no-topic"))
        self._topics: list[str] = plugin.topics
        secure = plugin.secure or plugin.mode == NtfyMode.CLOUD
        host = plugin.host if plugin.mode != NtfyMode.CLOUD else "ntfy.sh"
        port = f":{plugin.port}" if plugin.port else ""
        self._server = f"{'https' if secure else 'http'}://{host}{port}"
        headers: dict[str, str] = {}
        if plugin.token:
            headers["Authorization"] = f"Bearer {plugin.token}"
        elif plugin.user:
            headers["Authorization"] = aiohttp.encode_basic_auth(plugin.user, plugin.password or "")
        self._http = HttpChannel(url, headers, verify=plugin.verify_certificate)

    async def send(self, text: Text) -> Outcome:
        """Post it to each topic; see `PageChannel`."""
        for n, topic in enumerate(self._topics):
            outcome = await self._http.send(f"{self._server}/", self._message(topic, text))
            if outcome.result != "delivered":
                # The topics before this one have the page, and would get it again.
                return replace(outcome, result="unknown") if n else outcome
        return DELIVERED

    async def reach(self) -> Phrase | str:
        """Ask the server for its health; see `PageChannel`."""
        return await self._http.reach(f"{self._server}/v1/health")

    async def close(self) -> None:
        """Close the connection."""
        await self._http.close()

    def _message(self, topic: str, text: Text) -> dict[str, Any]:
        message: dict[str, Any] = {
            "topic": topic,
            "title": text.title,
            "message": text.body.encode()[:LONGEST_BODY].decode(errors="ignore"),
            "priority": PRIORITY[text.severity],
        }
        if text.link:
            message["click"] = text.link
            take = {"action": "http", "label": text.button, "url": text.link, "method": "POST"}
            message["actions"] = [take | {"clear": True}]
        return message
