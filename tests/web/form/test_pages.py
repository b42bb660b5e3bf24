"""The pages of the phone form: the address says which is shown, however long a page takes to be made."""

import pytest
from playwright.async_api import expect

from tests.support.form_browser import Phone, base_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

HOLD = """async ([base, act]) => {
    const { Store } = await import(`${base}store.js`);
    const real = Store.prototype[act];
    const released = new Promise((resolve) => (window.release = resolve));
    Store.prototype[act] = async function (...given) {
        window.isAsked = true;
        await released;
        return real.apply(this, given);
    };
}"""
"""Lets the phone's memory do something only once `release` is called."""
TWICE = "(each) => { each.click(); each.click(); }"
ONLINE = "dispatchEvent(new Event('online'))"
"""What makes the form ask the monitor, and show what came of it."""


async def test_a_slow_page_does_not_replace_a_later_one(linh: Phone) -> None:
    """A form's page waits for its photos; whoever has gone on meanwhile stays where they are."""
    page = await linh.open()
    key = await linh.fill_in()
    await linh.go("#/outbox")
    await page.locator("#send").evaluate("(each) => (each.dataset.old = '')")
    await page.evaluate(HOLD, [await base_of(page), "photos"])
    await page.goto(f"{linh.url}/m/#/form/{key}")
    await page.wait_for_function("() => window.isAsked")
    await page.goto(f"{linh.url}/m/#/outbox")
    await expect(page.locator("#send:not([data-old])")).to_be_visible()
    await page.evaluate("window.release()")
    await page.evaluate(ONLINE)
    await linh.until_quiet()
    assert await page.title() == "Only on this phone"
    assert await page.locator("#send").is_visible()


async def test_who_has_gone_on_is_not_called_back(linh: Phone) -> None:
    """«Next» takes its time, because the answer is still being kept: whoever goes elsewhere meanwhile stays there."""
    page = await linh.open()
    await linh.begin("Fire safety of the hall")
    await page.evaluate(HOLD, [await base_of(page), "change"])
    await page.locator(".answers .pass").click()
    await page.locator("#next").click()
    await page.wait_for_function("() => window.isAsked")
    await page.evaluate("location.hash = '#/outbox'")
    await page.evaluate("window.release()")
    await linh.shown()
    await linh.until_quiet()
    assert page.url.endswith("#/outbox")
    assert await linh.states() == ["draft"]


async def test_a_press_counts_once(linh: Phone) -> None:
    """Pressed twice in a hurry, a checklist begins one form."""
    page = await linh.open()
    await page.locator("button.card", has_text="Fire safety of the hall").evaluate(TWICE)
    await expect(page.locator("#question")).to_be_visible()
    await linh.shown()
    assert await linh.states() == ["draft"]


async def test_a_page_that_is_made_anew_leaves_people_where_they_are(linh: Phone) -> None:
    """What has the focus keeps it, the page is not scrolled, and what is pressed stays below the finger."""
    page = await linh.open()
    await page.set_viewport_size({"width": 375, "height": 300})
    await page.evaluate("scrollTo(0, 10_000)")
    dark = page.get_by_role("button", name="Dark")
    await dark.focus()
    before = await page.evaluate("scrollY")
    assert before > 0
    await _made_anew(linh)
    await expect(dark).to_be_focused()
    assert await page.evaluate("scrollY") == before

    card = page.locator("button.card", has_text="Fire safety of the hall")
    await card.hover()
    await page.mouse.down()
    await page.evaluate(ONLINE)
    await linh.until_quiet()
    await page.mouse.up()
    await expect(page.locator("#question")).to_be_visible()


async def test_what_is_being_written_stays(linh: Phone) -> None:
    """The form has asked the monitor meanwhile: the page is made anew only when nothing is being written on it."""
    page = await linh.open()
    await page.get_by_role("button", name="Scan a label").click()
    await page.locator("#code").fill("hal")
    for _ in range(2):
        await page.evaluate(ONLINE)
        await linh.until_quiet()
    await expect(page.locator("#code")).to_have_value("hal")
    await page.get_by_role("button", name="Close").click()
    await _made_anew(linh)


async def test_the_way_back_from_a_finished_form_leads_home(linh: Phone) -> None:
    """Its items can't be answered any more, so their addresses show the form, and are no obstacle on the way back."""
    page = await linh.open()
    await linh.fill_in()
    await linh.finish(becomes="accepted")
    for _ in range(4):
        await page.go_back()
        await linh.shown()
    await expect(page.locator("#title")).to_have_text("My checklists")


async def _made_anew(linh: Phone) -> None:
    await linh.page.locator("#title").evaluate("(each) => (each.dataset.old = '')")
    await linh.page.evaluate(ONLINE)
    await expect(linh.page.locator("#title[data-old]")).to_have_count(0)
