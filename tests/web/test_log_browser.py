"""The shift log in a browser: written by the keyboard alone, and kept up with what others write."""

import pytest
from playwright.async_api import Browser, expect

from tests.support.console import ConsoleSite
from tests.support.console_browser import signed_in, stop_clock

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_entry_is_written_by_the_keyboard_alone(
    browser: Browser, site: ConsoleSite
) -> None:
    """`g l` leads to the log, `n` to the text, Ctrl+Enter sends it; what was sent is not there to be sent again."""
    async with signed_in(browser, site, "anna") as page:
        await page.clock.install()
        await page.goto(f"{site.url}/board")
        await stop_clock(page)  # the second key has two seconds
        await page.keyboard.press("g")
        await page.keyboard.press("l")
        await page.wait_for_url("**/log")
        await page.clock.resume()
        await page.keyboard.press("n")
        await page.keyboard.type("patrol 3 sent, n is a letter here")
        await page.keyboard.press("Control+Enter")
        await expect(page.locator("#entry-1 .text")).to_have_text(
            "patrol 3 sent, n is a letter here"
        )
        await expect(page.locator("#write textarea")).to_have_value("")


async def test_entries_of_others_are_announced(browser: Browser, site: ConsoleSite) -> None:
    """Without a reload the page says how many are new; what is being written outlives showing them."""
    async with signed_in(browser, site, "anna") as page, site.client("karim") as karim:
        await page.goto(f"{site.url}/log?site=centre")
        await expect(page.locator("#alive")).to_contain_text("14:0")
        await page.locator("#write textarea").fill("half a sentence")
        for number, place in enumerate(("centre", "annex", "centre/hall")):
            form = {"key": f"{number}", "text": f"by karim {number}", "place": place}
            assert (await karim.post("/log", data=form)).status_code == 303
        await expect(page.locator("#followed")).to_have_text("2 new entries. Show them.")
        await page.locator("#followed a").click()
        await expect(page.locator(".entry-line .text")).to_have_text(["by karim 2", "by karim 0"])
        await expect(page.locator("#followed")).to_be_empty()
        await expect(page.locator("#write textarea")).to_have_value("half a sentence")


async def test_a_strike_by_somebody_else_is_announced(browser: Browser, site: ConsoleSite) -> None:
    """What was struck after the page was read counts as new; what was struck before, or elsewhere, does not."""
    async with signed_in(browser, site, "anna") as page, site.client("karim") as karim:
        for number, place in enumerate(("centre", "centre", "annex")):
            form = {"key": f"{number}", "text": f"by karim {number}", "place": place}
            assert (await karim.post("/log", data=form)).status_code == 303
        await karim.post("/log/1/strike", data={"key": "1", "text": "wrong gate"})
        site.line.wait(1)
        await page.goto(f"{site.url}/log?site=centre")
        await expect(page.locator("#alive")).to_contain_text("14:0")
        await expect(page.locator("#followed")).to_be_empty()
        site.line.wait(1)
        for entry in ("3", "2"):
            struck = await karim.post(
                f"/log/{entry}/strike", data={"key": entry, "text": "wrong gate"}
            )
            assert struck.status_code == 303
        await expect(page.locator("#followed")).to_have_text("1 new entry. Show it.")
