"""The phone form: filled in item by item, without a network too, and in the journal exactly once."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from tests.support.console import ConsoleSite, console_line, console_site
from tests.support.form_browser import KillableBrowser, Phone, forms_in, phone
from tests.support.phone_network import (
    Answers,
    CutsRequest,
    Fault,
    LosesAnswer,
    PhoneNetwork,
    phone_network,
)
from tests.support.pipeline import PipelineHarness

pytestmark = pytest.mark.asyncio(loop_scope="module")

PUT = "PUT /api/v1/inspections/"
PORTAL = Answers("200 OK", b"<html>Welcome to our hotel</html>", "text/html")


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PipelineHarness]:
    """One pipeline for all tests."""
    with console_line(tmp_path_factory.mktemp("line")) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(
    tmp_path_factory: pytest.TempPathFactory, line: PipelineHarness
) -> AsyncIterator[ConsoleSite]:
    """A console with two engineers."""
    async with console_site(tmp_path_factory.mktemp("site"), line) as made:
        await made.add("linh", "engineer")
        await made.add("bao", "engineer")
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def network(site: ConsoleSite) -> AsyncIterator[PhoneNetwork]:
    """The way from the phone to the monitor."""
    async with phone_network(site.port) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def linh(browser: Browser, site: ConsoleSite, network: PhoneNetwork) -> AsyncIterator[Phone]:
    """The phone of an engineer."""
    async with phone(browser, network.url) as made:
        await made.sign_in(site, "linh")
        yield made


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
    await expect(page.locator("#outcome")).to_contain_text("At 14:02, no. ")
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


async def test_a_killed_browser_keeps_every_answer(
    tmp_path: Path, site: ConsoleSite, network: PhoneNetwork, line: PipelineHarness
) -> None:
    """Killed after an answer, and after «Finish» without a network: three forms are in the journal, in their order."""
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
            await linh.page.goto(f"{network.url}/m/#/form/{key}/item/cold-store")
            await linh.measure("4.2")
            await linh.answer("pass")
            await linh.finish(becomes="queued")
            for _ in range(2):
                await linh.open()
                await linh.fill_in()
                await linh.finish(becomes="queued")
            await browser.kill()
            assert len(forms_in(line)) == before

            await network.restore()
            linh = await browser.start(network.url)
            await linh.sign_in(site, "linh")
            await linh.open()
            await expect(linh.page.locator("#state")).to_be_hidden()
            assert await linh.states() == ["accepted"] * 3
        finally:
            await browser.kill()
    arrived = forms_in(line)[before:]
    assert len(arrived) == 3
    assert arrived[0].inspection == key
    assert [row.at for row in arrived] == sorted(row.at for row in arrived)


FAULTS: Mapping[str, Fault] = {
    "the answer is lost": LosesAnswer(),
    "half of the body arrives": CutsRequest(),
    "500": Answers("500 Internal Server Error", b"{}"),
    "503 from a proxy": Answers("503 Service Unavailable", b"<html>", "text/html"),
    "429": Answers("429 Too Many Requests", b"{}"),
    "a portal": PORTAL,
    "a portal that leads away": Answers("302 Found", location="https://portal.example/"),
    "a receipt of another form": Answers("200 OK", b'{"digest": "0", "key": "x"}'),
    "still at work on it": Answers(
        "409 Conflict", b'{"type": "urn:venue-monitor:in-progress", "status": 409}'
    ),
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
        assert await linh.states() in (["queued"], ["accepted"])
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
    await page.goto(f"{network.url}/m/#/form/{key}")
    await expect(page.locator(".items .bad")).to_contain_text("A stain needs a note.")
    await page.locator("#correct").click()
    await expect(page.locator("#finish")).to_be_visible()
    await page.locator("a.card", has_text="carpet").click()
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
    await expect(linh.page.locator("main")).to_contain_text("Held for linh")
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
    await network.restore()
    other = await linh.context.new_page()
    await other.goto(f"{network.url}/m/#/outbox")
    await linh.page.goto(f"{network.url}/m/#/outbox")
    await asyncio.gather(*(page.locator("#send").click() for page in (other, linh.page)))
    for page in (other, linh.page):
        await expect(page.locator("#state")).to_be_hidden()
    assert len(network.bodies(PUT)) == 1
