"""Sound in a browser: tested at the start of a shift, off in words until then, and heard for what is grave."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.support.console import ConsoleSite, console_site
from tests.support.console_browser import stop_clock
from tests.support.pipeline import PipelineHarness, event_payload

pytestmark = pytest.mark.asyncio(loop_scope="session")

COUNT_TONES = """
window.tones = [];
const { start } = OscillatorNode.prototype;
OscillatorNode.prototype.start = function (at) {
  window.tones.push({ hertz: this.frequency.value, state: this.context.state });
  return start.call(this, at);
};
"""
"""Notes the tones that the browser was told to play."""
HIDE = """
for (const [name, value] of [["hidden", true], ["visibilityState", "hidden"]])
  Object.defineProperty(document, name, { get: () => value });
document.dispatchEvent(new Event("visibilitychange"));
"""
"""What a page sees of being in the background; a headless browser shows all its tabs."""


@pytest_asyncio.fixture(loop_scope="session")
async def site(tmp_path: Path, line: PipelineHarness) -> AsyncIterator[ConsoleSite]:
    """A console with an officer."""
    async with console_site(tmp_path, line) as made:
        await made.add("anna", "officer")
        yield made


@asynccontextmanager
async def board(browser: Browser, site: ConsoleSite) -> AsyncIterator[Page]:
    """Open the board of an officer, with a record of the tones."""
    context = await browser.new_context()
    try:
        token = await site.cookie("anna")
        await context.add_cookies([{"name": "vm", "value": token, "url": site.url}])
        await context.add_init_script(COUNT_TONES)
        page = await context.new_page()
        await page.clock.install()
        await page.goto(f"{site.url}/board")
        await expect(page.locator("#alive")).to_contain_text("14:0")
        yield page
    finally:
        await context.close()


async def tones(page: Page, number: int) -> list[float]:
    """Wait for a number of tones in all; return their frequencies."""
    await page.wait_for_function("n => window.tones.length >= n", arg=number)
    played = await page.evaluate("window.tones")
    assert {tone["state"] for tone in played} <= {"running"}
    return [tone["hertz"] for tone in played]


async def turn_on(page: Page) -> None:
    """Test the sound, as at the start of a shift; from then on the page's clock stands still."""
    sound, passed = page.locator("#sound"), 0
    await stop_clock(page)
    await sound.click()
    while not await page.evaluate("window.tones.length"):
        await page.clock.run_for(100)
        passed += 100
    assert passed >= 2_000
    await expect(sound).to_contain_text("Did you hear it?")
    await sound.click()
    await expect(sound).to_contain_text("sound on")


async def test_sound_is_off_until_somebody_has_heard_it(
    browser: Browser, site: ConsoleSite
) -> None:
    """The test plays from a timer, as an alarm does; after a reload without a click the page says SOUND OFF again."""
    async with board(browser, site) as page:
        sound = page.locator("#sound")
        await expect(sound).to_contain_text("SOUND OFF")
        await turn_on(page)
        assert len(await tones(page, 3)) == 3
        heard = await page.evaluate("sessionStorage.heard")
        await expect(sound).to_have_text(f"♪ sound on {heard}")


async def test_what_is_grave_is_heard_also_in_a_hidden_tab(
    browser: Browser, site: ConsoleSite
) -> None:
    """One chime for a critical alert; three tones for life safety, again after ten seconds, until somebody has it."""
    async with board(browser, site) as page:
        await turn_on(page)
        await tones(page, 3)
        await page.evaluate(HIDE)
        site.happens()
        assert await tones(page, 4) == [880, 660, 880, 660]

        now = site.line.clock.time
        payload = event_payload("emergency.manual", now, zone="hall")
        site.line.take(site.line.sent("venue/centre/emergency/hall", payload))
        site.line.wait(3)
        assert await tones(page, 7) == [880, 660, 880, 660, 880, 660, 880]
        # Whatever else changes, it isn't repeated sooner.
        site.send("door.tamper", active=True)
        assert await tones(page, 8) == [880, 660, 880, 660, 880, 660, 880, 660]
        await page.clock.run_for(9_900)
        assert len(await tones(page, 8)) == 8
        await page.clock.run_for(100)
        assert (await tones(page, 11))[8:] == [880, 660, 880]

        (alert,) = [
            row
            for row in site.line.engine.state.alerts.open.values()
            if row.severity == "life_safety"
        ]
        async with site.client("anna") as anna:
            await anna.post(f"/alerts/{alert.id}/acknowledge", data={"key": "k"})
        await expect(page.locator("body")).to_have_attribute("data-urgent", "0")
