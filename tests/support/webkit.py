"""WebKit, the engine of Safari, as Debian has it: on a screen that nobody sees, driven by the WebDriver protocol."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx

from tests.support.servers import HOST, PATIENCE, free_port, program_of

_CALL = """
const done = arguments[arguments.length - 1];
Promise.resolve()
  .then(() => (SOURCE)(...[...arguments].slice(0, -1)))
  .then((value) => done({ value: value ?? null }), (error) => done({ error: `${error}` }));
"""
_SHOWS = """async (selector, text) => {
    const isShown = (each) => each.checkVisibility() && each.textContent.includes(text);
    while (![...document.querySelectorAll(selector)].some(isShown)) {
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
}"""
_TYPE = """(selector, text) => {
    const field = document.querySelector(selector);
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
}"""


class WebKitPage:
    """The one page of a WebKit browser.

    Args:
        driver: a client of the browser's driver, at the address of the session.

    """

    def __init__(self, driver: httpx.AsyncClient) -> None:
        self._driver = driver

    async def open(self, url: str) -> None:
        """Go to an address, and wait until it is loaded."""
        await self._ask("url", url=url)

    async def add_cookie(self, name: str, value: str) -> None:
        """Give the site that is open a cookie."""
        await self._ask("cookie", cookie={"name": name, "value": value, "path": "/"})

    async def run(self, source: str, *given: object) -> object:
        """Call a JavaScript function; return what it returns, or what its promise becomes."""
        script = _CALL.replace("SOURCE", source)
        found = await self._ask("execute/async", script=script, args=list(given))
        assert isinstance(found, dict)
        assert "error" not in found, found["error"]
        return found["value"]

    async def shows(self, selector: str, text: str = "") -> None:
        """Wait until an element is visible, with a text in it."""
        await self.run(_SHOWS, selector, text)

    async def press(self, selector: str, text: str = "") -> None:
        """Press what is visible, with a text in it."""
        await self.shows(selector, text)
        find = "[...document.querySelectorAll(selector)].find((each) => each.textContent.includes(text))"
        await self.run(f"(selector, text) => {find}.click()", selector, text)

    async def type(self, selector: str, text: str) -> None:
        """Type into a field that is visible."""
        await self.shows(selector)
        await self.run(_TYPE, selector, text)

    async def _ask(self, command: str, **values: object) -> object:
        answer = await self._driver.post(command, json=values)
        found: object = answer.json()["value"]
        assert answer.is_success, found
        return found


@asynccontextmanager
async def webkit(home: Path) -> AsyncIterator[WebKitPage]:
    """Run the browser; ``home`` is a folder for its files."""
    port, driver = free_port(), program_of("WebKitWebDriver", "webkit2gtk-driver")
    async with _display() as display:
        environment = {**os.environ, "DISPLAY": display, "HOME": str(home)}
        environment |= {"XDG_RUNTIME_DIR": str(home), "WEBKIT_DISABLE_DMABUF_RENDERER": "1"}
        arguments = (f"--host={HOST}", f"--port={port}")
        async with _running(driver, *arguments, env=environment), _session(port) as page:
            yield page


@asynccontextmanager
async def _session(port: int) -> AsyncIterator[WebKitPage]:
    """Open the browser's window, and close it."""
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{port}", timeout=2 * PATIENCE) as driver:
        await _until_ready(driver)
        made = await driver.post("/session", json={"capabilities": {}})
        assert made.is_success, made.text
        own = f"http://{HOST}:{port}/session/{made.json()['value']['sessionId']}"
        await driver.post(f"{own}/timeouts", json={"script": PATIENCE * 1000})
        driver.base_url = httpx.URL(own)
        try:
            yield WebKitPage(driver)
        finally:
            await driver.delete(own)


async def _until_ready(driver: httpx.AsyncClient) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            with suppress(httpx.TransportError):
                if (await driver.get("/status")).json()["value"]["ready"]:
                    return
            await asyncio.sleep(0.05)


@asynccontextmanager
async def _display() -> AsyncIterator[str]:
    """Run a screen that nobody sees; yield its name."""
    server = program_of("Xvfb", "xvfb")
    async with _running(server, "-displayfd", "1", "-nolisten", "tcp") as process:
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            number = await process.stdout.readline()
        yield f":{number.decode().strip()}"


@asynccontextmanager
async def _running(
    program: str, *arguments: str, env: Mapping[str, str] | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        program,
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=env,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
