"""The queue of the form: in the journal exactly once, whatever the network, the browser and others do."""

import asyncio
import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.async_api import async_playwright, expect

from tests.support.console import ConsoleSite
from tests.support.form_browser import KillableBrowser, Phone, forms_in
from tests.support.phone_network import (
    Answers,
    CutsRequest,
    Fault,
    LosesAnswer,
    PhoneNetwork,
)
from tests.support.pipeline import PipelineHarness

pytestmark = pytest.mark.asyncio(loop_scope="session")

PUT = "PUT /api/v1/inspections/"
SLOW_PHOTOS = """() => {
    const real = window.fetch;
    const released = new Promise((resolve) => (window.release = resolve));
    window.fetch = async (...given) => {
        if (`${given[0]}`.includes("/photos/")) {
            window.isHeld = true;
            await released;
        }
        return real(...given);
    };
}"""
"""Sends no photo until `release` is called."""
PORTAL = Answers("200 OK", b"<html>Welcome to our hotel</html>", "text/html")


async def test_a_killed_browser_keeps_every_answer(
    tmp_path: Path, site: ConsoleSite, network: PhoneNetwork, line: PipelineHarness
) -> None:
    """Killed after an answer and after «Finish», offline: three forms in the journal, in order, photos whole."""
    before = len(forms_in(line))
    async with async_playwright() as playwright:
        browser = KillableBrowser(playwright, tmp_path / "profile")
        try:
            linh = await browser.start(network.url)
            await linh.sign_in(site, "linh")
            await linh.open(is_ready=True)
            await network.cut()
            key = await linh.begin("Fire safety of the hall")
            await linh.answer("pass")
            await browser.kill()

            linh = await browser.start(network.url)
            await linh.open()
            assert await linh.states() == ["draft"]
            await linh.go(f"#/form/{key}/item/cold-store")
            for colour in ("navy", "olive", "teal"):
                if colour != "navy":
                    await linh.open()
                    await linh.begin("Fire safety of the hall")
                    await linh.answer("pass")
                await linh.measure("4.2")
                await linh.take_photo(colour)
                await linh.answer("pass")
                await linh.finish(becomes="queued")
            await browser.kill()
            assert len(forms_in(line)) == before

            await network.restore()
            linh = await browser.start(network.url)
            await linh.sign_in(site, "linh")
            await linh.open()
            await expect(linh.page.locator("#state")).to_be_hidden()
            assert await linh.states() == ["accepted"] * 3
            photos = [str(row["sha256"]) for row in await linh.rows("photos") if row["sent"]]
        finally:
            await browser.kill()
    arrived = forms_in(line)[before:]
    assert len(arrived) == 3
    assert arrived[0].inspection == key
    assert [row.at for row in arrived] == sorted(row.at for row in arrived)
    named = [photo.sha256 for row in arrived for item in row.items for photo in item.evidence]
    assert len(named) == 3
    assert set(photos) == set(named)
    for digest in named:
        content = line.journal.photos.read(digest)
        assert content is not None
        assert sha256(content).hexdigest() == digest


FAULTS: Mapping[str, Fault] = {
    "the answer is lost": LosesAnswer(),
    "half of the body arrives": CutsRequest(),
    "500": Answers("500 Internal Server Error", b"{}"),
    "503 from a proxy": Answers("503 Service Unavailable", b"<html>", "text/html"),
    "429": Answers("429 Too Many Requests", b"{}"),
    "a portal": PORTAL,
    "a portal that leads away": Answers("302 Found", location="https://portal.example/"),
    "a receipt of another form": Answers("200 OK", b'{"digest": "0", "key": "x"}'),
}
"""What only means «again»."""


async def test_what_is_no_refusal_is_sent_again(
    linh: Phone, network: PhoneNetwork, line: PipelineHarness
) -> None:
    """Lost, cut, overloaded, a portal, a foreign receipt: the same bytes again, and one form in the journal."""
    before = len(forms_in(line))
    await linh.open()
    await linh.fill_in()
    network.fails(PUT, *FAULTS.values())
    await linh.finish(becomes="queued")
    for _ in FAULTS:
        await linh.send()
    assert network.faults == []
    assert await linh.states() == ["accepted"]
    assert len(forms_in(line)) == before + 1
    assert len(set(network.bodies(PUT))) == 1


async def test_a_refused_form_holds_up_nobody(
    linh: Phone, network: PhoneNetwork, line: PipelineHarness
) -> None:
    """The first can never be taken: the second goes; the refused one is corrected under a new key, which counts."""
    before = len(forms_in(line))
    await linh.open(is_ready=True)
    await network.cut()
    key = await linh.fill_in()
    await linh.finish(becomes="queued")
    await linh.open()
    await linh.fill_in()
    await linh.finish(becomes="queued")
    await network.restore()
    reason = {"item": "carpet", "reason": "A stain needs a note.", "write": "Write where it is."}
    body = json.dumps({"type": "x", "title": "x", "detail": "One is wrong.", "items": [reason]})
    network.fails(PUT, Answers("422 Unprocessable Content", body.encode()))
    await linh.send()
    assert await linh.states() == ["refused", "accepted"]
    assert len(forms_in(line)) == before + 1

    page = linh.page
    await linh.go(f"#/form/{key}")
    await expect(page.locator(".items .bad")).to_contain_text("A stain needs a note.")
    await page.locator("#correct").click()
    await expect(page.locator("#finish")).to_be_visible()
    await page.locator("a.card", has_text="carpet").click()
    await linh.shown()
    await page.get_by_label("Note").fill("at the door")
    await linh.go_on()
    await linh.finish(becomes="accepted")
    assert sorted(map(str, await linh.states())) == ["accepted", "accepted", "binned"]
    form = forms_in(line)[-1]
    assert (len(forms_in(line)), form.items[2].note) == (before + 2, "at the door")


async def test_another_accounts_forms_are_held(
    linh: Phone, site: ConsoleSite, network: PhoneNetwork, line: PipelineHarness
) -> None:
    """Signed out in a cellar, and Bao signs in upstairs: Linh's form waits for Linh, and then goes by itself."""
    before = len(forms_in(line))
    await linh.open(is_ready=True)
    await network.cut()
    await linh.fill_in()
    await linh.finish(becomes="queued")
    await network.restore()
    await linh.sign_in(site, "")
    await linh.open()
    await expect(linh.page.locator("#state")).to_contain_text("You are not signed in.")
    await linh.sign_in(site, "bao")
    await linh.send()
    await expect(linh.page.locator("main")).to_contain_text("Held for Linh")
    assert (len(forms_in(line)), await linh.states()) == (before, ["queued"])
    await linh.sign_in(site, "linh")
    await linh.open()
    assert await linh.states() == ["accepted"]
    assert [row.inspector for row in forms_in(line)[before:]] == ["linh"]


async def test_two_pages_send_once(linh: Phone, network: PhoneNetwork) -> None:
    """Two pages of one browser press «Send now» at once: one request."""
    await linh.open(is_ready=True)
    await network.cut()
    await linh.fill_in()
    await linh.finish(becomes="queued")
    other = Phone(linh.context, network.url, await linh.context.new_page())
    await other.open()
    for each in (other, linh):
        await each.go("#/outbox")
        await expect(each.page.locator("#state")).to_contain_text("1 form waits")
    await network.restore()
    await asyncio.gather(*(each.page.locator("#send").click() for each in (other, linh)))
    for each in (other, linh):
        await each.until_quiet()
        await expect(each.page.locator("#state")).to_be_hidden()
    assert len(network.bodies(PUT)) == 1


async def test_what_is_finished_while_photos_are_sent_follows_them(
    linh: Phone, network: PhoneNetwork
) -> None:
    """The round under way is past the forms: another one follows it, and nobody waits for a minute."""
    page = await linh.open()
    await page.evaluate(SLOW_PHOTOS)
    await linh.begin("Fire safety of the hall")
    await linh.take_photo("navy")
    await linh.answer("pass")
    await linh.measure("4,1")
    await linh.answer("pass")
    await page.locator("#finish").click()
    await page.wait_for_function("() => window.isHeld")
    await linh.go("#/")
    await linh.fill_in()
    await page.locator("#finish").click()
    await expect(page.locator("#outcome.queued")).to_be_visible()
    await page.evaluate("window.release()")
    await linh.until_quiet()
    assert await linh.states() == ["accepted"] * 2
    assert len(network.bodies(PUT)) == 2


async def test_a_right_that_comes_later_is_tried_again(
    linh: Phone, network: PhoneNetwork, line: PipelineHarness
) -> None:
    """403: refused and kept; «Try again» sends the same bytes, which are taken once the right is there."""
    before = len(forms_in(line))
    await linh.open()
    key = await linh.fill_in()
    body = json.dumps({"type": "urn:venue-monitor:right-missing", "status": 403, "detail": "no"})
    network.fails(PUT, Answers("403 Forbidden", body.encode()))
    await linh.finish(becomes="refused")
    await linh.page.get_by_role("button", name="Try again").click()
    await expect(linh.page.locator("#outcome.accepted")).to_be_visible()
    first, second = network.bodies(PUT)
    assert first == second
    assert [row.inspection for row in forms_in(line)[before:]] == [key]


async def test_a_clock_that_jumps_in_mid_form_is_said_and_changes_nothing_else(
    linh: Phone, network: PhoneNetwork, line: PipelineHarness
) -> None:
    """Two hours ahead after the last contact, set right before the retry: one form, marked uncertain."""
    before = len(forms_in(line))
    page = await linh.open(is_ready=True)
    await network.cut()
    await page.evaluate("{ const now = Date.now; Date.now = () => now() + 7_200_000; }")
    await linh.fill_in()
    await linh.finish(becomes="queued")
    await network.restore()
    network.fails(PUT, LosesAnswer())
    await linh.open()
    await linh.send()
    (form,) = forms_in(line)[before:]
    assert form.clock_uncertain
    assert await linh.states() == ["accepted"]
    assert len(set(network.bodies(PUT))) == 1


async def test_two_hundred_phones_come_back_at_once(
    linh: Phone, site: ConsoleSite, network: PhoneNetwork, line: PipelineHarness
) -> None:
    """Each sends a form of its own, some again because the answer was late: 200 forms in the journal."""
    await linh.open()
    await linh.fill_in()
    await linh.finish(becomes="accepted")
    body, before = json.loads(network.bodies(PUT)[0]), len(forms_in(line))
    async with site.client("linh") as client:

        async def send(number: int) -> list[int]:
            own = {**body, "inspection": f"visit-{number}"}
            path = f"/api/v1/inspections/phone-{number}"
            times = 1 if number % 10 else 2
            return [(await client.put(path, json=own)).status_code for _ in range(times)]

        answers = await asyncio.gather(*map(send, range(200)))
    assert answers == [[201, 200] if number % 10 == 0 else [201] for number in range(200)]
    assert len(forms_in(line)) == before + 200
