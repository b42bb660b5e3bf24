"""Hands pages to a Telegram bot, with a button that leads to the page where somebody says «mine»."""

from datetime import timedelta
from typing import Any

from apprise.plugins.telegram import NotifyTelegram
from msgspec.structs import replace

from monitor.errors import ConfigError
from monitor.sinks.notify.channel import DELIVERED, Outcome
from monitor.sinks.notify.http_channel import Post, Said
from monitor.texts import Text

SERVER = "https://api.telegram.org"
"""Telegram's own; a site that runs Telegram's Bot API server itself names it with ``?api=``."""
LONGEST = 4000
"""Characters: Telegram takes 4,096."""


class TelegramChannel:
    """One or more chats of a bot; delivered when each has taken it.

    Apprise reads the address; the message is ours, since Apprise sends no buttons and doesn't tell how long to wait.

    Raises:
        ConfigError: the address is none.

    """

    def __init__(self, url: str) -> None:
        found = NotifyTelegram.parse_url(url)  # type: ignore[no-untyped-call] # Apprise has no types here
        if not found or not found.get("targets"):
            what = "this is no address of a chat; write e.g. tgram://123456:bot-token/chat-id"
            raise ConfigError([what])
        try:
            plugin = NotifyTelegram(**found)  # type: ignore[no-untyped-call] # nor here
        except TypeError as error:
            raise ConfigError(["Telegram's bot token looks like 123456789:ABC..."]) from error
        self._chats: tuple[tuple[int | str, int | None], ...] = tuple(plugin.targets)
        server = str(found["qsd"].get("api", SERVER)).rstrip("/")
        self._bot = f"{server}/bot{plugin.bot_token}"
        self._post = Post(url, {}, verify=plugin.verify_certificate)

    async def send(self, text: Text) -> Outcome:
        """Send it to each chat; see `Channel`."""
        for place, (chat, topic) in enumerate(self._chats):
            message = _message(chat, topic, text)
            outcome = await self._post.send(f"{self._bot}/sendMessage", message, _wait)
            if outcome.result != "delivered":
                # Those chats that have it would get it again.
                return replace(outcome, result="unknown") if place else outcome
        return DELIVERED

    async def reach(self) -> str:
        """Ask whether the bot is known; see `Channel`."""
        return await self._post.reach(f"{self._bot}/getMe")

    async def close(self) -> None:
        """Let go of the connection."""
        await self._post.close()


def _message(chat: int | str, topic: int | None, text: Text) -> dict[str, Any]:
    message: dict[str, Any] = {"chat_id": chat, "text": f"{text.title}\n\n{text.body}"[:LONGEST]}
    if topic is not None:
        message["message_thread_id"] = topic
    if text.link.startswith("https://"):
        # Telegram refuses buttons that lead nowhere in the open; the link stands in the text as well.
        button = {"text": text.button, "url": text.link}
        message["reply_markup"] = {"inline_keyboard": [[button]]}
    return message


def _wait(said: Said) -> timedelta:
    """Return what Telegram says in a 429: ``{"parameters": {"retry_after": 5}}``."""
    told = said.get("parameters")
    seconds = told.get("retry_after") if isinstance(told, dict) else None
    return timedelta(seconds=min(seconds, 3600)) if isinstance(seconds, int) else timedelta(0)
