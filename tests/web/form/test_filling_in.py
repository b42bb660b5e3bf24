"""An inspection on the phone: item by item, with photos and actions, to its receipt and what follows."""

from hashlib import sha256

import pytest
from playwright.async_api import Browser, expect

from tests.support.console import ConsoleSite
from tests.support.form_browser import TAKE, Phone, forms_in, items_in, phone
from tests.support.phone_network import (
    CutsRequest,
    PhoneNetwork,
)
from tests.support.pipeline import PipelineHarness

pytestmark = pytest.mark.asyncio(loop_scope="session")

PUT = "PUT /api/v1/inspections/"
TWICE = "(each) => { each.click(); each.click(); }"
SLOW_CAMERA = """() => {
    const real = window.createImageBitmap;
    const released = new Promise((resolve) => (window.release = resolve));
    window.createImageBitmap = async (...given) => {
        window.isHeld = true;
        await released;
        return real(...given);
    };
}"""
"""Lets no photo be read until `release` is called."""
FULL = """() => {
    const real = IDBDatabase.prototype.transaction;
    window.isFull = true;
    IDBDatabase.prototype.transaction = function (...given) {
        if (window.isFull && given[1] === "readwrite") {
            throw new DOMException("", "QuotaExceededError");
        }
        return real.apply(this, given);
    };
}"""
"""Refuses every write, as a browser does on a full disk."""


async def test_a_form_is_filled_in_and_received(linh: Phone, line: PipelineHarness) -> None:
    """Item by item to the receipt; the measured value in Arabic digits, n/a with its reason, and a note."""
    await linh.open()
    key = await linh.begin("Fire safety of the hall")
    await linh.answer("pass")
    await linh.measure("\u0664\u066b\u0661")
    page = linh.page
    await page.locator(".answers .na").click()
    await expect(page.locator("#lacks")).to_have_text("Say why it does not apply.")
    await page.get_by_role("button", name="not in use today").click()
    await page.get_by_label("Note").fill("taken up for cleaning")
    await linh.go_on()
    await linh.finish(becomes="accepted")
    await expect(page.locator("#outcome")).to_contain_text(", no. ")
    line.wait(3)
    await expect(page.locator("#outcome [data-state]")).to_be_visible()

    form = forms_in(line)[-1]
    assert (form.inspection, form.inspector) == (key, "linh")
    assert [(row.item, row.result, row.value) for row in form.items] == [
        ("exits-free", "pass", None),
        ("cold-store", "pass", 4.1),
        ("carpet", "na", None),
    ]
    assert (form.items[2].na_reason, form.items[2].note) == (
        "not in use today",
        "taken up for cleaning",
    )
    assert not form.clock_uncertain


async def test_a_failed_critical_item_does_not_wait(
    linh: Phone, network: PhoneNetwork, line: PipelineHarness
) -> None:
    """A locked exit is in the journal before the form is finished."""
    await linh.open()
    key = await linh.begin("Fire safety of the hall")
    await linh.answer("fail")
    await linh.until_quiet()
    (item,) = (row for row in items_in(line) if row.inspection == key)
    assert (item.item, item.result, item.inspector) == ("exits-free", "fail", "linh")
    assert len(network.bodies("PUT /api/v1/items/")) == 1


async def test_photos_follow_their_form_and_are_resumed(
    linh: Phone, network: PhoneNetwork, line: PipelineHarness, site: ConsoleSite
) -> None:
    """Two photos offline; the form first, one photo is cut on its way and only that is sent again, byte by byte."""
    await linh.open(is_ready=True)
    await network.cut()
    await linh.begin("Fire safety of the hall")
    await linh.answer("pass")
    await linh.measure("4,1")
    await linh.page.locator(".answers .fail").click()
    for colour in ("red", "green"):
        await linh.take_photo(colour)
    await expect(linh.page.locator(".photos img")).to_have_count(2)
    await linh.go_on()
    await linh.finish(becomes="queued")
    await network.restore()
    network.fails("PUT /api/v1/photos/", CutsRequest())
    await linh.send()
    await linh.send()
    photos = {str(row["sha256"]): row for row in await linh.rows("photos")}
    assert [row["sent"] for row in photos.values()] == [True, True]
    names = [row for row, _ in network.requests]
    assert names.index(next(row for row in names if row.startswith(PUT))) < names.index(
        next(row for row in names if "/photos/" in row)
    )
    assert len(network.bodies("PUT /api/v1/photos/")) == 3
    assert {row.sha256 for row in forms_in(line)[-1].items[2].evidence} == set(photos)
    async with site.client("linh") as client:
        for digest in photos:
            answer = await client.get(f"/api/v1/photos/{digest}")
            assert sha256(answer.content).hexdigest() == digest


async def test_a_form_waits_for_its_photo(linh: Phone, line: PipelineHarness) -> None:
    """Whoever presses «Next» at once after taking a photo sends it with the item and the form, on a slow phone too."""
    page = await linh.open()
    await page.evaluate(SLOW_CAMERA)
    await linh.begin("Fire safety of the hall")
    await page.locator(".answers .fail").click()
    await page.evaluate(TAKE, "maroon")
    await page.wait_for_function("() => window.isHeld")
    await page.locator("#next").click()
    await page.evaluate("window.release()")
    await expect(page.locator("#value")).to_be_visible()
    await linh.shown()
    await linh.measure("4,1")
    await linh.answer("pass")
    await linh.finish(becomes="accepted")
    assert [len(row.evidence) for row in forms_in(line)[-1].items] == [1, 0, 0]
    assert len(items_in(line)[-1].evidence) == 1


async def test_a_full_phone_keeps_the_answers(new_phone: Phone) -> None:
    """It says beforehand that it may forget; a photo that has no room is refused in words; the answers are safe."""
    await new_phone.limit_storage(800_000)
    page = await new_phone.open()
    await expect(page.locator("#kept")).to_contain_text("This browser may forget")
    await new_phone.begin("Fire safety of the hall")
    await new_phone.answer("pass")
    await new_phone.take_photo("noise")
    await expect(page.locator("#trouble")).to_contain_text("the photo is not kept")
    (form,) = await new_phone.rows()
    assert "exits-free" in str(form["answers"])


async def test_a_full_phone_forgets_photos_that_were_sent(new_phone: Phone) -> None:
    """What the monitor has makes room for what it has not."""
    await new_phone.limit_storage(4_000_000)
    page = await new_phone.open()
    for _ in range(2):
        await new_phone.begin("Fire safety of the hall")
        await new_phone.answer("pass")
        await new_phone.measure("4,1")
        await new_phone.take_photo("noise")
        await expect(page.locator("#trouble")).to_be_hidden()
        await new_phone.answer("pass")
        await new_phone.finish(becomes="accepted")
        await new_phone.open()
    assert len(await new_phone.rows("photos")) == 1


async def test_a_full_phone_says_that_it_cannot_send(
    linh: Phone, network: PhoneNetwork, line: PipelineHarness
) -> None:
    """The form waits, the phone says why, and sends it once there is room."""
    before = len(forms_in(line))
    page = await linh.open(is_ready=True)
    await network.cut()
    await linh.fill_in()
    await linh.finish(becomes="queued")
    await page.evaluate(FULL)
    await network.restore()
    await linh.send()
    await expect(page.locator("#trouble")).to_contain_text("This phone is full")
    assert (len(forms_in(line)), await linh.states()) == (before, ["queued"])
    await linh.go("#/")
    await page.locator("button.card", has_text="Fire safety of the hall").click()
    await expect(page.locator("#trouble")).to_contain_text("that is not kept")
    await page.evaluate("window.isFull = false")
    await linh.send()
    await expect(page.locator("#trouble")).to_be_hidden()
    assert await linh.states() == ["accepted"]
    assert len(forms_in(line)) == before + 1


async def test_a_failed_door_is_repaired_and_inspected_again(
    linh: Phone,
    browser: Browser,
    site: ConsoleSite,
    network: PhoneNetwork,
    line: PipelineHarness,
) -> None:
    """Failed, with an action; done by Bao, verified by Linh's next form; each reported once, if pressed twice, too."""
    page = await linh.open()
    key = await linh.begin("Fire safety of the hall")
    await page.locator(".answers .fail").click()
    await page.locator("#act").click()
    await page.get_by_role("button", name="in 1 hour").click()
    await page.get_by_label("What is to be done").fill("take the chain off")
    await linh.go_on()
    await linh.measure("4,1")
    await linh.answer("pass")
    await linh.finish(becomes="accepted")
    line.wait(60)
    actions = line.engine.state.work.actions
    (own,) = (name for name in actions if name.startswith(key))
    assert (actions[own].stage, actions[own].lead) == ("open", "safety")

    async with phone(browser, network.url) as bao:
        await bao.sign_in(site, "bao")
        await bao.open()
        await bao.page.locator("a.card", has_text="All exits are free").click()
        await bao.page.locator("#note").fill("chain is off")
        await bao.page.locator("#done").evaluate(TWICE)
        await expect(bao.page.locator("a.card", has_text="reported just now")).to_be_visible()
        await bao.until_quiet()
    line.wait(60)
    assert actions[own].stage == "done"

    await linh.open()
    await page.locator("a.card", has_text="done, to be inspected").click()
    await page.locator("#inspect").click()
    await linh.answer("pass")
    await linh.measure("4,1")
    await linh.answer("pass")
    await page.locator("#finish").evaluate(TWICE)
    await expect(page.locator("#outcome.accepted")).to_be_visible()
    await linh.until_quiet()
    line.wait(60)
    assert actions[own].stage == "verified"
    reports = [row for row, _ in network.requests if row.startswith("POST /api/v1/actions/")]
    assert [row.rpartition("/")[2] for row in reports] == ["done", "verified"]
    assert line.engine.state.work.checklists["check"].answers["exits-free"].result == "pass"
