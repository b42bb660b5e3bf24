"""What the phone keeps in its database: through upgrades, other pages, and a browser that closes it or wipes it."""

import pytest
from playwright.async_api import expect

from tests.support.form_browser import Phone, base_of
from tests.support.phone_network import PhoneNetwork

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_upgrade_over_a_malformed_row(opened: Phone) -> None:
    """The next version of the database opens; the odd row is set aside and in the file, and nothing is lost."""
    script = """async (base) => {
        const { Store, STEPS } = await import(`${base}store.js`);
        const { contents } = await import(`${base}export.js`);
        const before = new Store({ name: "upgraded" });
        const form = { key: "good", kind: "form", state: "draft", answers: {}, actions: {}, started_at: "2026" };
        await before.keep(form, { key: "bad", state: ["?"], answers: 7 });
        const next = (db, transaction) => db.createObjectStore("more", { keyPath: "key" });
        const after = new Store({ name: "upgraded", steps: [...STEPS, next] });
        const forms = (await after.forms()).map((row) => row.key);
        const file = JSON.parse(await contents(after));
        return [forms, file.forms.length, file.unreadable];
    }"""
    found = await opened.page.evaluate(script, await base_of(opened.page))
    assert found == [["good"], 1, [{"key": "bad", "state": ["?"], "answers": 7}]]


async def test_an_upgrade_that_another_page_blocks(opened: Phone) -> None:
    """A page of ours lets go by itself; where one does not, it is said, and the upgrade goes on when it is closed."""
    script = """async (base) => {
        const { Store, STEPS } = await import(`${base}store.js`);
        const next = (db) => db.createObjectStore("more", { keyPath: "key" });
        const ours = new Store({ name: "blocked" });
        await ours.setMeta("n", 1);
        const foreign = await new Promise((resolve) => {
            const asked = indexedDB.open("blocked");
            asked.onsuccess = () => resolve(asked.result);
        });
        let said = 0;
        const told = new Promise((resolve) => (said = resolve));
        const after = new Store({ name: "blocked", steps: [...STEPS, next], onBlocked: () => said("told") });
        const value = after.meta("n");
        const blocked = await told;
        foreign.close();
        return [blocked, await value];
    }"""
    assert await opened.page.evaluate(script, await base_of(opened.page)) == ["told", 1]


async def test_a_database_that_the_browser_closes_is_opened_again(opened: Phone) -> None:
    """As iOS does in the background: what was to be kept is kept, in the same call."""
    script = """async (base) => {
        const { Store } = await import(`${base}store.js`);
        const store = new Store({ name: "closed" });
        await store.setMeta("n", 1);
        const real = IDBDatabase.prototype.transaction;
        let isFirst = true;
        IDBDatabase.prototype.transaction = function (...given) {
            if (isFirst) {
                isFirst = false;
                this.close();
            }
            return real.apply(this, given);
        };
        await store.setMeta("n", 2);
        IDBDatabase.prototype.transaction = real;
        return [isFirst, await new Store({ name: "closed" }).meta("n")];
    }"""
    assert await opened.page.evaluate(script, await base_of(opened.page)) == [False, 2]


async def test_a_paired_phone_sends_without_a_session_and_notices_when_it_was_wiped(
    linh: Phone, network: PhoneNetwork
) -> None:
    """Signed out, a paired phone sends; its memory wiped, it says what may be lost, until somebody has read it."""
    page = await linh.open()
    await network.cut()
    await page.locator("#pair").click()
    await expect(page.locator("#trouble")).to_have_text("That needs the network.")
    await network.restore()
    await page.locator("#pair").click()
    await expect(page.locator(".settings")).to_contain_text("may send forms for you until")
    await linh.context.clear_cookies(name="vm")
    await linh.open()
    await linh.fill_in()
    await linh.finish(becomes="accepted")

    session = await linh.context.new_cdp_session(page)
    await page.goto("about:blank")
    wiped = {"origin": network.url, "storageTypes": "indexeddb"}
    await session.send("Storage.clearDataForOrigin", wiped)
    await linh.open()
    await expect(page.locator("#wiped")).to_contain_text("not sent are lost")
    await page.locator("#wiped button").click()
    await expect(page.locator("#wiped")).to_have_count(0)
    await linh.open()
    await expect(page.locator("#wiped")).to_have_count(0)
    assert await linh.states() == []


async def test_two_drafts_of_one_checklist_and_the_bin(linh: Phone) -> None:
    """Both stay; one that is discarded is in the bin, and comes back whole."""
    page = await linh.open()
    kept = []
    for _ in range(2):
        kept.append(await linh.begin("Fire safety of the hall"))
        await linh.answer("pass")
        await linh.open()
    assert await linh.states() == ["draft", "draft"]
    await linh.go(f"#/form/{kept[0]}")
    await page.locator(".discard summary").click()
    await page.locator(".discard button").click()
    await expect(page.locator("a.card", has_text="draft")).to_have_count(1)
    await linh.go("#/outbox")
    await page.get_by_role("button", name="Take back").click()
    await expect(page.locator("#left")).to_contain_text("2 items are not complete.")
    assert await linh.states() == ["draft", "draft"]
