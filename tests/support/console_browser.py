"""The console in a browser, signed in; and the clock of its scripts, so that no test has to be quicker than these."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Error, Page

from tests.support.console import ConsoleSite

STALE_AFTER = 5_500
"""Milliseconds: a page that hears nothing says so after five seconds, and looks twice a second."""
IS_STALE = "document.documentElement.classList.contains('stale')"


@asynccontextmanager
async def signed_in(
    browser: Browser, site: ConsoleSite, name: str, *, width: int = 1440, language: str = ""
) -> AsyncIterator[Page]:
    """Open a page of a signed-in officer, or with an empty name of nobody; it must report no error."""
    context = await browser.new_context(
        viewport={"width": width, "height": 900}, reduced_motion="reduce"
    )
    cookies = {"vm-language": language, "vm": await site.cookie(name) if name else ""}
    await context.add_cookies(
        [{"name": key, "value": value, "url": site.url} for key, value in cookies.items() if value]
    )
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        lambda message: (
            errors.append(message.text) if "Content Security Policy" in message.text else None
        ),
    )
    try:
        yield page
        assert errors == []
    finally:
        await context.close()


async def stop_clock(page: Page) -> None:
    """Let no time pass in a page any more, until its clock is resumed; it was installed before the page was opened."""
    while True:
        soon = await page.evaluate("Date.now()") / 1000 + 1
        try:
            return await page.clock.pause_at(soon)
        except Error:  # the machine is busy, and it is later already
            continue


async def hears_nothing(page: Page) -> None:
    """Let a page hear nothing for as long as it may, by its clock, which stands still then; it has to look stale."""
    await stop_clock(page)
    # What was on its way to the page when its stream stopped may arrive once or twice.
    for _ in range(5):
        await page.clock.run_for(STALE_AFTER)
        if await page.evaluate(IS_STALE):
            return
    raise AssertionError("a page that has heard nothing for five seconds does not look stale")
