"""On call in a browser: a shift changes hands by three presses, and a phone in another time zone is told so."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.support.console import ConsoleSite, console_site
from tests.support.console_browser import signed_in
from tests.support.pipeline import PipelineHarness
from tests.support.routes import furnish

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def site(tmp_path: Path, line: PipelineHarness) -> AsyncIterator[ConsoleSite]:
    """A console in which Anna is on call in the guards until 19:00, and Karim after her."""
    async with console_site(tmp_path, line) as made:
        await made.add("anna", "supervisor")
        await made.add("karim", "on_call")
        yield made


async def in_zone(page: Page, zone: str) -> None:
    """Set the time zone of the device."""
    session = await page.context.new_cdp_session(page)
    await session.send("Emulation.setTimezoneOverride", {"timezoneId": zone})


async def test_a_shift_is_taken_on_a_phone(browser: Browser, site: ConsoleSite) -> None:
    """Look, read what it leads to, take it; the page then says who is on call."""
    async with signed_in(browser, site, "karim", width=375) as page:
        await page.goto(f"{site.url}/oncall")
        await page.get_by_role("link", name="Guards").last.click()
        await page.get_by_role("button", name="Show what that changes").click()
        await expect(page.get_by_text("Instead of Anna Nguyễn")).to_be_visible()
        await page.get_by_role("button", name="I take this shift").click()
        await expect(page.get_by_role("button", name="End it now")).to_be_visible()
    (override,) = site.line.engine.state.paging.overrides.values()
    assert (override.person, override.until) == ("karim", datetime(2026, 1, 1, 12, tzinfo=UTC))


async def test_a_device_in_another_time_zone_is_told(browser: Browser, site: ConsoleSite) -> None:
    """The times stay those of the congress."""
    async with signed_in(browser, site, "karim") as page:
        await in_zone(page, "Asia/Dubai")
        await page.goto(f"{site.url}/oncall")
        await expect(page.locator("#time-zone")).to_contain_text("Asia/Dubai")
        await expect(page.locator("#time-zone")).to_contain_text("\u20683\u2069 h behind")
    async with signed_in(browser, site, "karim") as page:
        await in_zone(page, "Asia/Bangkok")
        await page.goto(f"{site.url}/oncall")
        await expect(page.get_by_role("heading", name="Teams")).to_be_visible()
        await expect(page.locator("#time-zone")).to_be_hidden()


async def test_a_mask_is_looked_at_before(browser: Browser, site: ConsoleSite) -> None:
    """From the alert to the form, filled in already, to the list of what is hidden."""
    alert = site.happens()
    async with signed_in(browser, site, "anna") as page:
        await page.goto(f"{site.url}/alerts/{alert.id}")
        await page.get_by_role("link", name="Mask expected alerts").click()
        await page.get_by_label("Reason").fill("new lock")
        await page.get_by_role("button", name="Show what it hides").click()
        await expect(page.locator(f'a[href="/alerts/{alert.id}"]')).to_be_visible()
        assert site.now(alert).needs_owner
        await page.get_by_role("button", name="Put the mask in force").click()
        await expect(page.get_by_text("It hides 1 open alert now")).to_be_visible()
    assert not site.now(alert).needs_owner


async def test_pages_of_duty_follow(browser: Browser, site: ConsoleSite) -> None:
    """A mask that is set appears by itself; a page of on-call that has become old says so."""
    async with signed_in(browser, site, "anna") as page:
        await page.goto(f"{site.url}/masks")
        await expect(page.locator("#alive")).to_contain_text("14:0")
        furnish(site.line)
        await expect(page.locator("[data-follows]")).to_contain_text("repair")
        await page.goto(f"{site.url}/oncall")
        await expect(page.locator("#alive")).to_contain_text("14:0")
        notice = page.locator("[data-follows]")
        await expect(notice).to_be_empty()
        site.happens()
        await expect(notice).to_have_text(re.compile(r"This page is as of .*14:0\d:\d\d"))
        await notice.get_by_role("link").click()
        await expect(page.get_by_text("Door forced open")).to_be_visible()
