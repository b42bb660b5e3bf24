"""Pages people through all addresses at once."""

import asyncio
from collections.abc import Sequence

import structlog
from apprise import Apprise

log = structlog.get_logger()

PATIENCE = 60.0
"""Seconds for all addresses together; each has shorter limits of its own."""


class Notifier:
    """Sends to all addresses.

    Args:
        urls: Apprise URLs; log events refer to them by number, since they contain secrets.

    """

    def __init__(self, urls: Sequence[str]) -> None:
        # Made now: Apprise loads all its plugins for the first one, which would delay the watcher later.
        self._addresses = [_address(url) for url in urls]

    async def send(self, title: str, text: str) -> bool:
        """Send to all addresses; return whether at least one accepted it."""
        # In separate tasks: Apprise may treat a cancellation as a failed delivery, and continue.
        tasks = [
            asyncio.ensure_future(each.async_notify(body=text, title=title))
            for each in self._addresses
        ]
        done, _ = await asyncio.wait(tasks, timeout=PATIENCE)
        accepted = [task in done and bool(task.result()) for task in tasks]
        for number, is_accepted in enumerate(accepted, 1):
            if not is_accepted:
                log.warning("page_failed", address=number)
        return any(accepted)


def _address(url: str) -> Apprise:
    address = Apprise()
    address.add(url)
    return address
