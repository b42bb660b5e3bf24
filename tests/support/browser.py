"""Debian's Chromium, headless, as a phone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page, async_playwright, expect

from tests.support.servers import PATIENCE, program_of

_WITHOUT = (
    # Chromium's own toolbar: its parts are pages, whose process costs more of each window than the page of a test.
    "InitialWebUI",
    "PreloadTopChromeWebUI",
    "SpareRendererForSitePerProcess",
    "WebUILocationBar",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "WebUIOmniboxPopup",
    "WebUIReloadButton",
    "WebUIToolbar",
    # Playwright's own list, since only the last such argument counts.
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
ARGUMENTS = (
    "--no-sandbox",  # tests may run as root, and open only our own web pages
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(_WITHOUT)}",
)

WIDTH = 390
"""Width of the phone in CSS pixels."""

SLOWLY = PATIENCE * 1000
"""Milliseconds to wait for whatever a page should show or do."""
expect.set_options(timeout=SLOWLY)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Run the browser."""
    path = program_of("chromium", "chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path, args=ARGUMENTS, timeout=SLOWLY
        )
        browser.on("context", lambda context: context.set_default_timeout(SLOWLY))
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def phone(browser: Browser) -> AsyncIterator[Page]:
    """Open a web page on a phone without scripts and without stored data."""
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
