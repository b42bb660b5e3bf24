"""Many tabs of one browser: one stream for all, nothing missed when the tab that has it closes or stands still."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from monitor.core.events.commands import StaffMask
from tests.support.console import ConsoleSite, console_site
from tests.support.pipeline import PipelineHarness
from tests.support.servers import eventually

ANSWERS_LATE = """
const post = BroadcastChannel.prototype.postMessage;
BroadcastChannel.prototype.postMessage = function (message) {
  setTimeout(() => post.call(this, message), message.kind === "here" ? 400 : 0);
};
"""
"""A tab that is busy when it is asked what it follows."""

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def site(tmp_path: Path, line: PipelineHarness) -> AsyncIterator[ConsoleSite]:
    """A console with an officer."""
    async with console_site(tmp_path, line) as made:
        await made.add("anna", "officer")
        yield made


@asynccontextmanager
async def signed_in(browser: Browser, site: ConsoleSite) -> AsyncIterator[BrowserContext]:
    """Open a browser in which an officer has signed in."""
    async with AsyncExitStack() as stack:
        context = await browser.new_context()
        stack.push_async_callback(context.close)
        token = await site.cookie("anna")
        await context.add_cookies([{"name": "vm", "value": token, "url": site.url}])
        yield context


async def board(context: BrowserContext, site: ConsoleSite) -> Page:
    """Open a tab with the board, and wait until it is live."""
    page = await context.new_page()
    await page.goto(f"{site.url}/board")
    await expect(page.locator("#alive")).to_contain_text("14:0")
    return page


async def test_eight_tabs_have_one_stream_and_miss_nothing(
    browser: Browser, site: ConsoleSite
) -> None:
    """When the tab that has the stream closes, another goes on from where it stands."""
    (live,) = site.parts.live
    async with signed_in(browser, site) as context:
        tabs = [await board(context, site) for _ in range(8)]
        await eventually(lambda: live.streams == 1)
        first = site.happens()
        for page in tabs:
            await expect(page.locator(f"#alert-{first.id}")).to_be_attached()
        assert live.streams == 1

        await tabs.pop(0).close()
        missed = site.happens("door.tamper", active=True)
        for page in tabs:
            await expect(page.locator(f"#alert-{missed.id}")).to_be_attached()
            await expect(page.locator("html")).not_to_have_class("stale")
        await eventually(lambda: live.streams == 1)


async def test_a_tab_that_stands_still_is_replaced(browser: Browser, site: ConsoleSite) -> None:
    """A tab that hears nothing for four seconds takes the stream over, before it looks stale for long."""
    async with signed_in(browser, site) as context:
        leader = await board(context, site)
        other = await board(context, site)
        # As in a tab that the browser has frozen: the lock stays with it, and nobody hears from it.
        await leader.evaluate("BroadcastChannel.prototype.postMessage = () => undefined")
        alert = site.happens()
        await expect(other.locator(f"#alert-{alert.id}")).to_be_attached()
        await expect(leader.locator(f"#alert-{alert.id}")).to_be_attached()


async def test_a_tab_that_answers_late_is_live_all_the_same(
    browser: Browser, site: ConsoleSite
) -> None:
    """The stream of the other tab begins anew with what this one follows, and stays."""
    (live,) = site.parts.live
    async with signed_in(browser, site) as context:
        leader = await board(context, site)
        streams: list[str] = []
        leader.on("request", lambda request: streams.append(request.url))
        late = await context.new_page()
        await late.add_init_script(ANSWERS_LATE)
        await late.goto(f"{site.url}/masks")
        await eventually(lambda: any("follows=masks" in url for url in streams))

        until = site.line.clock.time + timedelta(hours=1)
        mask = StaffMask(
            at=site.line.clock.time, who="anna", what="*", point="e1", until=until, reason="repair"
        )
        site.line.pipeline.record(mask, "console/anna", "mask")
        await expect(late.locator("[data-follows=masks]")).to_contain_text("repair")
        assert live.streams == 1
        assert len([url for url in streams if "follows=masks" in url]) == 1


async def test_without_locks_each_tab_has_its_own_and_the_fifth_is_warned(
    browser: Browser, site: ConsoleSite
) -> None:
    """Over plain HTTP a browser has no locks, and six connections in all."""
    (live,) = site.parts.live
    async with signed_in(browser, site) as context:
        await context.add_init_script("delete Navigator.prototype.locks")
        tabs = [await board(context, site) for _ in range(5)]
        await eventually(lambda: live.streams == 5)
        await expect(tabs[4].locator("#tabs")).to_be_visible()
        await expect(tabs[0].locator("#tabs")).to_be_hidden()
