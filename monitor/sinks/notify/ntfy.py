"""Hands pages to an ntfy server, with a button that says «mine»; in a sealed venue this is the first choice."""

from http import HTTPStatus
from typing import Any

import aiohttp
import msgspec
from apprise.plugins.ntfy import NotifyNtfy, NtfyMode
from msgspec.structs import replace

from monitor.core.rule import Severity
from monitor.errors import ConfigError
from monitor.remote import patience
from monitor.sinks.notify.channel import DELIVERED, Outcome
from monitor.sinks.notify.secrecy import hidden
from monitor.texts import Text

PRIORITY: dict[Severity, int] = {"life_safety": 5, "critical": 5, "high": 4, "medium": 3, "low": 2}
"""ntfy's own scale (docs.ntfy.sh/publish, message priority): 5 rings until somebody looks, 2 makes no sound."""
LONGEST_BODY = 4000
"""Characters: a message of more than 4,096 bytes becomes an attachment, which a phone doesn't show. Half are spare."""
LONGEST_ANSWER = 16_384
"""Bytes read of what the server says."""
_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.InvalidURL)
"""The connection was not even made: it has certainly not arrived."""


class NtfyChannel:
    """One or more topics of a server; delivered when each has taken it.

    Apprise reads the address; the message is ours, since Apprise tells neither what the server answered nor how long to
    wait, and sends the words on the button in a header, where only Latin letters are safe (docs/adr/0013).

    Raises:
        ConfigError: the address is none.

    """

    def __init__(self, url: str) -> None:
        self._url = url
        found = NotifyNtfy.parse_url(url)  # type: ignore[no-untyped-call] # Apprise has no types here
        plugin = NotifyNtfy(**found) if found else None  # type: ignore[no-untyped-call] # nor here
        if plugin is None or not plugin.topics:
            what = "this is no address of a topic; write e.g. ntfys://ntfy.example.org/topic"
            raise ConfigError([what])
        self._topics: list[str] = plugin.topics
        secure = plugin.secure or plugin.mode == NtfyMode.CLOUD
        host = plugin.host if plugin.mode != NtfyMode.CLOUD else "ntfy.sh"
        port = f":{plugin.port}" if plugin.port else ""
        self._server = f"{'https' if secure else 'http'}://{host}{port}"
        self._headers = {"Content-Type": "application/json"}
        if plugin.token:
            self._headers["Authorization"] = f"Bearer {plugin.token}"
        elif plugin.user:
            login = aiohttp.encode_basic_auth(plugin.user, plugin.password or "")
            self._headers["Authorization"] = login
        self._verify: bool = plugin.verify_certificate
        self._session: aiohttp.ClientSession | None = None

    async def send(self, text: Text) -> Outcome:
        """Post it to each topic; see `Channel`."""
        for place, topic in enumerate(self._topics):
            outcome = await self._post(self._message(topic, text))
            if outcome.result != "delivered":
                # Those topics that have it would get it again.
                return replace(outcome, result="unknown") if place else outcome
        return DELIVERED

    async def reach(self) -> str:
        """Ask the server for its health; see `Channel`."""
        try:
            async with self._open().get(f"{self._server}/v1/health", ssl=self._verify) as answer:
                return "" if answer.status == HTTPStatus.OK else f"HTTP {answer.status}"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return self._told(error)

    async def close(self) -> None:
        """Let go of the connection."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _message(self, topic: str, text: Text) -> dict[str, Any]:
        message: dict[str, Any] = {
            "topic": topic,
            "title": text.title,
            "message": text.body[:LONGEST_BODY],
            "priority": PRIORITY[text.severity],
        }
        if text.link:
            message["click"] = text.link
            take = {"action": "http", "label": text.button, "url": text.link, "method": "POST"}
            message["actions"] = [take | {"clear": True}]
        return message

    async def _post(self, message: dict[str, Any]) -> Outcome:
        body = msgspec.json.encode(message)
        try:
            async with self._open().post(
                f"{self._server}/",
                data=body,
                headers=self._headers,
                ssl=self._verify,
                allow_redirects=False,
            ) as answer:
                said = await answer.content.read(LONGEST_ANSWER)
                if answer.status == HTTPStatus.OK:
                    # Cut off in the middle, the answer proves nothing.
                    return (
                        DELIVERED
                        if _is_whole(said)
                        else Outcome(result="unknown", reason="half an answer")
                    )
                return Outcome(
                    result="failed",
                    reason=f"HTTP {answer.status}",
                    retry_after=patience(answer.headers.get("Retry-After", "")),
                )
        except _NOT_SENT as error:
            return Outcome(result="failed", reason=self._told(error))
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Outcome(result="unknown", reason=self._told(error))

    def _told(self, error: Exception) -> str:
        return hidden(str(error) or type(error).__name__, self._url)

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        return self._session


def _is_whole(said: bytes) -> bool:
    try:
        return isinstance(msgspec.json.decode(said), dict)
    except msgspec.DecodeError:
        return False
