"""Takes the pictures of the phone form: a fire door fails, is repaired, inspected again, and its zone is GO."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, expect

from monitor.core.events.inspection import InspectionApproved
from monitor.core.events.work import ReadinessSigned
from tests.support.browser import chromium
from tests.support.console import ConsoleSite, console_line, console_site
from tests.support.form_browser import Phone, phone

LATER = 60
"""Seconds after which the monitor has judged what was sent."""


@dataclass(frozen=True, slots=True)
class Shots:
    """Where pictures go."""

    folder: Path
    suffix: str

    async def take(self, phone: Phone, name: str, *, is_whole: bool = False) -> None:
        """Take a picture of a phone; ``is_whole``: of a page that is longer than the screen."""
        height = 1200 if is_whole else 780
        await phone.page.set_viewport_size({"width": 375, "height": height})
        await phone.page.evaluate("scrollTo(0, 0)")
        await phone.page.screenshot(path=self.folder / f"form-{name}{self.suffix}.png")


async def take(
    folder: Path, language: str = "en", theme: str = "light", *, suffix: str = ""
) -> None:
    """Play the story of the engineers' page, and take its pictures."""
    with tempfile.TemporaryDirectory() as temporary, console_line(Path(temporary)) as line:
        async with console_site(Path(temporary), line) as site, chromium() as browser:
            await site.add("linh", "engineer")
            await site.add("bao", "engineer")
            shots = Shots(folder, suffix)
            await _story(site, browser, shots, language, theme)


async def _story(
    site: ConsoleSite, browser: Browser, shots: Shots, language: str, theme: str
) -> None:
    async with phone(browser, site.url) as linh, phone(browser, site.url) as bao:
        for each, name in ((linh, "linh"), (bao, "bao")):
            await each.sign_in(site, name)
            await each.open(is_ready=True)
            await each.set_up(language, theme)
        await shots.take(linh, "home")
        await _fail(linh)
        await shots.take(linh, "failed", is_whole=True)
        await linh.go_on()
        await linh.measure("4,1")
        await linh.answer("pass")
        await linh.finish(becomes="accepted")
        await _judged(site, linh)
        await shots.take(linh, "no-go")

        await bao.open()
        await bao.page.locator('a.card[href*="action/"]').first.click()
        await expect(bao.page.locator("#done")).to_be_visible()
        await bao.page.locator("#note").fill("New closer fitted, the door closes by itself")
        await shots.take(bao, "action")
        await bao.page.locator("#done").click()
        await bao.until_quiet()
        site.line.wait(LATER)

        await linh.open()
        await linh.page.locator('a.card[href*="action/"]').first.click()
        await expect(linh.page.locator("#inspect")).to_be_visible()
        await linh.page.locator("#inspect").click()
        await linh.page.locator(".answers .pass").click()
        await shots.take(linh, "again")
        await linh.go_on()
        await linh.measure("4,1")
        await linh.answer("pass")
        await linh.finish(becomes="accepted")
        site.line.wait(LATER)
        own = linh.page.url.split("/form/")[1].split("/")[0]
        at = site.line.clock.time
        approved = InspectionApproved(at=at, checklist="check", inspection=own, approver="minh")
        site.line.pipeline.record(approved, "console/minh", "approval")
        signed = ReadinessSigned(at=site.line.clock.time, zone="hall", who="minh")
        site.line.pipeline.record(signed, "console/minh", "sign-off")
        site.line.wait(LATER)
        await linh.page.reload()
        await _judged(site, linh)
        await shots.take(linh, "go")


async def _fail(linh: Phone) -> None:
    page = linh.page
    await page.locator("button.card").first.click()
    await page.locator(".answers .fail").click()
    await linh.take_photo("#7a2a1a")
    await page.get_by_role("textbox").first.fill("East door does not close, its closer leaks oil")
    await page.locator("#act").click()
    await page.locator(".action textarea").fill("Replace the door closer")


async def _judged(site: ConsoleSite, linh: Phone) -> None:
    site.line.wait(LATER)
    await expect(linh.page.locator("#outcome [data-state]")).to_be_visible(timeout=15_000)
