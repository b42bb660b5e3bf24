"""A network that stops without notice: the page says so within five seconds, and comes back with nothing missed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from monitor.web import live
from tests.support.console import ConsoleSite, console_site
from tests.support.console_browser import hears_nothing
from tests.support.mqtt_faults import TcpProxy
from tests.support.pipeline import PipelineHarness

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROWS = """
[...document.querySelectorAll("#board .row")].map((row) =>
  [row.dataset.id, row.dataset.group, row.querySelector(".owner").innerText, row.querySelector(".times").innerText])
"""


@pytest_asyncio.fixture(loop_scope="session")
async def site(tmp_path: Path, line: PipelineHarness) -> AsyncIterator[ConsoleSite]:
    """A console with an officer."""
    async with console_site(tmp_path, line) as made:
        await made.add("anna", "officer")
        yield made


@asynccontextmanager
async def cut_off(browser: Browser, site: ConsoleSite) -> AsyncIterator[tuple[TcpProxy, Page]]:
    """Open the board of an officer, and wait until its network has stopped and the page says so."""
    context = await browser.new_context()
    try:
        async with TcpProxy(site) as network:
            url = f"http://{network.address.host}:{network.address.port}"
            token = await site.cookie("anna")
            await context.add_cookies([{"name": "vm", "value": token, "url": url}])
            page = await context.new_page()
            await page.clock.install()
            await page.goto(f"{url}/board")
            await expect(page.locator("#alive")).to_contain_text("14:0")
            network.freeze()
            await hears_nothing(page)
            yield network, page
    finally:
        await context.close()


async def test_a_page_comes_back_as_it_would_be_read_anew(
    browser: Browser, site: ConsoleSite
) -> None:
    """Meanwhile alerts have opened, recurred, closed, and got an owner."""
    closes, taken = site.happens(), site.happens("door.tamper", active=True)
    async with cut_off(browser, site) as (network, page):
        site.send("door.alarm", alarm="normal")
        site.send("door.tamper", active=True)
        new = [site.happens("door.tamper", point, active=True) for point in ("e1", "g1")]
        async with site.client("anna") as anna:
            await anna.post(f"/alerts/{taken.id}/acknowledge", data={"key": "k"})
        network.cut()
        await page.clock.resume()
        await expect(page.locator("html")).not_to_have_class("stale")
        await expect(page.locator(f"#alert-{closes.id}")).to_have_count(0)
        for alert in new:
            await expect(page.locator(f"#alert-{alert.id}")).to_be_attached()
        shown = await page.evaluate(ROWS)
        await page.reload()
        assert shown == await page.evaluate(ROWS)


async def test_a_page_that_has_missed_too_much_reads_itself_anew(
    browser: Browser, site: ConsoleSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One reading costs less than hundreds of changes."""
    monkeypatch.setattr(live, "MOST_MISSED", 1)
    async with cut_off(browser, site) as (network, page):
        await page.evaluate("window.isOld = true")
        missed = [site.happens("door.tamper", point, active=True) for point in ("d1", "e1")]
        network.cut()
        await page.clock.resume()
        for alert in missed:
            await expect(page.locator(f"#alert-{alert.id}")).to_be_attached()
        assert await page.evaluate("window.isOld === undefined")
