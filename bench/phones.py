"""The phones of those who are paged: a server that speaks ntfy's language and notes when each page came in."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from bench.broker import HOST


class Phones:
    """Everybody's, behind one port."""

    def __init__(self) -> None:
        self.port = 0
        self.came: list[tuple[str, float]] = []
        """The title of each page, and when it came in, in seconds since 1970."""

    async def hear(self, request: web.BaseRequest) -> web.Response:
        """Take a page, or tell that all is well."""
        now = time.time()
        if request.method == "POST":
            message = await request.json()
            self.came.append((message["title"], now))
        return web.json_response({"healthy": True})

    def roster(self, people: int) -> str:
        """Return a roster by which each of so many people is told of each forced door, at once and singly."""
        names = [f"p{n}" for n in range(people)]
        tables = [
            f'[[person]]\nid = "{name}"\nname = "{name}"\nlanguages = ["en"]\n'
            f'channel = [{{ name = "phone", url = "ntfy://{HOST}:{self.port}/{name}", per_minute = 600 }}]'
            for name in names
        ]
        told = ", ".join(f'"{name}"' for name in names)
        return "\n\n".join(
            [
                *tables,
                '[[escalation]]\nid = "duress"\nsilent = true\nstep = [{ tell = "p0" }]',
                f'[[escalation]]\nid = "doors"\nrules = ["door-forced"]\nstep = [{{ tell = [{told}], wait = "1h" }}]',
                '[[escalation]]\nid = "all-else"',
                '[flood]\npages = 100\n\n[fallback]\ntell = "p0"\n',
            ]
        )


@asynccontextmanager
async def phones() -> AsyncIterator[Phones]:
    """Serve them."""
    made = Phones()
    runner = web.ServerRunner(web.Server(made.hear), shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, 0).start()
        made.port = runner.addresses[0][1]
        yield made
    finally:
        await runner.cleanup()
