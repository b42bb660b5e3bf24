"""One open page that follows the live stream: a bounded queue, closed when the browser does not keep up."""

import asyncio
from collections.abc import AsyncIterator
from typing import ClassVar, Literal

import msgspec

from monitor.web.viewer import Viewer

Farewell = Literal["resync", "rights", "signed-out", "slow", "replaced"]
"""Why a stream ends: the page has to be read anew, its rights have changed, nobody is signed in any more ..."""


class Subscription:
    """The stream of one page.

    Args:
        viewer: who reads it, as of when it was opened.
        token: of their session.
        follows: the parts of its pages that change with the monitor, besides the board.

    """

    LONGEST: ClassVar[int] = 32
    """Events that wait for a slow browser."""
    MOST_OF_ONE_SESSION: ClassVar[int] = 12
    """Pages that one browser may have open; the oldest makes room."""

    def __init__(self, viewer: Viewer, token: str, follows: tuple[str, ...] = ()) -> None:
        self.viewer = viewer
        self.token = token
        self.follows = follows
        self.scope = viewer.scope
        self.parts: dict[str, str] = {}
        """What was sent last of each part of its pages."""
        self.is_closed = False
        self._queue: asyncio.Queue[bytes] = asyncio.Queue(self.LONGEST)

    @property
    def is_full(self) -> bool:
        """Whether the next event closes it."""
        return self._queue.full()

    def send(self, event: bytes) -> None:
        """Add an event; a full queue closes the stream."""
        if self.is_closed:
            return
        try:
            self._queue.put_nowait(event)
        except asyncio.QueueFull:
            self.close("slow")

    def close(self, why: Farewell, position: str = "") -> None:
        """End the stream after saying why; nothing that waited is sent.

        Args:
            why: the reason.
            position: where a page goes on that can't be read anew, because a person is writing in it.

        """
        if self.is_closed:
            return
        self.is_closed = True
        while not self._queue.empty():
            self._queue.get_nowait()
        self._queue.put_nowait(server_sent_event("bye", {"why": why, "position": position}))

    async def events(self) -> AsyncIterator[bytes]:
        """Yield the events until the stream is closed; those that waited for a slow browser together."""
        while True:
            event = await self._queue.get()
            while not self._queue.empty():
                event += self._queue.get_nowait()
            yield event
            if self.is_closed and self._queue.empty():
                return


def server_sent_event(kind: str, content: object, own: str = "") -> bytes:
    """Return an event as it is sent (WHATWG HTML, server-sent events); JSON has no line breaks."""
    head = f"id: {own}\n" if own else ""
    return f"{head}event: {kind}\ndata: ".encode() + msgspec.json.encode(content) + b"\n\n"
