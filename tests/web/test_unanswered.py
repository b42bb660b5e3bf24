"""An act whose outcome is not known in time: nobody is told that it was done."""

from pathlib import Path

import httpx
from litestar import get

from monitor.app.console import make_application
from monitor.app.parts import Parts
from monitor.config.http import Http
from monitor.errors import Unanswered
from tests.support.console import console_line, console_site


@get("/late", opt={"right": "open"})
async def late() -> None:
    """Wait in vain for a cluster."""
    raise Unanswered("congress: no outcome")


async def test_an_act_that_is_not_answered_is_on_its_way(tmp_path: Path) -> None:
    """A page says so with status 503, and a script gets its sentence alone."""
    with console_line(tmp_path) as line:
        async with console_site(tmp_path, line) as site:
            app = make_application(
                Http(), line.pipeline, None, site.accounts, site.monitor.status, Parts(), [late]
            )
            transport = httpx.ASGITransport(app)  # type: ignore[arg-type] # Litestar's own types are narrower
            async with httpx.AsyncClient(transport=transport, base_url="http://m") as client:
                page = await client.get("/late", headers={"accept": "text/html"})
                part = await client.get("/late", headers={"hx-request": "true"})

    assert (page.status_code, part.status_code) == (503, 503)
    assert "<h1>No answer yet" in page.text
    assert part.text.startswith("<p>What you did is on its way.")
