"""The phone form in a browser: a phone that is signed in, and what a person does on it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import BrowserContext, Page, async_playwright, expect

from tests.support.browser import ARGUMENTS
from tests.support.console import ConsoleSite
from tests.support.servers import program_of

PHONE = {"width": 375, "height": 780}


@asynccontextmanager
async def profile(folder: Path) -> AsyncIterator[BrowserContext]:
    """Run a browser with a profile that outlives it."""
    path = program_of("chromium", "chromium")
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            str(folder), executable_path=path, args=ARGUMENTS, viewport=PHONE, has_touch=True
        )
        try:
            yield context
        finally:
            await context.close()


async def sign_in(context: BrowserContext, site: ConsoleSite, name: str) -> None:
    """Give a browser the session of an account."""
    cookie = {"name": "vm", "value": await site.cookie(name), "url": site.url}
    await context.add_cookies([cookie])  # type: ignore[list-item]


async def open_form(context: BrowserContext, site: ConsoleSite) -> Page:
    """Open the form, and wait until it has heard of the server or knows that it can't."""
    page = await context.new_page()
    await page.goto(f"{site.url}/m/")
    await expect(page.locator("html[data-ready]")).to_be_attached()
    return page


async def begin(page: Page, checklist: str) -> str:
    """Begin a form; return its key."""
    await page.get_by_role("button", name=checklist).click()
    await expect(page.locator("#question")).to_be_visible()
    return page.url.split("/form/")[1].split("/")[0]


async def answer(page: Page, result: str) -> None:
    """Answer the item that is shown, and go on to the next."""
    await page.locator(f".answers .{result}").click()
    await page.locator("#next").click()
