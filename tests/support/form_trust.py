"""The console over HTTPS with a certificate of the venue's own authority, and a browser that trusts it."""

import asyncio
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from playwright.async_api import BrowserContext, async_playwright

from monitor.web.connection import server
from tests.support.browser import ARGUMENTS, SLOWLY
from tests.support.console import ConsoleSite
from tests.support.servers import HOST, eventually, free_port, program_of


@asynccontextmanager
async def served(site: ConsoleSite, tls: ssl.SSLContext) -> AsyncIterator[int]:
    """Serve a console over HTTPS as well; yield the port."""
    http = server(site.app, tls=tls)
    http.config.host, http.config.port = HOST, free_port()
    task = asyncio.create_task(http.serve())
    try:
        await eventually(lambda: http.started or task.done())
        yield http.config.port
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def trusting_browser(home: Path, authority: Path, name: str) -> AsyncIterator[BrowserContext]:
    """Run a browser that trusts an authority, and to which a name is this machine.

    Args:
        home: a folder for its certificates and its profile.
        authority: the certificate of the authority.
        name: a host name.

    """
    trusted = home / ".pki/nssdb"
    trusted.mkdir(parents=True)
    await _certutil("-N", "-d", f"sql:{trusted}", "--empty-password")
    await _certutil("-A", "-d", f"sql:{trusted}", "-t", "C,,", "-n", name, "-i", str(authority))
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            str(home / "profile"),
            executable_path=program_of("chromium", "chromium"),
            args=[*ARGUMENTS, f"--host-resolver-rules=MAP {name} {HOST}"],
            env={**os.environ, "HOME": str(home)},
            timeout=SLOWLY,
        )
        try:
            yield context
        finally:
            await context.close()


async def _certutil(*arguments: str) -> None:
    program = program_of("certutil", "libnss3-tools")
    made = await asyncio.create_subprocess_exec(program, *arguments)
    assert await made.wait() == 0
