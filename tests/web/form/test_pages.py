"""The pages of the phone form: the address says which is shown, however long a page takes to be made."""

import pytest
from playwright.async_api import expect

from tests.support.form_browser import Phone

pytestmark = pytest.mark.asyncio(loop_scope="session")

HOLD = """async () => {
    const open = indexedDB.open("vm");
    const db = await new Promise((resolve) => (open.onsuccess = () => resolve(open.result)));
    const writing = db.transaction("photos", "readwrite");
    const photos = writing.objectStore("photos");
    const goOn = () => window.isReleased || (photos.count().onsuccess = goOn);
    goOn();
    const real = IDBDatabase.prototype.transaction;
    IDBDatabase.prototype.transaction = function (...given) {
        window.isAsked ||= given[0] === "photos";
        return real.apply(this, given);
    };
    window.release = async () => {
        window.isReleased = true;
        const after = db.transaction("photos", "readwrite");
        after.objectStore("photos").count();
        await new Promise((resolve) => (after.oncomplete = resolve));
    };
}"""
"""Writes photos for as long as it takes, so that who reads them waits; `release` returns once they have read."""


async def test_a_slow_page_does_not_replace_a_later_one(linh: Phone) -> None:
    """A form's page waits for its photos; whoever has gone on meanwhile stays where they are."""
    page = await linh.open()
    key = await linh.fill_in()
    await linh.finish(becomes="accepted")
    await linh.until_quiet()
    outbox = f"{linh.url}/m/#/outbox"
    await page.goto(outbox)
    await page.locator("#send").evaluate("(each) => (each.dataset.old = '')")
    await page.evaluate(HOLD)
    await page.goto(f"{linh.url}/m/#/form/{key}")
    await page.wait_for_function("() => window.isAsked")
    await page.goto(outbox)
    await expect(page.locator("#send:not([data-old])")).to_be_visible()
    await page.evaluate("window.release()")
    assert await page.title() == "Only on this phone"
    assert await page.locator("#send").is_visible()
