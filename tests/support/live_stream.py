"""The console's live stream, read event by event as a browser does."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec

from tests.support.servers import PATIENCE


class Stream:
    """An open stream, read event by event."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.text = ""
        """All that was received."""
        self._parts = response.aiter_text()
        self._rest = ""

    async def event(self, kind: str) -> tuple[str, Any]:
        """Return the place and content of the next event of a kind."""
        async with asyncio.timeout(PATIENCE):
            while True:
                while "\n\n" not in self._rest:
                    part = await anext(self._parts)
                    self.text += part
                    self._rest += part
                block, _, self._rest = self._rest.partition("\n\n")
                fields = dict(row.split(": ", 1) for row in block.split("\n"))
                if fields["event"] == kind:
                    return fields.get("id", ""), msgspec.json.decode(fields["data"])


@asynccontextmanager
async def stream(client: httpx.AsyncClient, last: str = "") -> AsyncIterator[Stream]:
    """Open the stream from a place on; by default from that of a board that is read now."""
    last = last or await place(client)
    headers = {"accept": "text/event-stream"}
    async with client.stream("GET", "/live", params={"last": last}, headers=headers) as response:
        assert response.status_code == 200
        yield Stream(response)


async def place(client: httpx.AsyncClient) -> str:
    """Return the place in the stream of the board as it is now."""
    found = re.search(r'data-position="([^"]+)"', (await client.get("/board")).text)
    assert found is not None
    return found[1]
