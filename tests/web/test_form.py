"""The phone form: filled in item by item, without a network too, and in the journal exactly once."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
import pytest_asyncio
from msgspec.structs import replace
from playwright.async_api import Browser, async_playwright, expect

from monitor.config.http import HttpTls
from monitor.core.inputs import RulesChanged
from monitor.core.venue.checklist import ChecklistItem
from monitor.runtime.certificates import Subject, issue, make_authority
from monitor.web.form.shell import version, worker
from tests.support.console import ConsoleSite, console_line, console_site
from tests.support.form_browser import SLOWLY, KillableBrowser, Phone, forms_in, items_in, phone
from tests.support.form_trust import served, trusting_browser
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

PIN, NAME = "274951", "monitor.venue.test"
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


async def test_a_full_phone_keeps_the_answers(linh: Phone) -> None:
    """A photo that has no room is refused in words; the answers and the form are safe."""
    await linh.limit_storage(800_000)
    page = await linh.open()
    await linh.begin("Fire safety of the hall")
    await linh.answer("pass")
    await linh.take_photo("noise")
    await expect(page.locator("#trouble")).to_contain_text("the photo is not kept")
    (form,) = await linh.rows()
    assert "exits-free" in str(form["answers"])


async def test_a_failed_door_is_repaired_and_inspected_again(
    linh: Phone,
    browser: Browser,
    site: ConsoleSite,
    network: PhoneNetwork,
    line: PipelineHarness,
) -> None:
    """Failed, with a corrective action; done by Bao, inspected again by Linh, whose form verifies it."""
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
    line.wait(3)
    actions = line.engine.state.work.actions
    (own,) = (name for name in actions if name.startswith(key))
    assert (actions[own].stage, actions[own].lead) == ("open", "safety")

    async with phone(browser, network.url) as bao:
        await bao.sign_in(site, "bao")
        await bao.open()
        await bao.page.locator("a.card", has_text="All exits are free").click()
        await bao.page.locator("#note").fill("chain is off")
        await bao.page.locator("#done").click()
        await expect(bao.page.locator("a.card", has_text="reported just now")).to_be_visible()
    line.wait(60)
    assert actions[own].stage == "done"

    await linh.open()
    await page.locator("a.card", has_text="done, to be inspected").click()
    await page.locator("#inspect").click()
    await linh.answer("pass")
    await linh.measure("4,1")
    await linh.answer("pass")
    await linh.finish(becomes="accepted")
    await linh.until_quiet()
    line.wait(60)
    assert actions[own].stage == "verified"
    assert line.engine.state.work.checklists["check"].answers["exits-free"].result == "pass"


async def test_a_new_version_is_used_when_somebody_says_so(
    linh: Phone, network: PhoneNetwork
) -> None:
    """A draft is open, a new worker comes: nothing reloads; «Use it», and the draft is as it was."""
    page = await linh.open(is_ready=True)
    await linh.begin("Fire safety of the hall")
    await linh.answer("pass")
    before = (await linh.rows())[0]["answers"]
    script = worker().replace(version().encode(), b"0123456789abcdef", 1)
    network.fails("GET /m/sw.js", Answers("200 OK", script, "text/javascript"))
    await page.evaluate("navigator.serviceWorker.ready.then((each) => each.update())")
    await expect(page.locator("#version")).to_contain_text("There is a new version")
    assert "cold-store" in page.url
    await page.locator("#version button").click()
    await expect(page.locator("#version")).to_be_hidden()
    await expect(page.locator("html[data-ready]")).to_be_attached()
    assert (await linh.rows())[0]["answers"] == before
    names = await page.evaluate("caches.keys()")
    assert names == [f"vm-shell-{version()}", "vm-shell-0123456789abcdef"]


async def test_a_worker_whose_files_are_missing_is_not_installed(
    linh: Phone, network: PhoneNetwork
) -> None:
    """One file of the new version is not there: the old worker stays, and the page says that it is ready with it."""
    page = await linh.open(is_ready=True)
    script = worker().replace(version().encode(), b"0123456789abcdef")
    network.fails("GET /m/sw.js", Answers("200 OK", script, "text/javascript"))
    await page.evaluate(
        "navigator.serviceWorker.ready.then((each) => each.update().catch(() => 0))"
    )
    await expect(page.locator("#offline")).to_contain_text("✓", timeout=SLOWLY)
    await expect(page.locator("#version")).to_be_hidden()
    await page.wait_for_function(
        "async (name) => (await caches.keys()).join() === name", arg=f"vm-shell-{version()}"
    )


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
    await linh.until_quiet()
    await linh.send()
    (form,) = forms_in(line)[before:]
    assert form.clock_uncertain
    assert await linh.states() == ["accepted"]
    assert len(set(network.bodies(PUT))) == 1


async def test_a_checklist_that_changes_meanwhile(
    linh: Phone, site: ConsoleSite, line: PipelineHarness
) -> None:
    """A draft stays with the version that it began with; the new one asks for a signature, which needs the PIN."""
    await site.accounts.set_pin("linh", PIN)
    page = await linh.open()
    await linh.begin("Fire safety of the hall")
    await linh.answer("pass")
    old = line.engine.state.rule_set
    signed = ChecklistItem(id="signed", text="Signed", kind="signature")
    lists = [
        replace(row, items=(*row.items, signed)) if row.id == "check" else row
        for row in old.venue.checklists
    ]
    venue = replace(old.venue, checklists=tuple(lists))
    now = line.clock.time
    line.pipeline.submit(
        RulesChanged(received_at=now, who="test", rule_set=replace(old, venue=venue))
    )
    try:
        await linh.open()
        await page.locator("a.card", has_text="draft").click()
        await expect(page.locator(".notice")).to_contain_text("This checklist has changed")
        await page.get_by_role("link", name="Go on").click()
        await linh.measure("4,1")
        await linh.answer("pass")
        await linh.finish(becomes="accepted")

        await linh.open()
        await linh.fill_in()
        await page.locator("#pin").fill("000000")
        await page.locator("#finish").click()
        await expect(page.locator(".sign .bad")).to_have_text("The PIN is wrong.")
        await page.locator("#pin").fill(PIN)
        await linh.finish(becomes="accepted")
    finally:
        line.pipeline.submit(RulesChanged(received_at=now, who="test", rule_set=old))
    first, second = forms_in(line)[-2:]
    assert first.version != second.version
    assert [row.item for row in first.items] == ["exits-free", "cold-store", "carpet"]
    assert [row.item for row in second.items] == ["exits-free", "cold-store", "carpet", "signed"]


async def test_by_name_over_the_venues_own_authority(
    tmp_path: Path, site: ConsoleSite, line: PipelineHarness
) -> None:
    """Trusted by the phone: it works offline. Over plain HTTP under the same name: online only, and a form arrives."""
    make_authority(tmp_path, Subject.read([NAME]), "National Congress", datetime.now(UTC))
    issue(tmp_path, Subject.read([NAME]), datetime.now(UTC))
    tls = HttpTls(cert_file=tmp_path / "monitor.pem", key_file=tmp_path / "monitor.key")
    before = len(forms_in(line))
    async with (
        served(site, tls.context()) as port,
        trusting_browser(tmp_path, tmp_path / "ca.pem", NAME) as context,
    ):
        linh = Phone(context, f"https://{NAME}:{port}")
        await linh.sign_in(site, "linh")
        await linh.open(is_ready=True)

        linh = Phone(context, f"http://{NAME}:{site.port}")
        await linh.sign_in(site, "linh")
        page = await linh.open()
        await expect(page.locator("#offline")).to_contain_text("Online only")
        await linh.fill_in()
        await linh.finish(becomes="accepted")
    assert len(forms_in(line)) == before + 1


async def test_two_who_correct_the_same_form(
    linh: Phone, site: ConsoleSite, network: PhoneNetwork, line: PipelineHarness
) -> None:
    """The second is told what the first has corrected, and corrects that; nothing is merged silently."""
    page = await linh.open()
    key = await linh.fill_in()
    await linh.finish(becomes="accepted")
    body = json.loads(network.bodies(PUT)[0])
    line.wait(60)
    body |= {"revision": 2, "at": f"{line.clock.time:%Y-%m-%dT%H:%M:%SZ}", "signature": None}
    body["items"][2] |= {"result": "fail", "note": "seen later"}
    async with site.client("linh") as client:
        answer = await client.put("/api/v1/inspections/other-phone", json=body)
        assert answer.status_code == 201, answer.text
    line.wait(60)

    await page.locator("#amend").click()
    await expect(page.locator("#finish")).to_be_visible()
    await linh.finish(becomes="refused")
    await expect(page.locator(".items .bad")).to_contain_text("in the newer form: did not pass")
    await page.locator("#correct").click()
    await expect(page.locator("#finish")).to_be_visible()
    await linh.finish(becomes="accepted")
    sent = [json.loads(row) for row in network.bodies(PUT)]
    assert [row["revision"] for row in sent] == [1, 2, 3]
    assert {row["inspection"] for row in sent} == {key}


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
