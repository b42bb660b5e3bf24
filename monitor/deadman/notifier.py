"""Tells people, by every way that there is at once."""

import asyncio
from collections.abc import Sequence

import structlog
from apprise import Apprise

log = structlog.get_logger()

PATIENCE = 60.0
"""Seconds that all ways together may take; each has shorter limits of its own."""


class Pager:
    """Sends to all addresses.

    Args:
        urls: Apprise URLs; messages name them by their place, since they hold secrets.

    """

    def __init__(self, urls: Sequence[str]) -> None:
        # Made now: Apprise reads all its plugins at the first, and the watching must not stop for that.
        self._ways = [_way(url) for url in urls]

    async def send(self, title: str, text: str) -> bool:
        """Return whether at least one of them took it."""
        # In tasks of their own: Apprise may take a cancellation for a failed delivery, and go on.
        tasks = [
            asyncio.ensure_future(way.async_notify(body=text, title=title)) for way in self._ways
        ]
        done, _ = await asyncio.wait(tasks, timeout=PATIENCE)
        took = [task in done and bool(task.result()) for task in tasks]
        for number, taken in enumerate(took, 1):
            if not taken:
                log.warning("page_failed", address=number)
        return any(took)


def _way(url: str) -> Apprise:
    way = Apprise()
    way.add(url)
    return way
