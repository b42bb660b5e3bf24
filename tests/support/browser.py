"""Debian's Chromium, without a screen: what people hold in their hands."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page, async_playwright

from tests.support.servers import program_of

ARGUMENTS = (
    "--no-sandbox",  # tests may run as root, and open nothing but our own pages
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

WIDTH = 390
"""Of the phone, in CSS pixels."""


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The browser, while it is needed."""
    path = program_of("chromium", "chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def phone(browser: Browser) -> AsyncIterator[Page]:
    """A page on a phone that runs no scripts and remembers nothing."""
    page = await browser.new_page(
        viewport={"width": WIDTH, "height": 780},
        device_scale_factor=2,
        has_touch=True,
        is_mobile=True,
        java_script_enabled=False,
    )
    try:
        yield page
    finally:
        await page.close()
