"""The phones of the people on call: an ntfy server that notes when each page arrived."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from bench.broker import HOST


class Phones:
    """All phones, behind one port."""

    def __init__(self) -> None:
        self.port = 0
        self.received: list[tuple[str, float]] = []
        """The title of each page, and when it arrived, in seconds since 1970."""

    async def receive(self, request: web.BaseRequest) -> web.Response:
        """Accept a page, or answer a health check."""
        now = time.time()
        if request.method == "POST":
            message = await request.json()
            self.received.append((message["title"], now))
        return web.json_response({"healthy": True})

    def roster(self, people: int) -> str:
        """Return a roster in which everyone is paged about each forced door, at once and one by one."""
        names = [f"p{n}" for n in range(people)]
        tables = [
            f'[[person]]\nid = "{name}"\nname = "{name}"\nlanguages = ["en"]\n'
            f'channel = [{{ name = "phone", url = "ntfy://{HOST}:{self.port}/{name}", per_minute = 600 }}]'
            for name in names
        ]
        paged = ", ".join(f'"{name}"' for name in names)
        doors = (
            '[[escalation]]\nid = "doors"\nrules = ["door-forced"]\n'
            f'step = [{{ notify = [{paged}], wait = "1h" }}]'
        )
        return "\n\n".join(
            [
                *tables,
                '[[escalation]]\nid = "duress"\nsilent = true\nstep = [{ notify = "p0" }]',
                doors,
                '[[escalation]]\nid = "all-else"',
                '[flood]\npages = 100\n\n[fallback]\nnotify = "p0"\n',
            ]
        )


@asynccontextmanager
async def phones() -> AsyncIterator[Phones]:
    """Serve the phones on a free port."""
    served = Phones()
    runner = web.ServerRunner(web.Server(served.receive), shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, 0).start()
        served.port = runner.addresses[0][1]
        yield served
    finally:
        await runner.cleanup()
