"""Pages people through all addresses at once."""

import asyncio
from collections.abc import Callable, Sequence

import structlog
from apprise import Apprise

from monitor.deadman.settings import PageAddress
from monitor.texts import Language, best

log = structlog.get_logger()

PATIENCE = 60.0
"""Seconds for all addresses together; each has shorter limits of its own."""


class Notifier:
    """Sends to all addresses.

    Args:
        addresses: log events refer to them by number, since they contain secrets.

    """

    def __init__(self, addresses: Sequence[PageAddress]) -> None:
        # Made now: Apprise loads all its plugins for the first one, which would delay the watcher later.
        self._addresses = [(best((row.language,)), _opened(row.url)) for row in addresses]

    async def send(self, write: Callable[[Language], tuple[str, str]]) -> bool:
        """Send to all addresses; return whether at least one accepted it.

        Args:
            write: returns title and text in a language.

        """
        # In separate tasks: Apprise may treat a cancellation as a failed delivery, and continue.
        tasks = []
        for language, each in self._addresses:
            title, text = write(language)
            tasks.append(asyncio.ensure_future(each.async_notify(body=text, title=title)))
        done, _ = await asyncio.wait(tasks, timeout=PATIENCE)
        accepted = [task in done and bool(task.result()) for task in tasks]
        for number, is_accepted in enumerate(accepted, 1):
            if not is_accepted:
                log.warning("page_failed", address=number)
        return any(accepted)


def _opened(url: str) -> Apprise:
    address = Apprise()
    address.add(url)
    return address
