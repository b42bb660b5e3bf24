"""Takes pictures of the console while a demonstration runs."""

import argparse
import asyncio
import os
import pty
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from itertools import product
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

from playwright.async_api import Page

from scripts.form_screenshots import take as take_form
from tests.support.browser import chromium

PICTURES = {
    "board": ("/board", 510),
    "alert": ("/alerts/*", 580),
    "plan": ("/plan/*", 900),
    "readiness": ("/readiness", 700),
    "on-call": ("/oncall", 590),
}
"""The pictures of the documents: name, address in the form of `kind_of`, and height; wider than high, and ≤ 150 kB."""
LANGUAGES, THEMES = ("en", "vi", "ar"), ("dark", "light")
SIZES = ((375, 812), (1440, 900), (3840, 2160))
FOLDER = Path(__file__).parents[1] / "docs/pictures"
LINK = re.compile(rb"http://127\.0\.0\.1:\d+/join/[\w-]{43}")
HREFS = "[...document.querySelectorAll('a[href^=\"/\"]')].map((each) => each.getAttribute('href'))"
SPEED = "30"
"""Slow enough to take the documents' pictures before the day is over: then nobody counts any more."""
BUSY_DAY = 300_000
"""Milliseconds for as many alerts as `ENOUGH` to come up."""
ENOUGH = 14
"""Open alerts with which the board looks as on a busy day."""
SETTLED = 700
"""Milliseconds for the live stream to say that the page is live."""


def main() -> None:
    """Take the pictures of the documents, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--all", type=Path, metavar="FOLDER", help="every page, language, theme and width"
    )
    asyncio.run(_take(parser.parse_args().all))


async def _take(folder: Path | None) -> None:
    (folder or FOLDER).mkdir(parents=True, exist_ok=True)
    if folder is None:
        await take_form(FOLDER)
    else:
        for language, theme in product(LANGUAGES, THEMES):
            await take_form(folder, language, theme, suffix=f"-{language}-{theme}")
    with tempfile.TemporaryDirectory() as temporary, _demo(Path(temporary)) as link:
        async with _signed_in(link) as page:
            found = await _pages(page, link)
            await _work(page, link, found)
            if folder is None:
                for name, (kind, height) in PICTURES.items():
                    if kind in found:
                        await _open(page, link, found[kind])
                        await page.set_viewport_size({"width": 1440, "height": height})
                        await page.screenshot(path=FOLDER / f"{name}.png")
            else:
                await _take_all(page, link, found, folder)


async def _take_all(page: Page, link: str, found: dict[str, str], folder: Path) -> None:
    for language, theme in product(LANGUAGES, THEMES):
        cookies = {"vm-language": language, "vm-theme": theme}
        await page.context.add_cookies(
            [{"name": key, "value": value, "url": _at(link, "/")} for key, value in cookies.items()]
        )
        for kind, path in found.items():
            name = kind.strip("/").replace("/", "-").replace("*", "one")
            await _open(page, link, path)
            for width, height in SIZES:
                await page.set_viewport_size({"width": width, "height": height})
                await page.screenshot(path=folder / f"{name}-{language}-{theme}-{width}.png")


async def _open(page: Page, link: str, path: str) -> None:
    await page.goto(_at(link, path))
    await page.wait_for_timeout(SETTLED)


@contextmanager
def _demo(folder: Path) -> Iterator[str]:
    """Play a day; yield the link that signs in."""
    ours, theirs = pty.openpty()
    size = {"TERM": "xterm", "COLUMNS": "200", "LINES": "50"}
    command = [
        sys.executable,
        "-m",
        "monitor",
        "demo",
        "--speed",
        SPEED,
        "--folder",
        str(folder / "demo"),
    ]
    demo = subprocess.Popen(  # noqa: S603 - ourselves
        command, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, env={**os.environ, **size}
    )
    os.close(theirs)
    try:
        shown = b""
        while LINK.search(shown) is None:
            shown += os.read(ours, 65536)
        # What nobody reads would stop the demonstration.
        Thread(target=_read_on, args=(ours,), daemon=True).start()
        yield str(LINK.findall(shown)[-1].decode())
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait()


def _read_on(terminal: int) -> None:
    with suppress(OSError):
        while os.read(terminal, 65536):
            pass


@asynccontextmanager
async def _signed_in(link: str) -> AsyncIterator[Page]:
    async with chromium() as browser:
        page = await browser.new_page(reduced_motion="reduce")
        await page.goto(link)
        await page.locator("main button").click()
        await page.wait_for_url("**/board*")
        await page.locator(".row").nth(ENOUGH - 1).wait_for(timeout=BUSY_DAY)
        yield page


async def _pages(page: Page, link: str) -> dict[str, str]:
    """Return an address of each kind of page that links lead to."""
    found = {"/board": "/board"}
    waiting = ["/board"]
    while waiting:
        await page.goto(_at(link, waiting.pop(0)))
        for href in await page.evaluate(HREFS):
            path = urlsplit(href).path
            if kind_of(path) not in found and not path.startswith("/static"):
                found[kind_of(path)] = path
                waiting.append(path)
    return found


def kind_of(path: str) -> str:
    """Return an address with ``*`` in place of what is named by an id, which is every second part."""
    parts = path.strip("/").split("/")
    if len(parts) > 1 and parts[1] != "new":
        parts[1] = "*"
    return "/" + "/".join(parts)


async def _work(page: Page, link: str, found: dict[str, str]) -> None:
    """Do what officers would have done by then: take some alerts, tick a step, write a note."""
    await page.goto(_at(link, "/board"))
    titles = await page.locator('[data-group="nobody"] .row .title').all()
    alerts = [str(await title.get_attribute("href")) for title in titles[1:4]]
    for path in alerts:
        await page.goto(_at(link, path))
        take = page.locator('form[action$="/acknowledge"] button').first
        if await take.count():  # it may be over by now
            await take.click()
    found["/alerts/*"] = alerts[0]
    await page.goto(_at(link, alerts[0]))
    await page.locator(".tick").first.click()
    await page.locator("summary[data-key=KeyN]").click()
    await page.locator('form[action$="/note"] textarea').fill("Patrol 3 is on the way")
    await page.locator('form[action$="/note"] button').click()


def _at(link: str, path: str) -> str:
    return f"{link.partition('/join/')[0]}{path}"


if __name__ == "__main__":
    main()
