"""Sends pages to a Telegram bot, with a button that leads to the acknowledge view."""

from datetime import timedelta
from typing import Any

from apprise.plugins.telegram import NotifyTelegram
from msgspec.structs import replace

from monitor.core.phrase import Phrase, phrase
from monitor.errors import AddressInvalid
from monitor.sinks.notify.channel import DELIVERED, Outcome
from monitor.sinks.notify.http_channel import HttpChannel, JsonObject
from monitor.texts import Text

SERVER = "https://api.telegram.org"
"""Telegram's own server; a site that runs its own Bot API server gives its address with ``?api=``."""
LONGEST = 4000
"""Characters: Telegram accepts 4,096."""


class TelegramChannel:
    """One or more chats of a bot; a page is delivered when each chat has accepted it.

    Apprise parses the address, but does not send: it supports no buttons and does not report how long to wait.

    Raises:
        AddressInvalid: the address is invalid.

    """

    def __init__(self, url: str) -> None:
        found = NotifyTelegram.parse_url(url)  # type: ignore[no-untyped-call] # Apprise has no types here
        if not found or not found.get("targets"):
            raise AddressInvalid(phrase("channel-no-chat"))
        try:
            plugin = NotifyTelegram(**found)  # type: ignore[no-untyped-call] # nor here
        except TypeError as error:
            raise AddressInvalid(phrase("channel-bot-token")) from error
        self._chats: tuple[tuple[int | str, int | None], ...] = tuple(plugin.targets)
        server = str(found["qsd"].get("api", SERVER)).rstrip("/")
        self._bot = f"{server}/bot{plugin.bot_token}"
        self._http = HttpChannel(url, {}, verify=plugin.verify_certificate)

    async def send(self, text: Text) -> Outcome:
        """Send it to each chat; see `PageChannel`."""
        for n, (chat, topic) in enumerate(self._chats):
            message = _message(chat, topic, text)
            outcome = await self._http.send(f"{self._bot}/sendMessage", message, _wait)
            if outcome.result != "delivered":
                # The chats before this one have the page, and would get it again.
                return replace(outcome, result="unknown") if n else outcome
        return DELIVERED

    async def reach(self) -> Phrase | str:
        """Check that the bot exists; see `PageChannel`."""
        return await self._http.reach(f"{self._bot}/getMe")

    async def close(self) -> None:
        """Close the connection."""
        await self._http.close()


def _message(chat: int | str, topic: int | None, text: Text) -> dict[str, Any]:
    message: dict[str, Any] = {"chat_id": chat, "text": f"{text.title}\n\n{text.body}"[:LONGEST]}
    if topic is not None:
        message["message_thread_id"] = topic
    if text.link.startswith("https://"):
        # Telegram refuses buttons whose link is not public; the text contains the link as well.
        button = {"text": text.button, "url": text.link}
        message["reply_markup"] = {"inline_keyboard": [[button]]}
    return message


def _wait(answer: JsonObject) -> timedelta:
    """Return the wait in Telegram's response to a 429: ``{"parameters": {"retry_after": 5}}``."""
    parameters = answer.get("parameters")
    seconds = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return timedelta(seconds=min(seconds, 3600)) if isinstance(seconds, int) else timedelta(0)
