"""The console in a browser, signed in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page

from tests.support.console import ConsoleSite


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
